"""The panel is accessible: by screen reader and keyboard, with reduced motion, in any theme."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from imagewidget.progress.state import Phase
from tests.browser import states
from tests.browser.harness import AXE, Harness, Theme, build_log

AXE_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(node => node.html + " " + node.failureSummary).join(" | ")}`);
}"""


def show(page: Page, name: str, theme: Theme = "light") -> Harness:
    harness = Harness(page, theme)
    state = states.ALL[name]
    harness.show(state, build_log(state.log_length))
    return harness


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", states.ALL)
def test_axe_finds_nothing(page: Page, name: str, theme: Theme) -> None:
    harness = show(page, name, theme)
    page.add_script_tag(path=AXE)
    assert page.evaluate(AXE_RUN) == []
    assert harness.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_when_everything_is_open(page: Page, theme: Theme) -> None:
    harness = show(page, "build", theme)
    for button in harness.panel.locator(".iw-step-button").all():
        button.click()
    expect(harness.panel.locator(".iw-step-detail .iw-line").first).to_be_visible()
    page.get_by_label("Search the log").fill("package")
    page.keyboard.press("Enter")
    page.add_script_tag(path=AXE)
    assert page.evaluate(AXE_RUN) == []


def test_a_bar_exposes_its_progress(page: Page) -> None:
    harness = show(page, "pull-9")
    bar = harness.panel.get_by_role("progressbar", name="Overall progress")
    expect(bar).to_have_attribute("aria-valuenow", "43")
    expect(bar).to_have_attribute("aria-valuemin", "0")
    expect(bar).to_have_attribute("aria-valuemax", "100")
    expect(bar).to_have_attribute("aria-valuetext", "43\u00a0%, 112\u00a0MB / ≥\u00a0184\u00a0MB")


def test_a_bar_without_a_total_has_no_value(page: Page) -> None:
    harness = show(page, "queued")
    bar = harness.panel.get_by_role("progressbar", name="Overall progress")
    expect(bar).not_to_have_attribute("aria-valuenow", "0")
    assert bar.get_attribute("aria-valuenow") is None


def test_only_a_change_of_phase_is_announced(page: Page) -> None:
    harness = show(page, "pull-9")
    voice = harness.panel.get_by_role("status").first
    expect(voice).to_have_text("Pulling owner/env:1 from ghcr.io")
    page.evaluate(
        "() => { window.spoken = 0; new MutationObserver(() => spoken++).observe("
        "document.querySelector('.iw [role=status]'), {childList: true, characterData: true,"
        " subtree: true}); }"
    )
    for fraction in (0.5, 0.6, 0.7):
        harness.show(states.pull(9, fraction=fraction, elapsed=fraction * 20))
    assert page.evaluate("spoken") == 0
    harness.show(states.done(9))
    assert page.evaluate("spoken") == 1
    expect(voice).to_contain_text("Done: owner/env:1 is ready")


def test_every_control_works_with_the_keyboard(page: Page) -> None:
    harness = show(page, "build")
    page.keyboard.press("Tab")
    expect(harness.panel.get_by_role("button", name="Cancel")).to_be_focused()
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
        )
    for wanted in (
        "Steps",
        "Search the log",
        "Wrap long lines",
        "Copy the log",
        "Download the log",
    ):
        assert any(wanted in name for name in names), wanted
    step = harness.panel.locator(".iw-step-button").nth(3)
    step.focus()
    page.keyboard.press("Enter")
    expect(step).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Space")
    expect(step).to_have_attribute("aria-expanded", "false")
    harness.panel.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("Enter")
    assert len(harness.sent("cancel")) == 1


def test_focus_is_visible(page: Page) -> None:
    harness = show(page, "build")
    for selector in (".iw-button", ".iw-fold-button", ".iw-step-button", ".iw-lines"):
        target = harness.panel.locator(f"{selector}:visible").first
        page.keyboard.press("Tab")
        target.focus()
        assert target.evaluate("el => getComputedStyle(el).outlineStyle") == "solid", selector


def test_focus_is_kept_when_the_cancel_button_disappears(page: Page) -> None:
    harness = show(page, "pull-9")
    harness.panel.get_by_role("button", name="Cancel").focus()
    harness.show(states.done(9))
    expect(harness.panel).to_be_focused()


def test_focus_is_kept_when_the_retry_button_disappears(page: Page) -> None:
    harness = show(page, "build-failed")
    harness.panel.get_by_role("button", name="Retry").focus()
    page.keyboard.press("Enter")
    expect(harness.panel.get_by_role("button", name="Retrying")).to_be_focused()
    harness.retry(states.build())
    expect(harness.panel).to_be_focused()


def test_focus_is_kept_when_a_step_of_the_last_run_disappears(page: Page) -> None:
    harness = show(page, "build-failed")
    harness.panel.locator(".iw-step-button").nth(4).focus()
    harness.retry(states.build())
    expect(harness.panel).to_be_focused()


