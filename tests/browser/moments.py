"""The moments of the gallery on a plain page, without a kernel."""

from __future__ import annotations

from playwright.sync_api import Page

import imagewidget as iw
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from tests.browser.harness import Harness, Theme
from tests.gallery import Moment


def frozen(moment: Moment) -> tuple[State, Log]:
    """Return the state and the log at a moment."""
    name = f"demo/{moment.name}"
    job = iw.replay(name, speed=float("inf"), until=moment.until, display=False)
    state, log = job.state, job.log
    job.cancel()
    return state, log


def show(page: Page, state: State, log: Log, theme: Theme) -> Harness:
    """Show a state and its log on a page."""
    harness = Harness(page, theme)
    harness.show(state, log)
    return harness
