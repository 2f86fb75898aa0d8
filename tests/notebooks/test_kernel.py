"""In a real kernel, a click reaches a busy kernel, and waiting for a job blocks nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SETUP = """
import asyncio, time
from imagewidget.jobs.job import Job
from imagewidget.panel.panel import Panel

def endless(cancel, clock):
    cancel.sleep(60)
    yield

panel = Panel()
job = Job(endless, displays=(panel,))
panel.comm.comm_id
"""

TICKER = """
ticks, order = 0, []

async def tick():
    global ticks
    while True:
        ticks += 1
        await asyncio.sleep(0.01)

ticker = asyncio.create_task(tick())
"""


@pytest.fixture(scope="module")
def manager() -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.fixture(scope="module")
def kernel(manager: KernelManager) -> Iterator[BlockingKernelClient]:
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()


def run(kernel: BlockingKernelClient, code: str) -> str:
    """Run a cell to its end, and return the repr of its value."""
    values: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_result":
            values.append(message["content"]["data"]["text/plain"])

    reply = kernel.execute_interactive(code, timeout=60, output_hook=keep)
    assert reply["content"]["status"] == "ok", reply["content"]
    return values[-1] if values else ""


def reply_to(kernel: BlockingKernelClient, message: str) -> dict[str, Any]:
    while True:
        reply: dict[str, Any] = kernel.get_shell_msg(timeout=30)
        if reply["parent_header"]["msg_id"] == message:
            return reply


CANCEL = {"v": 1, "type": "cancel", "run": 1}


def click(kernel: BlockingKernelClient, comm: str, subshell: str | None = None) -> None:
    """Send what the Cancel button sends, from a front end with or without subshells."""
    message = kernel.session.msg("comm_msg", click_content(comm))
    message["header"]["subshell_id"] = subshell
    kernel.shell_channel.send(message)


def click_content(comm: str) -> dict[str, Any]:
    return {"comm_id": comm, "data": {"method": "custom", "content": CANCEL}}


def subshell_of(kernel: BlockingKernelClient) -> str:
    kernel.control_channel.send(kernel.session.msg("create_subshell_request"))
    reply = kernel.get_control_msg(timeout=30)
    return str(reply["content"]["subshell_id"])


@pytest.mark.parametrize(
    "code", ["waited = job.wait(30)", "while not job.done(): time.sleep(0.01)"]
)
def test_a_click_on_a_subshell_cancels_while_a_cell_waits_or_computes(
    kernel: BlockingKernelClient, code: str
) -> None:
    comm = run(kernel, SETUP).strip("'")
    subshell = subshell_of(kernel)
    busy = kernel.execute(code)
    time.sleep(0.5)
    clicked = time.monotonic()
    click(kernel, comm, subshell)
    assert reply_to(kernel, busy)["content"]["status"] == "ok"
    assert time.monotonic() - clicked < 1.0
    assert run(kernel, "job.state.phase.value") == "'cancelled'"


@pytest.mark.parametrize(
    "code", ["waited = job.wait(30)", "while not job.done(): time.sleep(0.01)"]
)
def test_a_click_over_the_control_channel_needs_no_subshell(
    kernel: BlockingKernelClient, code: str
) -> None:
    comm = run(kernel, SETUP).strip("'")
    assert run(kernel, "job.panel._comm_id").strip("'") == comm
    busy = kernel.execute(code)
    time.sleep(0.5)
    clicked = time.monotonic()
    kernel.control_channel.send(kernel.session.msg("comm_msg", click_content(comm)))
    assert reply_to(kernel, busy)["content"]["status"] == "ok"
    assert time.monotonic() - clicked < 1.0
    assert run(kernel, "job.state.phase.value") == "'cancelled'"


def test_a_cell_that_awaits_a_job_can_be_cancelled_without_subshells(
    kernel: BlockingKernelClient,
) -> None:
    comm = run(kernel, SETUP).strip("'")
    code = "try:\n    await job\nexcept Exception as error:\n    seen = type(error).__name__"
    waiting = kernel.execute(code)
    time.sleep(0.5)
    click(kernel, comm)
    assert reply_to(kernel, waiting)["content"]["status"] == "ok"
    assert run(kernel, "seen") == "'Cancelled'"


def test_while_a_cell_waits_earlier_tasks_run_and_queued_cells_keep_their_order(
    kernel: BlockingKernelClient,
) -> None:
    run(kernel, SETUP)
    run(kernel, TICKER)
    waiting = kernel.execute("before = ticks; job.wait(1.0); order.append(ticks - before > 20)")
    queued = [kernel.execute(f"order.append({number})") for number in range(3)]
    for message in (waiting, *queued):
        assert reply_to(kernel, message)["content"]["status"] == "ok"
    assert run(kernel, "order") == "[True, 0, 1, 2]"
    run(kernel, "ticker.cancel(); job.cancel()")


def test_interrupting_a_wait_cancels_the_job(
    kernel: BlockingKernelClient, manager: KernelManager
) -> None:
    run(kernel, SETUP)
    waiting = kernel.execute("print('waits', flush=True); job.wait()")
    while kernel.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    time.sleep(0.2)
    manager.interrupt_kernel()
    assert reply_to(kernel, waiting)["content"]["ename"] == "KeyboardInterrupt"
    assert run(kernel, "job.done(), job.state.phase.value") == "(True, 'cancelled')"


REPLAY = "iw.replay('demo/layers', speed=float('inf'), until=1.0)"


def displayed(kernel: BlockingKernelClient, code: str) -> list[str]:
    """Run a cell, and return the kind of each output: `panel` or `text`."""
    kinds: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] in {"display_data", "execute_result"}:
            data = message["content"]["data"]
            assert "application/vnd.jupyter.widget-view+json" not in data
            kinds.append("panel" if "data-imagewidget" in data.get("text/html", "") else "text")

    reply = kernel.execute_interactive(code, timeout=60, output_hook=keep)
    assert reply["content"]["status"] == "ok", reply["content"]
    return kinds


def test_a_cell_shows_the_panel_exactly_once(kernel: BlockingKernelClient) -> None:
    run(kernel, "import imagewidget as iw")
    assert displayed(kernel, f"job = {REPLAY}") == ["panel"]
    assert displayed(kernel, REPLAY) == ["panel"]
    assert displayed(kernel, f"job = {REPLAY}\njob") == ["panel"]
    assert displayed(kernel, "job") == ["panel"]
    assert displayed(kernel, f"job = {REPLAY.replace('until', 'display=False, until')}") == []
    assert displayed(kernel, "job") == ["panel"]
