"""Capture every state in the gallery: `python -m tests.browser.screenshots [NAME …]`.

The pictures are written to `tests/screenshots/`, light and dark, 400, 900 and 1600 px
wide, with one contact sheet for each theme and width; `cards` are the cards of images, and `saved`
has what a saved notebook shows of every state. `--docs` instead writes the five that the
documentation shows to `docs/screenshots/`, with a description in text.
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from typing import get_args

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import cards, chromium
from tests.browser.harness import Theme
from tests.browser.moments import frozen, show
from tests.gallery import MOMENTS, Moment
from tests.gallery.described import PICTURED, described

REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "tests" / "screenshots"
DOCS = REPOSITORY / "docs" / "screenshots"
WIDTHS = (400, 900, 1600)
MARGIN = 8
CARDS, SAVED = "cards", "saved"
THEMES: tuple[Theme, ...] = ("light", "dark")


def main() -> None:
    """Capture the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("names", nargs="*", help="states to capture (default: all)")
    parser.add_argument("--docs", action="store_true", help="write docs/screenshots/ instead")
    options = parser.parse_args()
    moments = [one for one in MOMENTS if not options.names or one.name in options.names]
    path = chromium.find()
    if path is None:
        raise SystemExit("No working Chromium was found on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        if options.docs:
            _take_docs(browser)
        else:
            _take_all(browser, moments, options.names or [CARDS, SAVED])
        browser.close()


def _take_all(browser: Browser, moments: list[Moment], names: list[str]) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in get_args(Theme):
        for width in WIDTHS:
            pictures = [_take(browser, moment, theme, width, SCREENSHOTS) for moment in moments]
            pictures += [
                _take_cards(browser, name, theme, width) for name in (CARDS, SAVED) if name in names
            ]
            _contact_sheet(browser, pictures, SCREENSHOTS / f"sheet-{theme}-{width}.png")


def _take_docs(browser: Browser) -> None:
    DOCS.mkdir(parents=True, exist_ok=True)
    for moment in MOMENTS:
        if moment.name in PICTURED:
            theme = THEMES[PICTURED.index(moment.name) % 2]
            taken = _take(browser, moment, theme, 900, DOCS)
            taken.rename(DOCS / f"{moment.name}.png")
    (DOCS / "states.txt").write_text(described(), encoding="utf-8")


def _take(browser: Browser, moment: Moment, theme: Theme, width: int, to: Path) -> Path:
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.emulate_media(reduced_motion="reduce", color_scheme=theme)
    harness = show(page, *frozen(moment), theme)
    page.add_style_tag(content="h1 { display: none }")
    harness.settle()
    path = to / f"{moment.name}-{theme}-{width}.png"
    box = harness.panel.bounding_box()
    assert box is not None
    height = int(box["y"] + box["height"]) + MARGIN
    page.set_viewport_size({"width": width, "height": max(200, height)})
    harness.settle()
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": height})
    page.close()
    return path


def _take_cards(browser: Browser, name: str, theme: Theme, width: int) -> Path:
    page = browser.new_page(viewport={"width": width, "height": 300})
    if name == CARDS:
        cards.show(page, theme)
    else:
        cards.show_jobs(page, theme, list(MOMENTS))
    path = SCREENSHOTS / f"{name}-{theme}-{width}.png"
    page.screenshot(path=path, full_page=True)
    page.close()
    return path


def _contact_sheet(browser: Browser, pictures: list[Path], path: Path) -> None:
    page: Page = browser.new_page(viewport={"width": 1600, "height": 900})
    images = "".join(
        f"<figure><figcaption>{picture.stem}</figcaption>"
        f'<img src="data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}">'
        "</figure>"
        for picture in pictures
    )
    style = (
        "body{display:grid;grid-template-columns:repeat(4,1fr);align-items:start;gap:8px;"
        "font:14px sans-serif;background:#888}img{width:100%}figure{margin:0}"
    )
    page.set_content(f"<!doctype html><style>{style}</style>{images}")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.screenshot(path=path, full_page=True)
    page.close()


if __name__ == "__main__":
    main()
