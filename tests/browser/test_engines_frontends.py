"""Jobs on a real engine in every front end: shown, cancelled, reloaded, kernel restarted.

Voila shows the output of a cell only after it has ended, and reloading a page runs its cells
again.

`test_engines.py` has a pull and a build with both stores of Docker, `test_live.py` tests without an
engine.
"""

from __future__ import annotations

import functools
import itertools
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.frontends import START, Kind, OpenNotebook
from tests.browser.server import JupyterServer
from tests.left_out import leave_out
from tests.rig.engine import Engine
from tests.rig.processes import wait_until
from tests.rig.registry import Registry
from tests.rig.standin import StandIn

SETUP = """\
import ipykernel
import imagewidget as iw
print("ipykernel", ipykernel.__version__)
client = iw.connect({address!r})
"""
PULL = "job = iw.pull({image!r}, client=client)\n"
BUSY = """\
import time
from pathlib import Path
Path({flag!r}).touch()
end = time.time() + {seconds}
while time.time() < end: sum(range(10000))
"""
DEAF = """\
from imagewidget.panel import model
model.accept_on_control = lambda: False
"""
DOCKERFILE = """\
FROM {base}
RUN for line in 1 2 3 4 5; do echo said $line; sleep 1; done
"""


# Record every value of the overall bar.
WATCH_BAR = """panel => {
  const bar = panel.querySelector(".iw-overall-bar");
  window.bar = [];
  new MutationObserver(() => {
    const now = Number(bar.getAttribute("aria-valuenow"));
    if (window.bar.at(-1) !== now) window.bar.push(now);
  }).observe(bar, { attributes: true });
}"""
MOVING = """panel =>
  panel.getAnimations({ subtree: true }).filter(each => each.playState === "running").length"""


@pytest.fixture
def engine(engine_graphdriver: Engine) -> Engine:
    """An engine without images."""
    engine_graphdriver.clean()
    return engine_graphdriver


