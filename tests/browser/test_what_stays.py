"""A notebook with ten jobs of all kinds shows them wherever it is opened after it was saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import BrowserContext, Page, expect

from imagewidget.displays.html import LIMIT
from tests.browser.frontends import START, OpenNotebook
from tests.browser.installed import install
from tests.browser.readers import CARD, KERNEL, Reader, Way, open_saved, show_exported, watch_errors
from tests.browser.server import REPOSITORY, JupyterServer
from tests.browser.ten_jobs import CELLS, KINDS, check_cards

NAME = "ten.ipynb"
VIEW = "application/vnd.jupyter.widget-view+json"
RUN_ALL = "void window.jupyterapp.commands.execute('notebook:run-all-cells')"
WAYS: tuple[Way, ...] = ("new-kernel", "no-kernel", "untrusted")

Servers = Callable[[str], JupyterServer]


@pytest.fixture(scope="module")
def servers(server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Return a server of the current front ends, or of those that are installed on first use."""
    server.add_kernel(KERNEL, REPOSITORY)
    started: dict[str, JupyterServer] = {}

    def get(version: str) -> JupyterServer:
        if version == "current":
            return server
        if version not in started:
            packages = (f"jupyterlab=={version}.*", "nbclassic", "ipywidgets", "anywidget")
            python = install(tmp_path_factory.mktemp("environment"), *packages)
            root = tmp_path_factory.mktemp("jupyter")
            started[version] = JupyterServer(root, python=python)
            started[version].add_kernel(KERNEL, REPOSITORY)
        return started[version]

    yield get
    for each in started.values():
        each.stop()


@pytest.fixture(scope="module")
def saved(browser: BrowserContext, server: JupyterServer) -> dict[str, Any]:
    """Return the notebook after all its cells were run, and it was saved, in JupyterLab."""
    name = server.write(NAME, CELLS)
    notebook = OpenNotebook(server, browser.new_page(), name, "lab")
    notebook.page.evaluate(RUN_ALL)
    for index, kind in enumerate(KINDS):
        chip = notebook.output(index).locator(".iw-chip")
        expect(chip).to_contain_text(kind.chip, timeout=START)
    notebook.page.wait_for_timeout(3_000)
    content = notebook.save()
    notebook.page.close()
    server.close_sessions()
    return content


@pytest.fixture
def closing(server: JupyterServer, page: Page) -> Iterator[None]:
    """Close the page and end its kernel after the test."""
    yield
    page.goto("about:blank")
    server.close_sessions()


def test_the_file_has_html_and_text_only(saved: dict[str, Any]) -> None:
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    assert len(outputs) == len(KINDS)
    for output in outputs:
        assert set(output["data"]) == {"text/html", "text/plain"}
        assert len("".join(output["data"]["text/html"]).encode()) <= LIMIT
    assert "widgets" not in saved["metadata"]
    assert VIEW not in json.dumps(saved)


@pytest.mark.usefixtures("closing")
@pytest.mark.sample(version="current")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("reader", "version"),
    [("lab", "current"), ("notebook", "current"), ("lab", "4.4"), ("nbclassic", "4.4")],
)
def test_every_card_is_shown(
    servers: Servers,
    saved: dict[str, Any],
    page: Page,
    *,
    reader: Reader,
    version: str,
    way: Way,
) -> None:
    opened = open_saved(servers(version), page, saved, reader, way)
    expect(opened.cards).to_have_count(len(KINDS), timeout=START)
    page.wait_for_timeout(1_000)  # so that what a widget manager adds late is there
    assert opened.trusted == {way != "untrusted"}
    assert opened.has_kernel == (way != "no-kernel")
    check_cards(opened.cards)
    assert opened.errors == []
    assert page.locator(".iw").count() == 0


@pytest.mark.usefixtures("saved", "closing")
def test_voila_runs_the_notebook_again_and_shows_every_job_live(
    server: JupyterServer, page: Page
) -> None:
    errors = watch_errors(page)
    notebook = OpenNotebook(server, page, NAME, "voila")
    expect(notebook.panels).to_have_count(len(KINDS), timeout=START)
    for panel, kind in zip(notebook.panels.all(), KINDS, strict=True):
        expect(panel.locator(".iw-chip")).to_contain_text(kind.chip, timeout=START)
    assert errors == []


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_an_exported_page_shows_every_card_without_a_network(
    saved: dict[str, Any], page: Page, tmp_path: Path, template: str
) -> None:
    book = nbformat.reads(json.dumps(saved), as_version=4)
    body, _ = HTMLExporter(template_name=template).from_notebook_node(book)
    errors = show_exported(page, body, tmp_path)
    check_cards(page.locator(CARD))
    assert errors == []
