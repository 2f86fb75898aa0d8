"""Jobs in JupyterLab, Notebook 7 and Voila, without an engine.

The tests with a real engine are in `test_engines_frontends.py`.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.frontends import START, Kind

IMPORT = "from tests.browser import scenes\n"


@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_a_pull_is_shown_from_beginning_to_end(open_notebook: Open, kind: Kind) -> None:
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


def test_a_kernel_that_vanished_is_noticed_after_ten_seconds(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(9, seconds=60)\njob.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    notebook.kill_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("No response", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("The kernel has not responded for")
