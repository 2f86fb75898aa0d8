"""Cancelling a BuildKit build also stops it on the engine."""

import dataclasses
import threading
import time
from pathlib import Path

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled
from imagewidget.progress.events import (
    LogWritten,
    TransferChanged,
)
from tests import fronts
from tests.engine.building import Built, lay, try_build, unused_number
from tests.rig.engine import Engine
from tests.rig.processes import wait_until


def test_a_cancelled_build_leaves_no_step_running(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    nap = unused_number()
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo begun; sleep {nap}\n"})
    cancel = Cancellation()
    built = Built()

    def run() -> None:
        built.error = try_build(docker_engine, tmp_path, cancel=cancel).error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert wait_until(lambda: sleeping(nap))
    finally:
        cancelled_at = time.monotonic()
        cancel.request()
    thread.join(10)
    assert isinstance(built.error, Cancelled), built.error
    assert time.monotonic() - cancelled_at < 2
    assert wait_until(lambda: not sleeping(nap))


def test_a_build_is_cancelled_by_id_if_a_closed_connection_goes_unnoticed(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    nap = unused_number()
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo begun; sleep {nap}\n"})
    cancel = Cancellation()

    def on(event: object) -> None:
        if isinstance(event, LogWritten) and "begun" in event.text:
            cancel.request()

    with fronts.stubborn(docker_engine.url.removeprefix("unix://")) as port:
        engine = dataclasses.replace(docker_engine, url=f"tcp://127.0.0.1:{port}")
        built = try_build(engine, tmp_path, cancel=cancel, on=on)
        assert isinstance(built.error, Cancelled), built.error
        assert wait_until(lambda: not sleeping(nap))


def test_cancelling_does_not_wait_for_an_engine_that_cannot_be_reached(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo begun; sleep {unused_number()}\n"})
    cancel = Cancellation()
    cancelled_at: list[float] = []

    with fronts.fading(docker_engine.url.removeprefix("unix://")) as (port, is_lost):

        def on(event: object) -> None:
            if isinstance(event, LogWritten) and "begun" in event.text:
                is_lost.set()
                cancelled_at.append(time.monotonic())
                cancel.request()

        engine = dataclasses.replace(docker_engine, url=f"tcp://127.0.0.1:{port}")
        built = try_build(engine, tmp_path, cancel=cancel, on=on)
        took = time.monotonic() - cancelled_at[0]

    assert isinstance(built.error, Cancelled), built.error
    assert took < 1


def sleeping(nap: int) -> bool:
    """Whether a container's `sleep` is running; the rig's processes are visible here."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", str(nap).encode()]:
                return True
    return False


def test_cancelling_while_the_context_is_sent_is_quick(
    docker_engine: Engine, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY . /\n"})
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(20_000_000_000)  # sparse: it takes no space, but a long time to send
    cancel = Cancellation()
    cancelled_at: list[float] = []

    def on(event: object) -> None:
        is_moving = isinstance(event, TransferChanged) and event.current > 1_000_000
        if is_moving and not cancelled_at:
            cancelled_at.append(time.monotonic())
            cancel.request()

    built = try_build(docker_engine, tmp_path, cancel=cancel, on=on)
    assert isinstance(built.error, Cancelled), built.error
    assert time.monotonic() - cancelled_at[0] < 2
