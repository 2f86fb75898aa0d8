"""Cancelled and abandoned classic builds on real engines."""

import gc
import itertools
import threading
import time
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic.build import PODMAN_GOES_ON
from imagewidget.engine.classic.build import build as build_classic
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import LogWritten, StepChanged
from tests.engine.building import connected
from tests.engine.classic.running import build, cancelled, runs
from tests.rig.engine import Engine
from tests.rig.processes import wait_until
from tests.rig.registry import Registry

_numbers = itertools.count(time.time_ns())


@pytest.fixture
def base(registry: Registry) -> str:
    """Lines that begin a stage with busybox and that are never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={next(_numbers)}\n"


def test_a_cancel_during_a_step_leaves_nothing_running(docker_engine: Engine, base: str) -> None:
    mark = f"mark-{next(_numbers)}"
    began = time.monotonic()
    cancelled(docker_engine, f"{base}RUN : {mark}; sleep 3000; true\n", mark)
    assert time.monotonic() - began < 20
    assert wait_until(lambda: not runs(mark)), "the step is still running"

    def containers() -> list[object]:
        with docker_engine.api() as api:
            return [one for one in api.containers(all=True) if mark in one["Command"]]

    assert wait_until(lambda: not containers()), "its container was not removed"


def test_a_cancel_on_podman_stops_after_the_step_and_logs_it(podman: Engine, base: str) -> None:
    mark, after = f"mark-{next(_numbers)}", f"mark-{next(_numbers)}"
    text = f"{base}RUN : {mark}; sleep 4; true\nRUN : {after}; sleep 3000; true\n"
    built = cancelled(podman, text, mark)
    assert PODMAN_GOES_ON in [one.text for one in built.events if isinstance(one, LogWritten)]
    assert wait_until(lambda: not runs(mark))
    assert not wait_until(lambda: runs(after), patience=3), "the next step began"


def test_an_abandoned_build_stops_at_the_engine(docker_engine: Engine, base: str) -> None:
    mark = f"mark-{next(_numbers)}"
    request = BuildRequest.of(dockerfile=f"{base}RUN : {mark}; sleep 3000; true\n")
    client = connected(docker_engine)
    running = build_classic(client, request, cancel=Cancellation(), clock=time.monotonic)
    for event in running:
        if isinstance(event, StepChanged) and mark in event.name and wait_until(lambda: runs(mark)):
            break
    running.close()
    assert wait_until(lambda: not runs(mark)), "the step is still running"


def test_many_builds_leave_no_files_or_threads_open(engine_graphdriver: Engine, base: str) -> None:
    def once() -> None:
        build(engine_graphdriver, None, dockerfile=base)

    once()
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    for _ in range(20):
        once()
    gc.collect()
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) <= before
