"""Fixtures: one browser and one Jupyter server for all tests in this directory."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.frontends import START, Kind, OpenNotebook
from tests.browser.server import JupyterServer
from tests.left_out import leave_out

expect.set_options(timeout=10_000)

Open = Callable[..., OpenNotebook]
Settings = Callable[..., None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        leave_out("every test in a browser", "no working Chromium was found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    assert browser.is_connected()
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_navigation_timeout(START)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def settings(server: JupyterServer) -> Iterator[Settings]:
    """Change JupyterLab settings for one test."""
    written: list[Path] = []

    def write(plugin: str, **values: object) -> None:
        package, name = plugin.split(":")
        path = server.root.parent / "settings" / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
        written.append(path)

    yield write
    for path in written:
        path.unlink()


_numbers = itertools.count()


@pytest.fixture
def open_notebook(server: JupyterServer, page: Page, tmp_path: Path) -> Iterator[Open]:
    """Open a new notebook with the given cells in a front end."""

    def open_(*cells: str, kind: Kind = "lab", kernel: str = "python3") -> OpenNotebook:
        name = server.write(f"test-{next(_numbers)}.ipynb", list(cells), kernel)
        return OpenNotebook(server, page, name, kind)

    yield open_
    try:
        page.screenshot(path=str(tmp_path / "last.png"))
        page.goto("about:blank")
    finally:
        server.close_sessions()
