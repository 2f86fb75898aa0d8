"""Two kernels with different versions of the front end draw their panels in one page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.frontends import START, OpenNotebook
from tests.browser.readers import watch_errors
from tests.browser.server import REPOSITORY, JupyterServer

OTHER = "other-version"
RELEASED = "0123456789"
MARK = "the other front end"
CELL = """
import threading
from imagewidget.jobs.job import Job
from imagewidget.panel.panel import Panel
from imagewidget.progress.events import BuildWarned, Started, StepChanged, StepStatus

def build(cancel, clock):
    yield StepChanged("sha256:1", "RUN make", StepStatus.RUNNING, "stage-0", 1, 1, 0.0, None)
    threading.Event().wait(3600)

job = Job(build, first=(Started("build", "owner/%s:1"),))
display(job.panel)
"""
OPEN = "path => void window.jupyterapp.commands.execute('docmanager:open', { path })"
IS_READY = """path => {
  const { context, sessionContext } = window.jupyterapp.shell.currentWidget ?? {};
  const status = sessionContext?.session?.kernel?.status;
  return context?.path === path && context.isReady && status === "idle";
}"""
VERSION_OF = """panel =>
  [...panel.parentElement.classList].find(name => /^iw-[0-9a-f]{10}$/.test(name))"""


@pytest.fixture
def server(
    browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterServer]:
    """A server of its own: no workspace of another test is restored, and no kernel is added."""
    assert browser.pages
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture
def two(server: JupyterServer, page: Page, tmp_path: Path) -> Iterator[OpenNotebook]:
    """Return an open notebook, on a server that has a kernel with another version."""
    package = tmp_path / "other" / "imagewidget"
    skip = shutil.ignore_patterns("frontend", "__pycache__")
    shutil.copytree(REPOSITORY / "imagewidget", package, ignore=skip)
    static = package / "panel" / "static"
    stub = (static / "stub.js").read_text(encoding="utf-8")
    (version,) = re.findall(r'"([0-9a-f]{10})"', stub)
    for module in static.glob("*.js"):
        text = module.read_text(encoding="utf-8").replace(version, RELEASED)
        assert RELEASED in text
        module.write_text(text.replace("Image progress", MARK), encoding="utf-8")
    server.add_kernel(OTHER, package.parent)
    name = server.write("this-version.ipynb", [CELL % "this"])
    yield OpenNotebook(server, page, name, "lab")
    page.goto("about:blank")


def test_each_panel_is_drawn_by_the_front_end_of_its_kernel(
    two: OpenNotebook, server: JupyterServer
) -> None:
    page = two.page
    errors = watch_errors(page)
    two.run(0)
    this = page.locator(".iw[aria-label='Image progress']")
    expect(this.locator(".iw-step-label")).to_have_count(1, timeout=START)

    path = server.write("other-version.ipynb", [CELL % "other"], OTHER)
    page.evaluate(OPEN, path)
    # Until it is open, the first notebook is the current one, and its kernel is idle.
    page.wait_for_function(IS_READY, arg=path, timeout=START)
    other = page.locator(f".iw[aria-label='{MARK}']")
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(other.locator(".iw-step-label")).to_have_count(1, timeout=START)

    expect(this).to_have_count(1)  # still there, in the other tab
    assert other.evaluate(VERSION_OF) == f"iw-{RELEASED}"
    assert this.evaluate(VERSION_OF) not in (None, f"iw-{RELEASED}")
    expect(other).to_contain_text("owner/other")
    expect(this).to_contain_text("owner/this")
    border = "panel => getComputedStyle(panel).borderTopLeftRadius"
    assert other.evaluate(border) == this.evaluate(border) == "10px"  # both have their styles
    assert errors == []
