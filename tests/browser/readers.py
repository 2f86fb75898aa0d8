"""The front ends in which a saved notebook is opened, and the ways in which that is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbformat import from_dict
from nbformat.sign import NotebookNotary
from playwright.sync_api import Locator, Page

from tests.browser.frontends import START, OpenNotebook
from tests.browser.server import JupyterServer

Reader = Literal["lab", "notebook", "nbclassic"]
Way = Literal["new-kernel", "no-kernel", "untrusted"]

KERNEL = "project"  # a kernel of this Python, on every server

# Front ends take the attribute `data-imagewidget` away where they do not trust the notebook.
CARD = ":is(.jp-RenderedHTML, .output_html) > div"
_WORDS = ("imagewidget", "anywidget", "widget")
# The front end knows whether it has a kernel, and then whether its support for widgets is loaded.
_READY_IN_CLASSIC = """() => {
  const kernel = window.Jupyter?.notebook?.kernel;
  return kernel?.is_connected() && kernel.widget_manager !== undefined;
}"""
_TRUSTED = """() => window.jupyterapp
  ? window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.trusted)
  : window.Jupyter.notebook.get_cells().map(cell => cell.output_area.trusted)"""
_HAS_KERNEL = """() => window.jupyterapp
  ? Boolean(window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel)
  : Boolean(window.Jupyter.notebook.kernel?.is_connected())"""


@dataclass(frozen=True)
class Opened:
    """A saved notebook that is open in a page.

    Attributes:
        page: The page.
        errors: What the page wrote to the console as errors that concern widgets.
    """

    page: Page
    errors: list[str]

    @property
    def cards(self) -> Locator:
        """What the notebook shows of its jobs, in their order."""
        return self.page.locator(CARD)

    @property
    def trusted(self) -> set[bool]:
        """Whether the front end trusts the cells."""
        return set(self.page.evaluate(_TRUSTED))

    @property
    def has_kernel(self) -> bool:
        """Whether the notebook is connected to a kernel."""
        return bool(self.page.evaluate(_HAS_KERNEL))


def open_saved(
    server: JupyterServer, page: Page, saved: dict[str, Any], reader: Reader, way: Way
) -> Opened:
    """Open a copy of a saved notebook in a front end, and wait until it has its kernel."""
    name = f"{reader}-{way}.ipynb"
    _copy(server, saved, name, way)
    errors = watch_errors(page)
    if reader == "nbclassic":
        page.goto(f"{server.url}/notebooks/{name}?token={server.token}")
        if way == "no-kernel":
            page.get_by_role("button", name="Continue Without Kernel").click(timeout=START)
        else:
            page.wait_for_function(_READY_IN_CLASSIC, timeout=START)
    elif way == "no-kernel":
        path = "doc/tree" if reader == "lab" else "notebooks"
        page.goto(f"{server.url}/{path}/{name}?token={server.token}")
        page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click(timeout=START)
    else:
        OpenNotebook(server, page, name, reader)
    return Opened(page, errors)


def show_exported(page: Page, body: str, directory: Path) -> list[str]:
    """Show an exported page with the network refused, and return the list of its errors."""
    path = directory / "exported.html"
    path.write_text(body, encoding="utf-8")
    page.route("http*://**", lambda route: route.abort())
    errors = watch_errors(page)
    page.goto(path.as_uri())
    return errors


def watch_errors(page: Page) -> list[str]:
    """Return a list that grows by each error in the page that concerns widgets."""
    errors: list[str] = []

    def note(text: str) -> None:
        if any(word in text.lower() for word in _WORDS):
            errors.append(text)

    page.on("pageerror", lambda error: note(f"{error} {error.stack}"))
    page.on(
        "console", lambda said: note(f"{said.text} {said.location}") if said.type == "error" else 0
    )
    return errors


def _copy(server: JupyterServer, saved: dict[str, Any], name: str, way: Way) -> None:
    """Write a copy, whose title makes it unlike any other, and sign it if it is to be trusted."""
    kernel = "not-installed" if way == "no-kernel" else KERNEL
    metadata = {**saved["metadata"], "kernelspec": {"name": kernel, "display_name": kernel}}
    copy = {**saved, "metadata": {**metadata, "title": name}}
    (server.root / name).write_text(json.dumps(copy))
    if way != "untrusted":
        NotebookNotary(data_dir=str(server.root.parent / "data")).sign(from_dict(copy))
