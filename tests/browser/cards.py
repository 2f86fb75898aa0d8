"""The cards of images as cells of a notebook show them, without a kernel."""

from __future__ import annotations

import nbformat
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Page

from imagewidget.progress.events import Image
from tests.browser.harness import Theme

_ID, _DIGEST = "sha256:" + "a1b2c3d4" * 8, "sha256:" + "9f8e7d6c" * 8

IMAGES = (
    Image(_ID, "python:3.13-slim", _DIGEST, 184_000_000, "ghcr.io"),
    Image(_ID, "imagewidget-environment:9fb1a8862b1f", None, 1_240_000_000, "build"),
    Image(_ID, "registry.example.com:5000/data/team/env:2026-01", _DIGEST, 92_300_000, "local"),
    Image(_ID, "", None, 7_650_000, "build"),
)


def show(page: Page, theme: Theme, images: tuple[Image, ...] = IMAGES) -> None:
    """Show each image as the value of a cell, on a page with JupyterLab's own styles."""
    html, _ = HTMLExporter(theme=theme).from_notebook_node(_notebook(images))
    page.route("http*://**", lambda route: route.abort())
    page.set_content(html, wait_until="domcontentloaded")


def _notebook(images: tuple[Image, ...]) -> nbformat.NotebookNode:
    cells = []
    for number, image in enumerate(images, 1):
        data = {"text/html": image._repr_html_(), "text/plain": repr(image)}
        output = new_output("execute_result", data, execution_count=number)
        cells.append(new_code_cell("image", execution_count=number, outputs=[output]))
    return new_notebook(cells=cells)