@pytest.fixture(scope="session")
def kernel_of(
    server: JupyterServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Return the name of a kernel with a given ipykernel, which is installed on first use."""

    @functools.cache
    def kernel_of(wanted: str) -> str:
        if version("ipykernel").startswith(f"{wanted}."):
            return "python3"
        directory = tmp_path_factory.mktemp("ipykernel")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        done = subprocess.run(
            [*pip, str(directory), f"ipykernel=={wanted}.*"],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            leave_out(f"ipykernel {wanted}", f"pip cannot install it: {done.stderr.strip()[-300:]}")
        server.add_kernel(f"ipykernel-{wanted}", directory)
        return f"ipykernel-{wanted}"

    return kernel_of


def expect_stillness(notebook: OpenNotebook) -> None:
    """Check that nothing moves, as soon as the bars have reached their last values."""
    panel = notebook.panel.element_handle()
    notebook.page.wait_for_function(f"panel => ({MOVING})(panel) === 0", arg=panel, timeout=2_000)


def start(engine: Engine, image: str) -> str:
    return SETUP.format(address=engine.url) + PULL.format(image=image)


@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_a_pull_is_shown_in_every_front_end(
    open_notebook: Open, engine: Engine, slow_registry: StandIn, kind: Kind
) -> None:
    notebook = open_notebook(start(engine, slow_registry.nine), kind=kind)
    notebook.run(0)
    panel = notebook.panel
    expect(notebook.downloading).to_be_visible(timeout=START)
    panel.evaluate(WATCH_BAR)
    expect(panel.locator(".iw-chip")).to_have_text("Pulling")
    notebook.page.wait_for_function("window.bar.length >= 3")
    slow_registry.throttle(None)  # progress was seen, so the rest may be fast
    expect(panel.locator(".iw-chip")).to_have_text("Done", timeout=90_000)
    bar = notebook.page.evaluate("window.bar")
    assert bar == sorted(bar)
    assert bar[-1] == 100
    expect(panel.locator(".iw-layer[data-phase=done]")).to_have_count(9)
    expect(panel.locator(".iw-result")).to_contain_text("sha256:")
    assert slow_registry.nine in engine.images()


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_a_build_is_shown_in_every_front_end(
    open_notebook: Open, engine: Engine, registry: Registry, tmp_path: Path, kind: Kind
) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(base=registry.one))
    build = f"job = iw.build({str(tmp_path)!r}, tag='panel:{kind}', client=client)"
    notebook = open_notebook(SETUP.format(address=engine.url) + build, kind=kind)
    notebook.run(0)
    panel = notebook.panel
    running = panel.locator(".iw-step[data-status=running]")
    expect(running.filter(has_text="RUN for line")).to_be_visible(timeout=START)
    panel.evaluate(WATCH_BAR)
    expect(panel.locator(".iw-chip")).to_have_text("Done", timeout=START)
    assert notebook.page.evaluate("window.bar.at(-1)") == 100
    expect(panel.locator(".iw-log")).to_contain_text("said 5")
    expect(panel.locator(".iw-result")).to_contain_text("built locally")
    assert f"panel:{kind}" in engine.images()


@pytest.mark.sample(every=4)
@pytest.mark.parametrize(
    ("ipykernel", "kind", "case"),
    [
        *itertools.product(
            ["7.3", "7.4"], ["lab", "notebook", "voila"], ["idle", "waits", "computes"]
        ),
        # ipykernel 6 and Voila have no subshells, so the control channel is used.
        *itertools.product(["6"], ["lab"], ["waits", "computes"]),
    ],
)
def test_cancel_takes_effect_within_a_second(
    open_notebook: Open,
    engine: Engine,
    slow_registry: StandIn,
    tmp_path: Path,
    kernel_of: Callable[[str], str],
    *,
    ipykernel: str,
    kind: Kind,
    case: str,
) -> None:
    flag = tmp_path / "computing"
    cells = [start(engine, slow_registry.nine)]
    if case == "computes":
        cells.append(BUSY.format(flag=str(flag), seconds=20))
    elif case == "waits" and kind == "voila":
        cells.append("job.wait()")  # Voila shows no output of a cell before it has ended
    elif case == "waits":
        cells[0] += "job.wait()"
    notebook = open_notebook(*cells, kernel=kernel_of(ipykernel), kind=kind)
    said = notebook.page.get_by_text(f"ipykernel {ipykernel}.")
    for patience in (START / 3, START / 3, START):
        if ipykernel == "7.3":
            notebook.nudge_kernel()
        notebook.run(0)
        try:
            expect(said).to_be_visible(timeout=patience)
            break
        except AssertionError:
            # The bug that 7.4 fixed, see `nudge_kernel`; users would restart the kernel, too.
            if ipykernel != "7.3" or patience == START:
                raise
            notebook.replace_kernel()
    expect(notebook.downloading).to_be_visible(timeout=START)
    if case == "computes":
        notebook.run(1)
        assert wait_until(flag.exists, 20)
    if kind != "voila":
        expect(notebook.prompt(len(cells) - 1)).to_have_text("[1]:" if case == "idle" else "[*]:")
    assert notebook.cancel() < 1


def test_a_cancel_that_waits_for_the_cell_is_announced_and_takes_effect_when_it_ends(
    open_notebook: Open, engine: Engine, slow_registry: StandIn, tmp_path: Path
) -> None:
    """As in VS Code and Colab, without subshells and access to the control channel."""
    slow_registry.throttle(3_000_000)
    flag = tmp_path / "computing"
    busy = BUSY.format(flag=str(flag), seconds=10)
    notebook = open_notebook(DEAF + start(engine, slow_registry.nine), busy, kind="voila")
    expect(notebook.downloading).to_be_visible(timeout=START)
    assert wait_until(flag.exists, 20)
    notebook.panel.get_by_role("button", name="Cancel").click()
    expect(notebook.panel.locator(".iw-note")).to_contain_text("has not responded yet")
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Cancelled", timeout=30_000)


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("kind", ["lab", "notebook", "voila"])
def test_two_views_agree_and_either_cancels(
    open_notebook: Open, engine: Engine, slow_registry: StandIn, kind: Kind
) -> None:
    notebook = open_notebook(start(engine, slow_registry.nine), "job.panel", kind=kind)
    notebook.run(0)
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.run(1)
    expect(notebook.panels).to_have_count(2)
    for panel in notebook.panels.all():
        expect(panel.locator(".iw-layer")).to_have_count(9)
        expect(panel.locator(".iw-chip")).to_have_text("Pulling")
    assert notebook.cancel(notebook.panels.nth(1)) < 1
    expect(notebook.panels.nth(0).locator(".iw-chip")).to_have_text("Cancelled")


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_a_page_reloaded_during_a_pull_catches_up(
    open_notebook: Open, engine: Engine, slow_registry: StandIn, kind: Kind
) -> None:
    slow_registry.throttle(3_000_000)  # takes over a minute, so that the reload is during the pull
    notebook = open_notebook(start(engine, slow_registry.nine), kind=kind)
    notebook.run(0)
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.save()
    notebook.reload()
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling")
    expect(notebook.downloading).to_be_visible()
    slow_registry.throttle(None)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=60_000)
    expect(notebook.panel.locator(".iw-layer[data-phase=done]")).to_have_count(9)


def test_a_voila_page_reloaded_during_a_pull_continues_the_pull(
    open_notebook: Open, engine: Engine, slow_registry: StandIn
) -> None:
    """The reloaded page runs its cells again; the engine continues with what it already has."""
    slow_registry.throttle(3_000_000)
    notebook = open_notebook(start(engine, slow_registry.nine), kind="voila")
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.reload()
    expect(notebook.panel.locator(".iw-layer")).to_have_count(9, timeout=START)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Pulling")
    slow_registry.throttle(None)
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Done", timeout=60_000)


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_a_kernel_restart_during_a_pull_is_shown_and_nothing_moves(
    open_notebook: Open, engine: Engine, slow_registry: StandIn, kind: Kind
) -> None:
    notebook = open_notebook(start(engine, slow_registry.nine), kind=kind)
    notebook.run(0)
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.restart_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("Interrupted", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("kernel was restarted")
    expect(notebook.panel.get_by_role("button", name="Cancel")).to_be_hidden()
    expect_stillness(notebook)


def test_a_voila_page_notices_a_kernel_restart_during_a_pull(
    open_notebook: Open, engine: Engine, slow_registry: StandIn
) -> None:
    slow_registry.throttle(3_000_000)
    notebook = open_notebook(start(engine, slow_registry.nine), kind="voila")
    expect(notebook.downloading).to_be_visible(timeout=START)
    notebook.kill_kernel()
    expect(notebook.panel.locator(".iw-chip")).to_have_text("No response", timeout=20_000)
    expect(notebook.panel.locator(".iw-notice")).to_contain_text("The kernel has not responded for")
    expect_stillness(notebook)
