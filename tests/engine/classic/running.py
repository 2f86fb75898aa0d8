"""Run a classic build on a real engine, and watch its processes."""

import os
import threading
from pathlib import Path
from typing import Any

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import BuildFailed, Cancelled
from imagewidget.progress.events import StepStatus
from tests.engine.building import Built, must_build, try_build
from tests.rig.engine import Engine
from tests.rig.processes import wait_until


def build(engine: Engine, context: Path | None, **options: Any) -> Built:
    """Build with the classic builder."""
    return must_build(engine, context, builder="classic", **options)


def failure(engine: Engine, context: Path | None, **options: Any) -> BuildFailed:
    """Return the error of a build that must fail."""
    error = try_build(engine, context, builder="classic", **options).error
    assert isinstance(error, BuildFailed), error
    return error


def runs(text: str) -> list[int]:
    """Find the processes on this machine, in any container, with `text` in their command."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal() and int(directory.name) != os.getpid():
            try:
                command = (directory / "cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in command and b"pytest" not in command:
                found.append(int(directory.name))
    return found


def cancelled(engine: Engine, dockerfile: str, mark: str) -> Built:
    """Cancel a build as soon as a process with `mark` in its command runs."""
    cancel = Cancellation()
    watch = threading.Thread(target=lambda: wait_until(lambda: runs(mark)) and cancel.request())
    watch.start()
    built = try_build(engine, None, builder="classic", cancel=cancel, dockerfile=dockerfile)
    watch.join()
    assert isinstance(built.error, Cancelled)
    assert [step.status for step in built.steps.values()][-1] is StepStatus.CANCELLED
    return built
