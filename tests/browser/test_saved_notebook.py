"""What a saved notebook shows, with and without a front end that supports widgets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

from tests.browser import scenes
from tests.browser.conftest import Open, Settings
from tests.browser.frontends import START, Kind, OpenNotebook
from tests.gallery import NOTEBOOKS
from tests.rig.processes import wait_until

IMPORT = "from tests.browser import scenes\n"
# Record, frame by frame, what the cell's output shows and whether it is the same panel.
WATCH = """() => {
  const panel = document.querySelector('.iw');
  window.seen = new Set();
  const look = () => {
    const area = document.querySelector('.jp-OutputArea-output');
    const same = document.querySelector('.iw') === panel;
    const one = document.querySelectorAll('.iw').length === 1;
    const loading = !area || area.innerText.includes('Loading');
    window.seen.add(JSON.stringify({same, one, loading, empty: area?.offsetHeight < 40}));
    requestAnimationFrame(look);
  };
  look();
}"""

# What a reader sees of a card, and whether JupyterLab trusts its cell.
CARD = """card => {
  const {width, height} = card.getBoundingClientRect();
  const style = getComputedStyle(card);
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
  const titles = [...card.querySelectorAll("[title]")].map(one => one.title);
  const look = [width, height, style.borderTopStyle, style.borderRadius, style.display, titles];
  return {trusted: cell.model.trusted, look};
}"""

SHOW_CARD = """\
from IPython.display import HTML
from imagewidget.displays.html import render
from tests.browser import states
HTML(render(states.ALL["{name}"]))"""

# Every element of a card with its style, in the browser's words and as it takes effect.
WHOLE_CARD = """card => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
  const elements = [card, ...card.querySelectorAll("*")].map(one => {
    const {height, width} = one.getBoundingClientRect();
    return [one.tagName, one.style.cssText, one.open, Math.round(height), Math.round(width)];
  });
  return {trusted: cell.model.trusted, elements, text: card.innerText};
}"""


@pytest.mark.sample(kind="lab")
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_the_file_has_the_final_state_of_a_job_that_outlived_its_cell(
    open_notebook: Open, kind: Kind
) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(6, seconds=4).panel\njob", kind=kind)
    notebook.run(0)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling", timeout=START)
    notebook.page.evaluate(WATCH)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    notebook.page.wait_for_timeout(500)
    (output,) = notebook.save()["cells"][0]["outputs"]
    forms = {kind: "".join(text) for kind, text in output["data"].items() if "text" in kind}
    assert set(output["data"]) == {"text/html", "text/plain"}
    for form in ("text/html", "text/plain"):
        assert "owner/env:1" in forms[form]
        assert "done in" in forms[form]
        assert "6 layers" in forms[form]
        assert "running" not in forms[form]
    seen = [json.loads(text) for text in notebook.page.evaluate("[...window.seen]")]
    assert seen == [{"same": True, "one": True, "loading": False, "empty": False}]


@pytest.mark.sample(kind="notebook")
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_a_notebook_saved_during_a_job_and_opened_with_another_kernel_shows_that_moment(
    open_notebook: Open, kind: Kind
) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(6, seconds=60)\njob.panel", kind=kind)
    notebook.run(0)
    bar = notebook.panel.get_by_role("progressbar", name="Overall progress")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d?"), timeout=START)
    notebook.page.wait_for_timeout(3_000)
    saved = notebook.save()
    (output,) = saved["cells"][0]["outputs"]
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert "queued" not in "".join(output["data"]["text/plain"])
    assert "widgets" not in saved["metadata"]
    notebook.replace_kernel()
    card = notebook.output(0).locator("[data-imagewidget]")
    expect(card).to_contain_text("owner/env:1", timeout=START)
    notebook.page.wait_for_timeout(1_000)
    assert notebook.panels.count() == 0
    expect(notebook.output(0)).not_to_contain_text("Error")


def test_little_is_saved_where_lab_saves_the_state_of_widgets(
    open_notebook: Open, settings: Settings
) -> None:
    settings("@jupyter-widgets/jupyterlab-manager:plugin", saveState=True)
    notebook = open_notebook(IMPORT + "job = scenes.pull(3, seconds=1).panel\njob")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    notebook.page.wait_for_timeout(500)
    path = notebook.server.root / notebook.name
    notebook.page.locator('[data-jp-item-name="save"]').click()
    wait_until(lambda: "widget-state" in path.read_text(), 10)
    saved = json.loads(path.read_text())["metadata"]["widgets"]
    assert len(json.dumps(saved)) < 4_000
    assert "owner/env" not in json.dumps(saved)
    notebook.replace_kernel()
    expect(notebook.output(0)).to_contain_text("done in", timeout=START)
    notebook.page.wait_for_timeout(1_000)
    assert notebook.panels.count() == 0


def without_trust(notebook: OpenNotebook) -> OpenNotebook:
    """Save a notebook, and open a copy that somebody else changed: its signature is not valid."""
    saved = notebook.save()
    saved["metadata"]["title"] = "changed"
    (notebook.server.root / "copy.ipynb").write_text(json.dumps(saved))
    return OpenNotebook(notebook.server, notebook.page, "copy.ipynb", "lab")


def test_an_image_is_a_card_that_looks_the_same_in_a_notebook_that_is_not_trusted(
    open_notebook: Open,
) -> None:
    notebook = open_notebook(IMPORT + "scenes.IMAGE")
    notebook.run(0)

    def shown(notebook: OpenNotebook) -> Any:
        card = notebook.output(0).locator(".jp-RenderedHTML > div")
        expect(card.locator("b")).to_have_text("owner/env:1", timeout=START)
        facts = "a1b2c3d4a1b2 · 184 MB · from ghcr.io · sha256:9f8e7d6c9f8e…"
        expect(card).to_have_text(f"owner/env:1{facts}")
        return card.evaluate(CARD)

    first = shown(notebook)
    second = shown(without_trust(notebook))
    assert (first["trusted"], second["trusted"]) == (True, False)
    assert second["look"] == first["look"]
    assert f"digest: {scenes.IMAGE.digest}" in first["look"][-1]


@pytest.mark.parametrize("name", ["pull-9", "build-failed"])
def test_a_card_looks_the_same_in_a_notebook_that_is_not_trusted(
    open_notebook: Open, name: str
) -> None:
    notebook = open_notebook(SHOW_CARD.format(name=name))
    notebook.run(0)

    def shown(notebook: OpenNotebook) -> Any:
        card = notebook.output(0).locator(".jp-RenderedHTML > div")
        expect(card).to_contain_text("9 layers" if name == "pull-9" else "8 steps", timeout=START)
        return card.evaluate(WHOLE_CARD)

    first = shown(notebook)
    second = shown(without_trust(notebook))
    assert (first["trusted"], second["trusted"]) == (True, False)
    assert second["elements"] == first["elements"]
    assert second["text"] == first["text"]


def test_a_log_that_was_scrolled_up_does_not_move_when_the_job_ends(
    open_notebook: Open,
) -> None:
    notebook = open_notebook(IMPORT + "scenes.build(lines=3000, seconds=6).panel")
    notebook.run(0)
    log = notebook.panel.locator(".iw-log .iw-lines")
    expect(log).to_contain_text("compiling module 1", timeout=START)
    notebook.page.wait_for_timeout(1500)
    log.hover()
    log.focus()
    notebook.page.mouse.wheel(0, -1500)
    notebook.page.wait_for_timeout(300)
    before = log.evaluate("log => [log.scrollTop, log.innerText]")
    assert before[0] > 100
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    notebook.page.wait_for_timeout(500)
    assert log.evaluate("log => [log.scrollTop, log.innerText]") == before
    expect(log).to_be_focused()
    log.evaluate("log => { log.scrollTop = 0 }")
    expect(log).to_contain_text("compiling module 1\n")


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    book = nbformat.read(NOTEBOOKS / "gallery.ipynb", as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(book, timeout=120, resources=resources, store_widget_state=False).execute()
    return book


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_without_widget_support_shows_the_html(
    executed: nbformat.NotebookNode, page: Page, tmp_path: Path, theme: str
) -> None:
    path = tmp_path / "gallery.html"
    body, _ = HTMLExporter(theme=theme).from_notebook_node(executed)
    path.write_text(body, encoding="utf-8")
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri())
    done = page.locator('[id="cell-id=done"] .jp-OutputArea-output')
    expect(done).to_contain_text("done in 3.0 s")
    layers = done.locator("details > div").first
    expect(layers).to_be_hidden()
    done.get_by_text("9 layers").click()
    expect(layers).to_be_visible()
    failed = page.locator(".jp-OutputArea-output", has_text="failed with exit code 1")
    expect(failed.get_by_text("No matching distribution found")).to_be_visible()
    assert page.get_by_text("Loading widget").count() == 0
