"""Pulls and a build on real engines, from code and by keyboard, in a real JupyterLab."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.frontends import START
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

CONNECT = "import imagewidget as iw\nclient = iw.connect({address!r})\n"


def connect(engine: Engine) -> str:
    return CONNECT.format(address=engine.url)


def test_a_real_pull_is_shown_to_its_end(
    open_notebook: Open, docker_engine: Engine, slow_registry: StandIn
) -> None:
    docker_engine.clean()
    pull = f"job = iw.pull({slow_registry.nine!r}, client=client)"
    notebook = open_notebook(connect(docker_engine) + pull)
    notebook.run(0)
    panel = notebook.panel
    expect(notebook.downloading).to_be_visible(timeout=START)
    slow_registry.throttle(None)  # progress was seen, so the rest may be fast
    expect(panel.locator(".iw-chip")).to_have_text("Done", timeout=90_000)
    expect(panel.locator(".iw-layer")).to_have_count(9)
    expect(panel.locator(".iw-result")).to_contain_text("sha256:")


def test_a_real_pull_is_cancelled_while_its_cell_waits(
    open_notebook: Open, docker_engine: Engine, slow_registry: StandIn
) -> None:
    docker_engine.clean()
    pull = f"job = iw.pull({slow_registry.nine!r}, client=client)\njob.wait()"
    notebook = open_notebook(connect(docker_engine) + pull)
    notebook.run(0)
    expect(notebook.downloading).to_be_visible(timeout=START)
    assert notebook.cancel() < 1


def test_a_real_build_is_shown_to_its_end(
    open_notebook: Open, docker_engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY hello /hello\nLABEL a=b\n")
    (tmp_path / "hello").write_text(str(time.time()))
    build = f"job = iw.build({str(tmp_path)!r}, tag='panel:1', client=client)"
    notebook = open_notebook(connect(docker_engine) + build)
    notebook.run(0)
    panel = notebook.panel
    expect(panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    expect(panel.locator(".iw-step").filter(has_text="COPY")).to_be_visible()
    expect(panel.locator(".iw-result")).to_contain_text("built locally")


def test_a_real_pull_is_started_searched_and_cancelled_by_keyboard(
    open_notebook: Open, docker_engine: Engine, slow_registry: StandIn
) -> None:
    docker_engine.clean()
    notebook = open_notebook(connect(docker_engine) + "iw.ImageWidget(client=client)")
    notebook.run(0)
    expect(notebook.page.locator(".iw-wb-engine")).to_contain_text("reachable", timeout=START)
    expect(notebook.page.locator(".iw-wb [data-ready]")).to_be_attached(timeout=START)
    notebook.page.get_by_role("tab", name="Pull").focus()
    notebook.tab_to("Image")
    notebook.page.keyboard.type(slow_registry.nine)
    notebook.press("Enter")
    panel = notebook.panel
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.tab_to("Log")
    notebook.press("Enter")
    expect(panel.get_by_label("Search the log")).to_be_visible()
    notebook.tab_to("Search the log")
    notebook.page.keyboard.type("pulling from")
    notebook.press("Enter")
    expect(panel.locator(".iw-current")).to_contain_text("Pulling from")
    notebook.tab_to("Cancel", back=True)
    notebook.press("Enter")
    expect(panel.locator(".iw-chip")).to_have_text("Cancelled")
    assert slow_registry.nine not in docker_engine.images()
