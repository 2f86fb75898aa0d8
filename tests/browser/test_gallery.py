"""Every moment of the gallery is accessible, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.frontends import START
from tests.browser.harness import AXE, Theme
from tests.browser.moments import frozen, show
from tests.browser.test_accessibility import AXE_RUN
from tests.gallery import MOMENTS, Moment


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_axe_finds_nothing(page: Page, moment: Moment, theme: Theme) -> None:
    harness = show(page, *frozen(moment), theme)
    page.add_script_tag(path=AXE)
    assert page.evaluate(AXE_RUN) == []
    assert harness.errors == []


@pytest.mark.sample(every=7)
@pytest.mark.parametrize("width", [400, 900, 1600])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_nothing_overflows(page: Page, moment: Moment, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, *frozen(moment), "light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_paused_replay_does_not_change_in_a_notebook(open_notebook: Open) -> None:
    notebook = open_notebook(
        "import imagewidget as iw\njob = iw.replay('demo/retrying', speed=float('inf'), until=7)"
    )
    notebook.run(0)
    chip = notebook.panel.locator(".iw-chip")
    expect(chip).to_contain_text("Retrying in", timeout=START)
    before = chip.inner_text()
    notebook.page.wait_for_timeout(3000)
    expect(chip).to_have_text(before)
