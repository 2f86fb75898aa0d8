"""Ten jobs, one of each kind, as the cells of a notebook; none needs an engine."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from imagewidget.jobs.job import Job
from imagewidget.panel.panel import Panel
from tests.browser.frontends import START

SETUP = """\
import imagewidget as iw
from tests.browser import scenes
from tests.browser.ten_jobs import moving
"""
REFERENCE = "owner/env:1"
RUNNING = "Saved while the job was running"
LONG = 600  # seconds, longer than a notebook needs to be opened, run and saved


@dataclass(frozen=True)
class Kind:
    """One job.

    Attributes:
        name: What kind of job it is.
        source: The cell that starts and shows it.
        chip: What the live panel shows in its chip, or how that begins.
        stays: What the saved card says.
    """

    name: str
    source: str
    chip: str
    stays: tuple[str, ...]


def _replay(name: str, until: float | None = None) -> str:
    paused = "" if until is None else f", until={until}"
    return f'job = iw.replay("demo/{name}", speed=float("inf"){paused})'


KINDS = (
    Kind("done", _replay("done"), "Done", ("done in 3.0 s", "9 layers", "627 MB")),
    Kind("warnings", _replay("warnings"), "Done", ("done in 6.4 s", "9 steps", "3 warnings")),
    Kind(
        "failed-pull",
        _replay("failed-pull"),
        "Failed",
        (
            "failed after 14 s",
            "ghcr.io, attempt 3 of 3",
            "docker.io denied access",
            "Check the network",
        ),
    ),
    Kind(
        "failed-build",
        _replay("failed-build"),
        "Failed",
        (
            "failed after 5.7 s",
            "failed with exit code 1",
            "RUN pip install",
            "No matching distribution",
        ),
    ),
    Kind("cancelled", _replay("cancelled"), "Cancelled", ("cancelled after 5.8 s", "9 layers")),
    Kind("queued", _replay("queued", 0.4), "Queued", ("Saved before the job had started",)),
    Kind("retrying", _replay("retrying", 7), "Retrying", (RUNNING, "retrying in")),
    Kind("pulling", f"moving(scenes.pull(9, seconds={LONG}))", "Pulling", (RUNNING, "pulling")),
    Kind(
        "building",
        f"moving(scenes.build(20_000, seconds={LONG}))",
        "Building",
        (RUNNING, "RUN make everything", "compiling module"),
    ),
    Kind("eighty-layers", _replay("eighty-layers"), "Done", ("done in 2 m 25 s", "80 layers")),
)
CELLS = [SETUP + KINDS[0].source, *(kind.source for kind in KINDS[1:])]


def moving(job: Job) -> Panel:
    """Return the panel of a job once the job has something to show."""
    while not (job.state.bytes_done or job.state.log_length):
        time.sleep(0.05)
    return job.panel


def check_cards(cards: Locator) -> None:
    """Check that a page shows every job, and no widget that it cannot load.

    Call it once for a page: it scrolls down, and JupyterLab 4.4 hides the cells far above.
    """
    expect(cards).to_have_count(len(KINDS), timeout=START)
    for card, kind in zip(cards.all(), KINDS, strict=True):
        card.scroll_into_view_if_needed()
        expect(card).to_be_visible()
        for words in (REFERENCE, *kind.stays):
            expect(card).to_contain_text(words)
    for words in ("Error displaying widget", "Loading widget", "model not found"):
        expect(cards.page.get_by_text(words)).to_have_count(0)
