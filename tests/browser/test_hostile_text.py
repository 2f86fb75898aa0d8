"""Text from registries, builds and names is shown as text, in the panel and the saved HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from imagewidget.displays.html import render
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    SourceLine,
    Started,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from tests.browser.moments import show
from tests.hostile import EVERYTHING, HOSTILE, SCRIPT
from tests.told import told

BAD = EVERYTHING
ATTEMPT = AttemptError(BAD, BAD, 1, "PullFailed", BAD)

PULL: tuple[Event, ...] = (
    Started("pull", BAD, BAD),
    AttemptStarted(BAD, BAD, 1, 3),
    AttemptFailed(ATTEMPT),
    AttemptStarted(BAD, BAD, 2, 3),
    LayerChanged(BAD, LayerPhase.DONE),
    LayerChanged(f"{BAD}2", LayerPhase.DOWNLOADING, 1, 2),
    *(LogWritten(f"{text}\n") for text in HOSTILE),
)
RUNS: dict[str, tuple[Event, ...]] = {
    "a pull that failed": (*PULL, Failed(ErrorInfo("PullFailed", BAD, BAD, attempts=(ATTEMPT,)))),
    "a pull that is done": (*PULL, Finished(Image(BAD, BAD, BAD, 1, BAD))),
    "a build that failed": (
        Started("build", BAD, BAD),
        BuildStarted("buildkit"),
        StepChanged("1", BAD, StepStatus.FAILED, BAD, 1, 2, 1.0, 2.0, error=BAD),
        TransferChanged("1", BAD, BAD, 1, 2),
        BuildWarned(BAD, BAD, "javascript:window.hacked=true", "1"),
        *(LogWritten(f"{text}\n", "1") for text in HOSTILE),
        Failed(ErrorInfo("BuildFailed", BAD, BAD, (BAD,), BAD, 1, 1, (SourceLine(1, BAD),))),
    ),
}

# Find elements that hostile text could have added to the page.
STRANGERS = """root => [
  ...root.querySelectorAll('script, img, h1, style, iframe, [onerror], [onmouseover]'),
  ...[...root.querySelectorAll('a')].filter(a => !/^https?:/.test(a.getAttribute('href'))),
].map(element => element.outerHTML)"""


def is_harmless(page: Page, text: str) -> None:
    assert page.evaluate("window.hacked") is None
    assert SCRIPT in text
    assert not any(ord(character) < 32 and character not in "\n\t" for character in text), (
        "a control character"
    )
    assert "\u202e" not in text
    assert "<U+202E>" in text


@pytest.mark.parametrize("run", RUNS)
def test_in_the_panel(page: Page, run: str) -> None:
    harness = show(page, *told(*RUNS[run]), "light")
    for closed in harness.panel.locator('[aria-expanded="false"]').all():
        closed.click()
    harness.settle()
    assert harness.panel.evaluate(STRANGERS) == []
    is_harmless(page, harness.panel.inner_text())
    expect(harness.panel.locator(".iw-log")).to_contain_text("nul␀bell")
    assert harness.errors == []


@pytest.mark.parametrize("run", RUNS)
def test_in_the_saved_html(page: Page, run: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.html"
    html = f'<!doctype html><meta charset="utf-8"><body>{render(*told(*RUNS[run]))}'
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.locator("body").evaluate(STRANGERS) == []
    is_harmless(page, page.locator("body").inner_text())
