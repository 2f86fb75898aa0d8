"""A job in JupyterLab, Notebook 7 and Voila: seen, cancelled, reloaded, restarted."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.frontends import START, Kind

IMPORT = "from tests.browser import scenes\n"


@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_a_pull_is_seen_from_beginning_to_end(open_notebook: Open, kind: Kind) -> None:
    notebook = open_notebook(IMPORT + "scenes.pull(9, seconds=4).panel", kind=kind)
    notebook.run(0)
    panel = notebook.panel
    expect(panel.locator(".iw-chip")).to_have_text("Pulling", timeout=START)
    bar = panel.get_by_role("progressbar", name="Overall progress")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d?"))
    expect(panel.locator(".iw-layer")).to_have_count(9)
    expect(panel.locator(".iw-chip")).to_have_text("Done")
    expect(panel.locator(".iw-result")).to_contain_text("a1b2c3d4a1b2")
    expect(panel.locator(".iw-layer[data-phase=done]")).to_have_count(9)


@pytest.mark.parametrize(
    ("case", "start", "then"),
    [
        ("the kernel is idle", "job = scenes.pull(9, seconds=60)\njob.panel", None),
        (
            "the cell waits for the job",
            "job = scenes.pull(9, seconds=60)\ndisplay(job.panel)\njob.wait()",
            None,
        ),
        (
            "another cell computes",
            "job = scenes.pull(9, seconds=60)\njob.panel",
            "import time\nend = time.time() + 20\nwhile time.time() < end: sum(range(10000))",
        ),
    ],
)
def test_cancel_is_obeyed_within_a_second(
    open_notebook: Open, case: str, start: str, then: str | None
) -> None:
    notebook = open_notebook(IMPORT + start, then or "")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling", timeout=START)
    if then:
        notebook.run(1)
        notebook.page.wait_for_timeout(1000)
    notebook.panel.get_by_role("button", name="Cancel").click()
    began = time.monotonic()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Cancelled", timeout=5_000)
    assert time.monotonic() - began < 1, case


def test_two_views_agree_and_share_what_came(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(6, seconds=5)\njob.panel", "job.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling", timeout=START)
    notebook.run(1)
    expect(notebook.panels).to_have_count(2)
    for index in range(2):
        expect(notebook.panels.nth(index).locator(".iw-chip")).to_have_text("Done")
        expect(notebook.panels.nth(index).locator(".iw-layer")).to_have_count(6)


def test_a_page_that_is_reloaded_in_mid_pull_catches_up(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(9, seconds=30)\njob.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    notebook.save()
    notebook.reload()
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling")
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=40_000)


def test_a_kernel_restarted_in_mid_pull_is_told_and_nothing_spins(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(9, seconds=60)\njob.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    notebook.restart_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Interrupted", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("kernel was restarted")
    expect(notebook.panel.get_by_role("button", name="Cancel")).to_be_hidden()


def test_a_kernel_that_vanished_is_missed_after_ten_seconds(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(9, seconds=60)\njob.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    notebook.kill_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("No answer", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("The kernel has said nothing for")
