"""Limits on the work that the panel causes in the browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from imagewidget.panel import log_cursor, wire
from imagewidget.progress.events import LayerPhase
from imagewidget.progress.state import LayerState, State
from tests.browser import states
from tests.browser.harness import Harness

FRAMES = 100
LINES = 100_000

# Apply frames as fast as the page draws them, and return the most changes to the document that
# one frame made. How long they take is measured by `make bench`, where nothing else runs.
PLAY = """async frames => {
  let changes = 0;
  const watch = new MutationObserver(records => { changes += records.length; });
  const what = { subtree: true, childList: true, attributes: true, characterData: true };
  watch.observe(document.querySelector(".iw"), what);
  const counts = [];
  for (const frame of frames) {
    changes = 0;
    harness.message(frame);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
    counts.push(changes);
  }
  return Math.max(...counts.slice(1));
}"""
MOST_CHANGES = 500
"""In one frame, with 64 layers that all move: a few for each layer and each visible line."""


def moving(tick: int) -> State:
    """Return 64 layers that all move, and a log that grows by a thousand lines per frame."""
    layers = tuple(
        LayerState(
            f"{index:012x}", LayerPhase.DOWNLOADING, tick * 90_000 + index, 10**7, speed=tick
        )
        for index in range(64)
    )
    return states.pull(
        1,
        layers=layers,
        fraction=tick / FRAMES,
        log_length=tick * LINES // FRAMES,
        elapsed=tick / 10,
    )


def frames() -> list[dict[str, object]]:
    """Return the frames of ten seconds, with the log lines that the kernel would push."""
    sent: list[dict[str, object]] = []
    before: State | None = None
    for tick in range(FRAMES + 1):
        state = moving(tick)
        last = state.log_length
        lines = [
            [number, f"\x1b[32mline\x1b[0m {number} of a very busy build"]
            for number in range(max(0, last - log_cursor.TAIL_LINES), last)
        ]
        kind = "frame" if before else "snapshot"
        body = wire.changes(before, state)
        sent.append({"v": 1, "type": kind, "run": 1, "seq": tick + 1, **body, "lines": lines})
        before = state
    return sent


@pytest.mark.parametrize(("number", "glides"), [(12, True), (13, False)])
def test_only_a_few_bars_glide(page: Page, number: int, *, glides: bool) -> None:
    """A transition of 64 bars at once is most of the browser's work for the panel."""
    harness = Harness(page)
    state = moving(1)
    harness.show(replace(state, layers=state.layers[:number]))
    bar = harness.panel.locator(".iw-layer .iw-bar-first").first
    expect(bar).to_have_css("transition-duration", "0.25s" if glides else "0s")


def test_64_moving_layers_and_100_000_lines_change_little_of_the_page(page: Page) -> None:
    harness = Harness(page)
    changes = harness.page.evaluate(PLAY, frames())
    assert harness.errors == []
    assert harness.panel.locator(".iw-log .iw-fold-note").inner_text() == "100\u202f000 lines"
    assert harness.panel.locator(".iw-lines .iw-line").count() < 60
    assert 64 < changes < MOST_CHANGES


def test_a_job_with_80_layers_draws_few_rows(page: Page) -> None:
    harness = Harness(page)
    harness.show(states.done(80))
    assert harness.panel.locator("li").count() <= 3
    harness.show(replace(states.done(80), elapsed=1.0))
    assert page.evaluate("document.querySelectorAll('.iw *').length") < 250


def test_missing_lines_are_requested_once(page: Page) -> None:
    harness = Harness(page)
    harness.show(states.pull(1, log_length=5_000))
    assert harness.sent("lines") == []
    harness.panel.get_by_role("button", name="Log").click()
    harness.settle()
    page.wait_for_timeout(600)
    asked = [(request["start"], request["stop"]) for request in harness.sent("lines")]
    assert len(asked) == len(set(asked)) == 1
    start, stop = asked[0]
    assert stop == 5_000
    assert stop - start < 200


def test_a_missed_frame_makes_the_panel_request_a_snapshot(page: Page) -> None:
    harness = Harness(page)
    harness.show(states.pull(3))
    asked = len(harness.sent("hello"))
    harness.message(type="frame", seq=9, set={"bytes_done": 1})
    harness.message(type="frame", seq=10, set={"bytes_done": 2})
    assert len(harness.sent("hello")) == asked + 1
    body = wire.changes(None, states.done(3))
    harness.message(type="snapshot", seq=11, **body)
    harness.settle()
    assert harness.panel.locator(".iw-chip").inner_text() == "Done"
