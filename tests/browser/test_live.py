"""Jobs in JupyterLab, Notebook 7 and Voila, without an engine: drawn into the HTML of their cells.

The tests with a real engine are in `test_engines_frontends.py`.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from imagewidget.panel import modules
from tests.browser.conftest import Open
from tests.browser.frontends import START, Kind

# Mark the panel, select the first line of its log, and record how many panels each frame shows.
MARK = """panel => {
  panel.dataset.mark = 'the same';
  const line = panel.querySelector('.iw-line-text');
  const focused = document.activeElement;
  if (line) getSelection().selectAllChildren(line);
  focused.focus();
  window.seen = new Set();
  const look = () => {
    const count = [...document.querySelectorAll('.iw')].filter(one => one.offsetHeight).length;
    window.seen.add(count === 1 ? 'one panel' : `${count} panels`);
    requestAnimationFrame(look);
  };
  look();
}"""

# Where the reader is in a log: the position, the lines, and the selected text.
PLACE = "log => [log.scrollTop, log.innerText, getSelection().toString()]"

# What the browser computes of the look of every element of a panel.
LOOK = """panel => [panel, ...panel.querySelectorAll('*')].map(element => {
  const style = getComputedStyle(element);
  const names = ['display', 'float', 'width', 'height', 'marginTop', 'padding', 'border', 'color',
    'backgroundColor', 'font', 'listStyle', 'textAlign', 'whiteSpace', 'wordBreak',
    'verticalAlign', 'tableLayout', 'overflow'];
  return [element.localName, String(element.getAttribute('class')),
    ...names.map(name => `${name}: ${style[name]}`)];
})"""
# Move a panel out of the notebook, to where the front end has no rules for it.
BARE = """panel => {
  const bare = document.createElement('div');
  bare.className = panel.parentElement.className;
  const width = panel.getBoundingClientRect().width + 4;
  bare.style = `position: absolute; top: 50px; left: 50px; width: ${width}px`;
  document.body.append(bare);
  bare.append(panel);
}"""
SAME = """\
import imagewidget as iw, ipywidgets
job = iw.replay("demo/{moment}", speed=float("inf"))
job.wait()
display(ipywidgets.VBox([job.panel]))
"""

IMPORT = "from tests.browser import scenes\n"


@pytest.mark.sample(kind="notebook")
@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_a_pull_is_shown_from_beginning_to_end(open_notebook: Open, kind: Kind) -> None:
    notebook = open_notebook(IMPORT + "scenes.pull(9, seconds=4).panel", kind=kind)
    notebook.run(0)
    panel = notebook.panel
    expect(panel.locator(".iw-chip")).to_have_text("Pulling", timeout=START)
    bar = panel.get_by_role("progressbar", name="Overall progress")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d?"))
    expect(panel.locator(".iw-layer")).to_have_count(9)
    expect(panel.locator(".iw-chip")).to_have_text("Done")
    expect(panel.locator(".iw-result")).to_contain_text("a1b2c3d4a1b2")
    expect(panel.locator(".iw-layer[data-phase=done]")).to_have_count(9)


def test_a_kernel_that_vanished_is_noticed_after_ten_seconds(open_notebook: Open) -> None:
    notebook = open_notebook(IMPORT + "job = scenes.pull(9, seconds=60)\njob.panel")
    notebook.run(0)
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    notebook.kill_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("No response", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("The kernel has not responded for")


def test_two_panels_send_the_front_end_once(open_notebook: Open) -> None:
    notebook = open_notebook(
        IMPORT + "scenes.pull(3, seconds=1).panel", "scenes.pull(3, seconds=1).panel"
    )
    received = notebook.count_bytes()
    sizes = []
    for index in range(2):
        received.clear()
        notebook.run(index)
        expect(notebook.panels.nth(index).locator(".iw-chip")).to_have_text("Done", timeout=START)
        sizes.append(sum(received))
    core = len(modules.source(modules.CORE))
    assert core < sizes[0] < core + len(modules.source(modules.DETAILS))
    assert sizes[1] < 32_000 < core  # a pull of a second, from beginning to end


@pytest.mark.sample(kind="notebook")
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_a_page_reloaded_after_the_first_panel_was_closed_asks_for_the_front_end(
    open_notebook: Open, kind: Kind
) -> None:
    notebook = open_notebook(
        IMPORT + "first = scenes.pull(3, seconds=1).panel\nfirst",
        "job = scenes.build(200, seconds=60)\njob.panel",
        "first.close()",
        kind=kind,
    )
    for index in (0, 1):
        notebook.run(index)
        expect(notebook.panels).to_have_count(index + 1, timeout=START)
    expect(notebook.output(0).locator(".iw-chip")).to_have_text("Done")
    notebook.run(2)
    expect(notebook.panels).to_have_count(1)
    expect(notebook.output(0)).to_contain_text("done in")
    notebook.save()
    notebook.reload()
    expect(notebook.output(1).locator(".iw-chip")).to_have_text("Building", timeout=START)
    expect(notebook.output(1).locator(".iw-log")).to_contain_text("compiling module")
    expect(notebook.panels).to_have_count(1)
    assert notebook.cancel() < 1


@pytest.mark.sample(kind="notebook")
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_two_views_of_a_panel_agree_and_either_cancels(open_notebook: Open, kind: Kind) -> None:
    notebook = open_notebook(
        IMPORT + "job = scenes.pull(9, seconds=60)\njob.panel", "job.panel", kind=kind
    )
    for index in (0, 1):
        notebook.run(index)
        expect(notebook.panels).to_have_count(index + 1, timeout=START)
    for panel in notebook.panels.all():
        expect(panel.locator(".iw-layer")).to_have_count(9)
    assert notebook.cancel(notebook.panels.nth(1)) < 1
    expect(notebook.panels.nth(0).locator(".iw-chip")).to_have_text("Cancelled")
    notebook.page.wait_for_timeout(500)
    expect(notebook.panels).to_have_count(2)


@pytest.mark.sample(kind="lab")
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_a_refreshed_output_keeps_the_readers_place(open_notebook: Open, kind: Kind) -> None:
    notebook = open_notebook(IMPORT + "scenes.build(3000, seconds=60).panel", kind=kind)
    notebook.run(0)
    log = notebook.panel.locator(".iw-log .iw-lines")
    expect(log).to_contain_text("compiling module 9", timeout=START)
    notebook.page.wait_for_timeout(3_500)
    search = notebook.panel.get_by_label("Search the log")
    search.fill("module 17")
    expect(notebook.panel.locator(".iw-current")).to_be_visible()
    notebook.panel.evaluate(MARK)
    place = log.evaluate(PLACE)
    notebook.panel.evaluate("panel => { window.card = panel.parentElement }")
    refreshed = "document.querySelector('.iw')?.parentElement !== window.card"
    notebook.page.wait_for_function(refreshed, timeout=30_000)
    expect(notebook.panel).to_have_attribute("data-mark", "the same")
    expect(search).to_be_focused()
    expect(search).to_have_value("module 17")
    assert log.evaluate(PLACE) == place
    assert "compiling module" in place[-1]
    assert notebook.page.evaluate("[...window.seen]") == ["one panel"]


def test_a_front_end_that_needs_a_view_is_left_with_the_live_panel_in_the_html(
    open_notebook: Open,
) -> None:
    """As VS Code is, whose widgets can be tried only there."""
    notebook = open_notebook(
        IMPORT
        + "from imagewidget.panel import panel\npanel.needs_view = lambda: True\n"
        + "job = scenes.build(300, seconds=5)\njob.panel"
    )
    notebook.run(0)
    expect(notebook.panel.locator(".iw-log")).to_contain_text("compiling", timeout=START)
    expect(notebook.output(0).locator("[data-imagewidget]")).to_have_count(0)
    notebook.panel.evaluate(MARK)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done")
    expect(notebook.output(0).locator("[data-imagewidget] > .iw")).to_have_count(1)
    expect(notebook.panel).to_have_attribute("data-mark", "the same")
    (output,) = notebook.save()["cells"][0]["outputs"]
    assert set(output["data"]) == {"text/html", "text/plain"}


def test_a_panel_in_a_box_is_a_view(open_notebook: Open) -> None:
    notebook = open_notebook(
        IMPORT + "import ipywidgets\nipywidgets.VBox([scenes.pull(3, seconds=2).panel])"
    )
    notebook.run(0)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    expect(notebook.page.locator(".widget-vbox .iw")).to_have_count(1)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("kind", ["lab", "notebook"])
@pytest.mark.parametrize("moment", ["done", "fallback", "failed-build", "warnings"])
def test_a_panel_looks_the_same_in_html_in_a_box_and_outside_of_the_notebook(
    open_notebook: Open, kind: Kind, moment: str
) -> None:
    """Front ends have rules for the elements of outputs, which are not meant for a panel."""
    notebook = open_notebook(SAME.format(moment=moment), kind=kind)
    notebook.run(0)
    expect(notebook.panels).to_have_count(2, timeout=START)
    notebook.page.wait_for_timeout(1_500)
    notebook.page.mouse.move(1, 1)  # what is under the mouse looks different
    for panel in [one.element_handle() for one in notebook.panels.all()]:
        inside = panel.evaluate(LOOK)
        panel.evaluate(BARE)
        notebook.page.wait_for_timeout(300)
        outside = panel.evaluate(LOOK)
        assert [one for one, other in zip(inside, outside, strict=True) if one != other] == []


def test_classes_and_the_layout_of_a_panel_apply_in_html_too(open_notebook: Open) -> None:
    notebook = open_notebook(
        IMPORT + "panel = scenes.pull(3, seconds=1).panel\npanel.add_class('mine')\npanel",
        "panel.layout.width = '500px'",
    )
    notebook.run(0)
    place = notebook.page.locator("[data-imagewidget].mine")
    expect(place.locator(".iw-chip")).to_have_text("Done", timeout=START)
    notebook.run(1)
    expect(place).to_have_css("width", "500px")