def test_focus_moves_from_the_newest_lines_button_to_the_lines(page: Page) -> None:
    harness = show(page, "build")
    lines = harness.panel.locator(".iw-log .iw-lines")
    lines.focus()
    page.keyboard.press("Home")
    expect(lines).to_have_js_property("scrollTop", 0)
    button = harness.panel.get_by_role("button", name="Newest lines")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_be_hidden()
    expect(lines).to_be_focused()


def test_focus_stays_on_download(page: Page) -> None:
    harness = show(page, "build")
    button = harness.panel.locator(".iw-log .iw-fold-tools > button").last
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_accessible_name("Downloading")
    expect(button).to_be_focused()


def test_a_panel_has_one_live_region(page: Page) -> None:
    harness = show(page, "build")
    page.get_by_label("Search the log").fill("package")
    expect(harness.panel.locator(".iw-search-count")).to_contain_text("1 of")
    live = ("[aria-live]", "output", "[role=status]", "[role=alert]", "[role=log]")
    assert harness.panel.locator(", ".join(live)).count() == 1


def moving(page: Page) -> int:
    count: int = page.evaluate(
        "document.getAnimations().filter("
        "a => a instanceof CSSAnimation && a.playState === 'running').length"
    )
    return count


def test_nothing_moves_when_the_kernel_is_gone(page: Page) -> None:
    harness = show(page, "pull-9")
    assert moving(page) > 0
    page.evaluate("harness.loseKernel()")
    harness.settle()
    assert moving(page) == 0


def test_nothing_moves_when_the_kernel_does_not_answer(page: Page) -> None:
    page.clock.install()
    harness = show(page, "pull-9")
    assert moving(page) > 0
    page.clock.run_for(11_000)
    expect(harness.panel.locator(".iw-chip")).to_have_text("No response")
    assert moving(page) == 0


def test_nothing_moves_with_reduced_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    harness = show(page, "queued")
    harness.show(states.build())
    running = "document.getAnimations().filter(a => a.playState === 'running').length"
    assert page.evaluate(running) == 0
    assert harness.errors == []


def style(target: Locator, name: str, pseudo: str = "") -> str:
    found: str = target.evaluate(
        "(el, [name, pseudo]) => getComputedStyle(el, pseudo)[name]", [name, pseudo]
    )
    return found


