"""A kernel may run many builds: none may leave threads or open files behind."""

import contextlib
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from imagewidget.engine.build import build
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.failure.errors import BuildFailed, Cancelled
from imagewidget.engine.request.request import BuildRequest
from tests.engine.building import lay, must_build, try_build
from tests.rig.engine import Engine
from tests.rig.registry import Registry


def open_files() -> Counter[str]:
    """Count the open files of this process by kind: sockets differ only in their number."""
    found: Counter[str] = Counter()
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found[os.readlink(entry).partition("[")[0]] += 1  # noqa: PTH115
    return found


@pytest.mark.sample(docker_engine="docker-containerd", builds=40)
@pytest.mark.parametrize("builds", [40, 200])
def test_many_builds_leave_nothing_behind(
    docker_engine: Engine, registry: Registry, tmp_path: Path, builds: int
) -> None:
    lay(tmp_path, {"a": "a", "Dockerfile": "FROM scratch\nCOPY a /\n"})
    broken = lay(tmp_path / "broken", {"Dockerfile": f"FROM {registry.one}\nRUN exit 3\n"})
    cancelled = Cancellation()
    cancelled.request()
    assert try_build(docker_engine, tmp_path).error is None
    threads, files = set(threading.enumerate()), open_files()
    for number in range(builds):
        kind = number % 20
        if kind == 7:
            assert isinstance(try_build(docker_engine, broken).error, BuildFailed)
        elif kind == 13:
            built = try_build(docker_engine, tmp_path, cancel=cancelled)
            assert isinstance(built.error, Cancelled)
        else:
            built = must_build(docker_engine, tmp_path)
            # Occasionally an engine loses the end of a step.
            assert all(step.status.is_final for step in built.steps.values())
    assert set(threading.enumerate()) <= threads
    assert open_files() <= files


def test_a_build_whose_generator_is_closed_ends(
    docker_engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": f"FROM {registry.one}\nRUN echo begun; sleep 30\n"})
    threads, files = set(threading.enumerate()), open_files()
    running = build(
        new_client(docker_engine.url),
        BuildRequest.of(tmp_path, no_cache=True),
        cancel=Cancellation(),
        clock=lambda: 0.0,
    )
    for _ in range(5):
        next(running)
    running.close()
    assert set(threading.enumerate()) <= threads
    assert open_files() <= files
