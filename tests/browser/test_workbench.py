"""The workbench in JupyterLab: keyboard use, accessibility, and secrecy of secrets."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open, Settings
from tests.browser.frontends import START, OpenNotebook
from tests.browser.harness import AXE

CELL = """
import tempfile
from pathlib import Path
import imagewidget as iw
from tests.scripted import Answer, ScriptedEngine
engine = ScriptedEngine(Path(tempfile.mkdtemp()))
lines = [{"status": f"line {number}"} for number in range(300)]
layer = {"status": "Pulling fs layer", "progressDetail": {}, "id": "a" * 12}
engine.pulls = [Answer([*lines, layer], ending="hang")]
workbench = iw.ImageWidget(client=iw.connect(engine.url))
workbench
"""
AXE_RUN = """async root => {
  const rules = { region: { enabled: false } }; // applies to the notebook, not to the workbench
  const found = await axe.run(root, { resultTypes: ["violations"], rules });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(node => node.html).join(" | ")}`);
}"""


def start_button(notebook: OpenNotebook) -> Locator:
    return notebook.page.locator(".iw-wb-foot button:visible")


def opened(open_notebook: Open, *more: str) -> OpenNotebook:
    notebook = open_notebook(CELL, *more)
    notebook.run(0)
    engine = notebook.page.locator(".iw-wb-engine")
    expect(engine).to_contain_text("Docker Engine 26.1.5 is reachable", timeout=START)
    expect(notebook.page.locator(".iw-wb [data-ready]")).to_be_attached(timeout=START)
    return notebook


def test_a_pull_is_started_searched_and_cancelled_by_keyboard(open_notebook: Open) -> None:
    notebook = opened(open_notebook)
    page = notebook.page
    page.get_by_role("tab", name="Pull").focus()
    notebook.tab_to("Image")
    page.keyboard.type("Owner/env:1")
    problem = page.get_by_role("alert").filter(has_text="Did you mean")
    expect(problem).to_contain_text("owner/env:1")
    expect(start_button(notebook)).to_be_disabled()
    notebook.press("Control+a")
    page.keyboard.type("owner/env:1")
    expect(problem).to_have_count(0)
    notebook.press("Enter")
    chip = notebook.panel.locator(".iw-chip")
    expect(chip).to_have_text("Pulling")
    expect(start_button(notebook)).to_be_disabled()
    notebook.tab_to("Cancel")
    notebook.tab_to("Log")
    notebook.press("Enter")
    expect(notebook.panel.get_by_label("Search the log")).to_be_visible()
    notebook.tab_to("Search the log")
    page.keyboard.type("line 299")
    notebook.press("Enter")
    expect(notebook.panel.locator(".iw-current")).to_contain_text("line 299")
    notebook.tab_to("Cancel", back=True)
    notebook.press("Enter")
    expect(chip).to_have_text("Cancelled")
    history = page.locator(".iw-wb-entry")
    expect(history).to_have_text(re.compile("■ pull owner/env:1 · cancelled after"))
    expect(start_button(notebook)).to_be_enabled()


def test_an_image_typed_while_the_kernel_computes_is_pulled(open_notebook: Open) -> None:
    notebook = opened(open_notebook, "import time\ntime.sleep(5)\nprint('computed')")
    notebook.run(1)
    expect(notebook.page.locator(".jp-Cell").nth(1)).to_contain_text("[*]")
    notebook.page.get_by_label("Image").first.focus()
    notebook.page.keyboard.type("owner/env:1")
    notebook.press("Enter")
    expect(notebook.output(1)).not_to_contain_text("computed", timeout=1)
    expect(notebook.panel.locator(".iw-reference")).to_have_text("owner/env:1")
    expect(notebook.page.locator(".iw-wb-entry")).to_have_count(1)


@pytest.mark.parametrize("keeps_widgets", [False, True])
def test_the_file_has_the_jobs_and_saving_them_redraws_no_field(
    open_notebook: Open, settings: Settings, *, keeps_widgets: bool
) -> None:
    settings("@jupyter-widgets/jupyterlab-manager:plugin", saveState=keeps_widgets)
    notebook = opened(open_notebook)
    page = notebook.page
    image = page.get_by_label("Image").first
    image.focus()
    page.keyboard.type("owner/env:1")
    image.evaluate("element => { element.dataset.mark = 'the same' }")
    notebook.press("Enter")
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling")
    notebook.panel.get_by_role("button", name="Cancel").click()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Cancelled")
    expect(image).to_have_attribute("data-mark", "the same")
    expect(notebook.page.locator("[data-imagewidget-jobs]")).to_be_hidden()
    saved = notebook.save()
    shown, kept = saved["cells"][0]["outputs"]
    for output in (shown, kept):
        assert set(output["data"]) == {"text/html", "text/plain"}
    assert "cancelled after" in "".join(kept["data"]["text/html"])
    assert ("widgets" in saved["metadata"]) is keeps_widgets
    notebook.replace_kernel()
    expect(notebook.output(0)).to_contain_text("Run this cell to pull", timeout=START)
    notebook.page.wait_for_timeout(1_000)  # for widgets from the file
    jobs = page.locator("[data-imagewidget-jobs]")
    expect(jobs).to_be_visible()
    expect(jobs).to_contain_text("cancelled after")
    expect(notebook.output(0)).to_contain_text("cancelled after")
    expect(notebook.output(0)).not_to_contain_text("Error")


def test_the_tabs_are_switched_with_the_arrow_keys(open_notebook: Open) -> None:
    notebook = opened(open_notebook)
    page = notebook.page
    page.get_by_role("tab", name="Pull").focus()
    notebook.press("ArrowRight", "Enter")
    expect(page.get_by_role("tab", name="Build")).to_have_attribute("aria-selected", "true")
    editor = page.get_by_label("Dockerfile")
    expect(editor).to_have_value(re.compile("FROM"))


def test_more_options_are_unfolded_and_set_by_keyboard(open_notebook: Open) -> None:
    notebook = opened(open_notebook)
    page = notebook.page
    page.get_by_role("tab", name="Build").click()
    notebook.tab_to("More options")
    network = page.get_by_label("Network").first
    expect(network).to_be_hidden()
    notebook.press("Enter")
    expect(network).to_be_visible()
    notebook.tab_to("Labels")
    page.keyboard.type("nonsense")
    expect(page.get_by_role("alert")).to_contain_text("NAME=value")
    expect(start_button(notebook)).to_be_disabled()
    notebook.press("Control+a")
    page.keyboard.type("a=b")
    notebook.tab_to("Network")
    page.keyboard.type("host")
    notebook.tab_to("Builder")
    notebook.press("ArrowDown")
    notebook.tab_to("More options", back=True)
    notebook.press("Enter")
    expect(network).to_be_hidden()
    more = page.locator(".iw-wb-more > button:visible")
    expect(more).to_have_text("More options · 3 set")
    expect(start_button(notebook)).to_be_enabled()


def test_two_jobs_are_kept_and_either_can_be_shown_again(open_notebook: Open) -> None:
    notebook = opened(open_notebook)
    page = notebook.page
    image = page.get_by_label("Image").first
    for name in ("owner/one:1", "owner/two:1"):
        image.fill(name)
        start_button(notebook).click()
        expect(notebook.panel.locator(".iw-reference")).to_have_text(name)
    expect(notebook.panels).to_have_count(1)
    page.locator(".iw-wb-entry").filter(has_text="owner/one:1").click()
    expect(notebook.panel.locator(".iw-reference")).to_have_text("owner/one:1")


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(open_notebook: Open, settings: Settings, theme: str) -> None:
    settings("@jupyterlab/apputils-extension:themes", theme=theme)
    notebook = opened(open_notebook)
    page = notebook.page
    is_light = "true" if "Light" in theme else "false"
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)
    page.get_by_label("Image").first.fill("Owner/Env")
    page.add_script_tag(path=AXE)
    workbench = page.locator(".iw-wb").first
    for tab in ("Pull", "Build", "Provision"):
        page.get_by_role("tab", name=tab).click()
        if tab == "Build":
            page.get_by_role("button", name="Add a secret").click()
            expect(page.get_by_label("Value of secret 1")).to_be_visible()
        if tab != "Pull":
            page.locator(".iw-wb-more > button:visible").click()
            expect(page.locator(".iw-wb-more-body:visible")).to_be_visible()
        assert workbench.evaluate(AXE_RUN) == []


def test_a_reloaded_page_shows_that_the_kernel_has_a_secret(open_notebook: Open) -> None:
    notebook = opened(open_notebook)
    page = notebook.page
    page.get_by_role("tab", name="Build").click()
    page.get_by_role("button", name="Add a secret").click()
    page.get_by_label("Value of secret 1").fill("hunter2-value")
    expect(page.get_by_role("alert")).to_contain_text("A secret has a value but no id")
    page.get_by_role("tab", name="Build").focus()  # keyboard shortcuts do not work in a field
    notebook.save()
    notebook.reload()
    secret = page.get_by_label("Value of secret 1")
    expect(secret).to_have_attribute(
        "placeholder", "already set; type to replace it", timeout=START
    )
    expect(secret).to_have_value("")


def test_a_secret_is_not_in_a_notebook_saved_with_its_widget_state(
    open_notebook: Open, settings: Settings
) -> None:
    settings("@jupyter-widgets/jupyterlab-manager:plugin", saveState=True)
    notebook = opened(open_notebook)
    page = notebook.page
    page.get_by_role("tab", name="Build").click()
    page.get_by_role("button", name="Add a secret").click()
    page.get_by_label("Secret", exact=True).fill("token-id")
    page.get_by_label("Value of secret 1").fill("hunter2-value")
    path = notebook.server.root / notebook.name
    page.locator('[data-jp-item-name="save"]').click()
    end = time.monotonic() + 10
    while "token-id" not in path.read_text():
        assert time.monotonic() < end, "the state of the widgets was not saved"
        time.sleep(0.2)
    saved = json.loads(path.read_text())
    assert "widgets" in saved["metadata"]
    assert "hunter2-value" not in path.read_text()
