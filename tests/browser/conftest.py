"""Fixtures: one browser and one Jupyter server for all tests in this directory."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.frontends import START, Kind, OpenNotebook
from tests.browser.server import JupyterServer
from tests.left_out import leave_out

expect.set_options(timeout=10_000)

STORED = "cookies,indexeddb,local_storage,service_workers"
Open = Callable[..., OpenNotebook]
Settings = Callable[..., None]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Start a browser that keeps its cache, as a user's does.

    A third of the work of opening JupyterLab is to compile scripts that were compiled before.
    """
    path = chromium.find()
    if path is None:
        leave_out("every test in a browser", "no working Chromium was found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=path,
            args=list(chromium.ARGUMENTS),
            viewport={"width": 1200, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
        )
        browser.set_default_navigation_timeout(START)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(
    browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterServer]:
    assert browser.pages
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """Open a page that finds nothing of the pages before it, except what was cached."""
    page = browser.new_page()
    tools = browser.new_cdp_session(page)
    origins: set[str] = set()
    page.on("framenavigated", lambda frame: origins.add("/".join(frame.url.split("/")[:3])))
    yield page
    for origin in origins:
        if origin.startswith("http"):
            tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    page.close()


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
