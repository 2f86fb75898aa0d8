"""The cards of images and jobs as cells of a notebook show them, without a kernel."""

from __future__ import annotations

from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Page

import imagewidget as iw
from imagewidget.displays.html import render
from imagewidget.progress.events import Image
from tests.browser.harness import Theme
from tests.gallery import Moment

_ID, _DIGEST = "sha256:" + "a1b2c3d4" * 8, "sha256:" + "9f8e7d6c" * 8

IMAGES = (
    Image(_ID, "python:3.13-slim", _DIGEST, 184_000_000, "ghcr.io"),
    Image(_ID, "imagewidget-environment:9fb1a8862b1f", None, 1_240_000_000, "build"),
    Image(_ID, "registry.example.com:5000/data/team/env:2026-01", _DIGEST, 92_300_000, "local"),
    Image(_ID, "", None, 7_650_000, "build"),
)


def show(page: Page, theme: Theme, images: tuple[Image, ...] = IMAGES) -> None:
    """Show each image as the value of a cell, on a page with JupyterLab's own styles."""
    _show(page, theme, {image.reference: image._repr_html_() for image in images})


def show_jobs(page: Page, theme: Theme, moments: list[Moment]) -> None:
    """Show each moment of a job as a saved notebook has it, on such a page."""
    found = {}
    for moment in moments:
        name, until = f"demo/{moment.name}", moment.until
        job = iw.replay(name, speed=float("inf"), until=until, display=False)
        found[moment.name] = render(job.state, job.log)
    _show(page, theme, found)


def _show(page: Page, theme: Theme, shown: dict[str, str]) -> None:
    cells = [
        new_code_cell(
            name or "image",
            execution_count=number,
            outputs=[new_output("execute_result", {"text/html": html}, execution_count=number)],
        )
        for number, (name, html) in enumerate(shown.items(), 1)
    ]
    html, _ = HTMLExporter(theme=theme).from_notebook_node(new_notebook(cells=cells))
    page.route("http*://**", lambda route: route.abort())
    page.set_content(html, wait_until="domcontentloaded")
