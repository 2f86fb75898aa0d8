"""The log of a build in JupyterLab, and a log of a million lines on a plain page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from imagewidget.progress.log_writer import LogWriter
from tests.browser import states
from tests.browser.conftest import Open
from tests.browser.frontends import START, OpenNotebook
from tests.browser.harness import Harness

BUILD = """
from tests.browser import scenes
job = scenes.build({lines}, {seconds}, fails={fails})
job.panel
"""


def build(
    open_notebook: Open, lines: int, seconds: float = 1.0, *, fails: bool = False
) -> OpenNotebook:
    """Run a build in a notebook, and wait until it ends."""
    notebook = open_notebook(BUILD.format(lines=lines, seconds=seconds, fails=fails))
    notebook.run(0)
    word = "Failed" if fails else "Done"
    expect(notebook.panel.locator(".iw-chip")).to_have_text(word, timeout=START)
    return notebook


def log(notebook: OpenNotebook) -> Locator:
    return notebook.panel.locator(".iw-log .iw-lines")


def test_the_end_is_followed_until_the_reader_scrolls_up(open_notebook: Open) -> None:
    notebook = open_notebook(BUILD.format(lines=3000, seconds=20, fails=False))
    notebook.run(0)
    lines = log(notebook)
    expect(lines).to_contain_text("compiling module", timeout=START)
    notebook.page.wait_for_timeout(2000)
    lines.hover()
    notebook.page.mouse.wheel(0, -400)
    to_end = notebook.panel.locator(".iw-to-end")
    expect(to_end).to_contain_text("new")
    before = lines.locator(".iw-line").first.inner_text()
    notebook.page.wait_for_timeout(1000)
    assert lines.locator(".iw-line").first.inner_text() == before
    to_end.click()
    expect(to_end).to_be_hidden()
    expect(lines).to_contain_text("module 2999", timeout=30_000)


def test_search_counts_and_steps_through_the_matches(open_notebook: Open) -> None:
    notebook = build(open_notebook, 5000)
    box = notebook.panel.get_by_label("Search the log")
    box.fill("needle")
    count = notebook.panel.locator(".iw-search-count")
    expect(count).to_have_text("1 of 100")
    expect(log(notebook).locator(".iw-current")).to_contain_text("needle in line 50 ")
    box.press("Enter")
    expect(count).to_have_text("2 of 100")
    expect(log(notebook).locator(".iw-current mark")).to_have_text("needle")
    box.press("Shift+Enter")
    box.press("Shift+Enter")
    expect(count).to_have_text("100 of 100")
    expect(log(notebook).locator(".iw-current")).to_contain_text("needle in line 5000 ")
    box.fill("nowhere to be found")
    expect(count).to_have_text("no matches")
    box.press("Escape")
    expect(count).to_be_empty()


def test_keys_typed_in_the_panel_do_not_trigger_notebook_shortcuts(open_notebook: Open) -> None:
    notebook = build(open_notebook, 100)
    cells = notebook.page.locator(".jp-Cell").count()
    notebook.panel.get_by_role("button", name="Wrap long lines").focus()
    for key in ("a", "b", "d", "d", "x"):
        notebook.page.keyboard.press(key)
    notebook.page.keyboard.press("Enter")
    expect(notebook.panel.get_by_role("button", name="Wrap long lines")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert notebook.page.locator(".jp-Cell").count() == cells


def test_a_failed_step_opens_and_shows_its_log(open_notebook: Open) -> None:
    notebook = build(open_notebook, 120, fails=True)
    step = notebook.panel.locator(".iw-step[data-status=failed]")
    expect(step.locator(".iw-step-button")).to_have_attribute("aria-expanded", "true")
    expect(step.locator(".iw-step-detail")).to_contain_text("exit code: 2")
    expect(step.locator(".iw-lines")).to_contain_text("compiling module 119")
    expect(notebook.panel.locator(".iw-error")).to_contain_text("ended with exit code 2")


def test_retry_runs_it_again_in_the_same_panel(open_notebook: Open) -> None:
    notebook = build(open_notebook, 60, 3.0, fails=True)
    notebook.panel.get_by_role("button", name="Retry").click()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Building")
    expect(notebook.panel.locator(".iw-error")).to_be_hidden()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Failed", timeout=15_000)
    expect(notebook.panel.locator(".iw-log .iw-fold-note")).to_have_text("60 lines")


def test_a_download_contains_the_whole_log(open_notebook: Open, tmp_path: Path) -> None:
    notebook = build(open_notebook, 30_000)
    with notebook.page.expect_download() as download:
        notebook.panel.get_by_role("button", name="Download the log").click()
    path = tmp_path / "log.txt"
    download.value.save_as(path)
    assert download.value.suggested_filename == "owner-env-1.log"
    lines = path.read_text().splitlines()
    assert len(lines) == 30_000
    assert lines[49] == "warning: needle in line 50 <script>alert(1)</script>"


def test_copy_puts_the_whole_log_on_the_clipboard(open_notebook: Open) -> None:
    notebook = build(open_notebook, 2_000)
    button = notebook.panel.locator(".iw-log").get_by_role("button", name="Copy the log")
    button.click()
    expect(notebook.panel.locator(".iw-log").get_by_role("button", name="Copied")).to_be_visible()
    text = notebook.page.evaluate("navigator.clipboard.readText()")
    assert len(text.splitlines()) == 2_000


def test_any_line_of_a_long_log_can_be_reached(open_notebook: Open) -> None:
    notebook = build(open_notebook, 200_000, 4.0)
    lines = log(notebook)
    expect(lines).to_contain_text("needle in line 200000")
    lines.focus()
    notebook.page.keyboard.press("Home")
    expect(lines).to_contain_text("compiling module 1 of many")
    lines.evaluate("el => { el.scrollTop = el.scrollHeight / 2; }")
    expect(lines).to_contain_text("compiling module 100001 of many")
    expect(lines.locator("[data-lacks]")).to_have_count(0)


def test_page_down_skips_no_line_of_a_million(page: Page) -> None:
    count = 1_000_000
    log = LogWriter()
    log.append("".join(f"line {number}\n" for number in range(1, count + 1)))
    harness = Harness(page)
    harness.show(states.pull(1, log_length=count), log)
    harness.panel.get_by_role("button", name="Log").click()
    lines = harness.panel.locator(".iw-log .iw-lines")
    expect(lines).to_contain_text(f"line {count}")
    lines.focus()
    page.keyboard.press("Home")
    expect(lines).to_have_js_property("scrollTop", 0)
    lines.evaluate("el => { el.scrollTop = el.scrollHeight / 2; }")
    expect(lines).to_contain_text("line 500000")
    seen = _seen(lines)
    for _ in range(5):
        lines.evaluate("el => { el.scrollTop += el.clientHeight - 18; }")  # as Page Down does
        harness.settle()
        before, seen = seen, _seen(lines)
        assert before[0] < seen[0] <= before[1] + 1


def _seen(lines: Locator) -> tuple[int, int]:
    """Return the numbers of the first and the last line that are completely visible."""
    first, last = lines.evaluate(
        """el => {
          const { top, bottom } = el.getBoundingClientRect();
          const whole = [...el.querySelectorAll(".iw-line")].filter(line => {
            const box = line.getBoundingClientRect();
            return box.top >= top - 1 && box.bottom <= bottom + 1;
          });
          const number = line =>
            Number(line.querySelector(".iw-line-number").textContent.replace(/\\D/g, ""));
          return [number(whole.at(0)), number(whole.at(-1))];
        }"""
    )
    return first, last


@pytest.mark.parametrize("wraps", [False, True])
def test_the_last_line_is_completely_visible(open_notebook: Open, *, wraps: bool) -> None:
    notebook = build(open_notebook, 150)
    lines = log(notebook)
    if wraps:
        notebook.panel.get_by_role("button", name="Wrap long lines").click()
    expect(lines).to_contain_text("needle in line 150")
    gap = lines.evaluate(
        "el => { const last = [...el.querySelectorAll('.iw-line')].at(-1).getBoundingClientRect();"
        " const top = el.getBoundingClientRect().top + el.clientTop;"
        " return top + el.clientHeight - last.bottom; }"
    )
    assert -1 <= gap <= 1
