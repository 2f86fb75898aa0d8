"""The moments of the gallery on a page of their own, without a kernel."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

import imagewidget as iw
from imagewidget.panel import wire
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from tests.browser.harness import Harness, Theme
from tests.gallery import RECORDINGS, Moment


def frozen(moment: Moment) -> tuple[State, Log]:
    """Give what is known at a moment."""
    path = RECORDINGS / f"{moment.name}.jsonl"
    job = iw.replay(path, speed=float("inf"), until=moment.until, display=False)
    state, log = job.state, job.log
    job.cancel()
    return state, log


def show(page: Page, state: State, log: Log, theme: Theme) -> Harness:
    """Draw a state with its log."""
    harness = Harness(page, theme)
    steps = {step.id: index for index, step in enumerate(state.steps)}
    lines: list[list[Any]] = [
        wire.line(entry, steps.get(entry.step or "", -1)) for entry in log.lines(0, len(log))
    ]
    harness.show(state, lines)
    return harness