def test_bars_pressed_buttons_and_matches_are_visible_in_high_contrast(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    harness = show(page, "queued")
    unknown = harness.panel.locator(".iw-overall-bar")
    assert "gradient" in style(unknown, "backgroundImage", "::after")
    harness.retry(states.build(), build_log(64))
    for bar in (".iw-overall-bar", ".iw-gantt", ".iw-transfer .iw-bar"):
        track = harness.panel.locator(bar).first
        assert style(track, "borderStyle") == "solid", bar
        filled = style(track.locator("i").first, "backgroundColor")
        assert filled != style(track, "backgroundColor"), bar
    lines = harness.panel.locator(".iw-log .iw-lines")
    assert style(lines, "borderTopWidth") == "0px"
    wrap = page.get_by_label("Wrap long lines")
    assert style(wrap, "outlineStyle") == "none"
    wrap.click()
    page.get_by_label("Search the log").fill("package-0")
    for target in (wrap, lines.locator(".iw-current")):
        expect(target).to_have_css("outline-style", "solid")


def test_colour_is_never_the_only_sign(page: Page) -> None:
    harness = show(page, "pull-9")
    for row in harness.panel.locator(".iw-layer").all():
        assert row.locator(".iw-layer-phase").inner_text()
        assert row.locator("svg").count() == 1
    harness.show(states.build(fails=True))
    for step, button in zip(
        states.build(fails=True).steps,
        harness.panel.locator(".iw-step-button").all(),
        strict=True,
    ):
        assert step.status.value in button.aria_snapshot()


def test_a_narrow_panel_exposes_the_status_of_a_step(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    harness = show(page, "build-failed")
    cached = harness.panel.locator(".iw-step[data-status=cached] .iw-step-button")
    assert "cached" in cached.aria_snapshot()


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("width", [400, 900, 1600])
@pytest.mark.parametrize("name", ["pull-80", "done-80", "build-failed", "pull-failed"])
def test_nothing_overflows_at_any_width(page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    harness = show(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    overflowing = harness.panel.evaluate(
        """panel => {
          const edge = panel.getBoundingClientRect().right + 0.5;
          const clipped = ".iw-lines, .iw-gantt, .iw-bar, .iw-step-name";
          return [...panel.querySelectorAll("*")]
            .filter(el => !el.closest(clipped) && el.getBoundingClientRect().right > edge)
            .map(el => el.outerHTML);
        }"""
    )
    assert overflowing == []


def fits(target: Locator) -> bool:
    """Return whether the element ends within the panel."""
    found: bool = target.evaluate(
        "el => el.getBoundingClientRect().right <= el.closest('.iw').getBoundingClientRect().right"
    )
    return found


def test_a_long_registry_name_leaves_room_for_the_image_name(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    harness = Harness(page)
    registry = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com:5000"
    harness.show(states.pull(3, source=registry))
    name = harness.panel.locator(".iw-reference")
    assert name.evaluate("el => el.clientWidth === el.scrollWidth && el.clientWidth > 0")
    assert fits(harness.panel.locator(".iw-source"))
    harness.show(
        replace(states.done(3), source=registry, image=replace(states.IMAGE, source=registry))
    )
    assert fits(harness.panel.get_by_text(registry, exact=True))


@pytest.mark.parametrize("width", [400, 620, 900])
def test_a_long_stage_name_leaves_room_for_the_step(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    harness = Harness(page)
    build = states.build()
    step = replace(build.steps[5], stage="production-dependencies", number=12, count=12)
    harness.show(replace(build, steps=(step,)))
    button = harness.panel.locator(".iw-step-button")
    assert "production-dependencies 12/12" in button.aria_snapshot()
    assert button.locator(".iw-step-name").evaluate("el => el.clientWidth") > 75
    label, number = button.locator(".iw-step-label"), button.get_by_text("12/12")
    box, inner = label.bounding_box(), number.bounding_box()
    assert box
    assert inner
    assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 0.5
    assert fits(button.locator(".iw-step-time"))


def test_the_panel_follows_a_change_of_theme(page: Page) -> None:
    harness = show(page, "pull-9")
    expect(harness.panel).to_have_attribute("data-theme", "light")
    page.evaluate("document.body.style.background = '#111'")
    expect(harness.panel).to_have_attribute("data-theme", "dark")


VS_CODE: dict[Theme, str] = {
    "dark": "--vscode-editor-background: #1f1f1f; --vscode-editor-foreground: #cccccc;"
    "--vscode-textLink-foreground: #4daafc; --vscode-errorForeground: #f85149;"
    "--vscode-editorWarning-foreground: #cca700; --vscode-testing-iconPassed: #73c991;"
    "--vscode-widget-border: #313131",
    "light": "--vscode-editor-background: #ffffff; --vscode-editor-foreground: #3b3b3b;"
    "--vscode-textLink-foreground: #005fb8; --vscode-errorForeground: #f85149;"
    "--vscode-editorWarning-foreground: #bf8803; --vscode-testing-iconPassed: #73c991;"
    "--vscode-widget-border: #e5e5e5",
}
JUPYTER: dict[Theme, str] = {
    "dark": "--jp-layout-color1: #111111; --jp-ui-font-color1: rgba(255, 255, 255, 1);"
    "--jp-brand-color1: #64b5f6; --jp-error-color1: #e57373; --jp-warn-color1: #ffb74d;"
    "--jp-success-color1: #81c784; --jp-border-color2: #616161",
    "light": "--jp-layout-color1: white; --jp-ui-font-color1: rgba(0, 0, 0, 0.87);"
    "--jp-brand-color1: #1976d2; --jp-error-color1: #d32f2f; --jp-warn-color1: #f57c00;"
    "--jp-success-color1: #388e3c; --jp-border-color2: #e0e0e0",
}


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("variables", [VS_CODE, JUPYTER], ids=["VS Code", "JupyterLab"])
@pytest.mark.parametrize("behind", ["transparent", "#ffffff"])
def test_text_is_legible_with_the_colours_of_the_front_end(
    page: Page, variables: dict[Theme, str], theme: Theme, behind: str
) -> None:
    harness = Harness(page, variables=variables[theme], background=behind)
    harness.show(states.pull(9))
    expect(harness.panel).to_have_attribute("data-theme", theme)
    page.add_script_tag(path=AXE)
    for state in (states.build(fails=True), states.retrying(), states.done(9)):
        harness.retry(state, build_log(state.log_length))
        assert page.evaluate(AXE_RUN) == []


def test_the_theme_that_vs_code_declares_is_followed(page: Page) -> None:
    harness = Harness(page, background="transparent")
    harness.show(states.pull(9))
    page.evaluate("document.body.dataset.vscodeThemeKind = 'vscode-dark'")
    expect(harness.panel).to_have_attribute("data-theme", "dark")
    page.evaluate("document.body.dataset.vscodeThemeKind = 'vscode-high-contrast-light'")
    expect(harness.panel).to_have_attribute("data-theme", "light")


def test_the_theme_of_colab_is_followed(page: Page) -> None:
    harness = Harness(page, background="transparent")
    harness.show(states.pull(9))
    page.add_style_tag(content="html { background: white } html[theme=dark] { background: #222 }")
    page.evaluate("document.documentElement.setAttribute('theme', 'dark')")
    expect(harness.panel).to_have_attribute("data-theme", "dark")


def test_the_end_of_a_job_whose_kernel_is_gone_is_shown(page: Page) -> None:
    harness = show(page, "pull-9")
    page.evaluate("harness.loseKernel()")
    expect(harness.panel.locator(".iw-chip")).to_have_text("Interrupted")
    expect(harness.panel.get_by_role("button", name="Cancel")).to_be_hidden()
    assert states.ALL["pull-9"].phase is Phase.PULLING
