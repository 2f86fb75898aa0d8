"""A script waits for its job, a cell shows it once, and it is freed when it has ended."""

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import IPython
import pytest

from imagewidget.displays.terminal import PlainTerminal
from imagewidget.engine.cancel import Cancellation
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Event, Image, Started
from tests.unit.jobs.operations import quick

IMAGE = Image("sha256:" + "a" * 64, "env:1", None, 1, "build")

SCRIPT = """
from imagewidget.jobs import showing
from imagewidget.engine.cancel import Cancellation
from imagewidget.jobs.job import Job
from imagewidget.displays.terminal import PlainTerminal
from tests.unit.jobs.test_showing import IMAGE

def operation(cancel, clock):
    yield from ()
    cancel.sleep({seconds})
    return IMAGE

class Broken:
    def begin(self, job): 1 / 0

shown = (PlainTerminal(), Broken())
showing.show(Job(operation, displays=shown), shown)
{ending}
"""


def run(seconds: float, ending: str) -> tuple[str, str]:
    """Run a script whose job takes `seconds`; return its standard output and standard error."""
    script = SCRIPT.format(seconds=seconds, ending=ending)
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.stdout, ended.stderr


def test_a_script_waits_for_its_job() -> None:
    output, errors = run(0.5, "")
    assert "env:1" in output
    assert not errors, "a thread printed the failure of a display"


def test_a_script_waits_for_the_callbacks_of_its_job() -> None:
    ending = """
import time
from imagewidget.engine.failure.errors import DockerError

outcomes = [DockerError("failed"), IMAGE]

def operation(cancel, clock):
    yield from ()
    outcome = outcomes.pop(0)
    if outcome is not IMAGE:
        raise outcome
    return outcome

def slow(job):
    time.sleep(0.3)
    if job.exception() is not None:
        job.add_done_callback(lambda _job: print("ended once"))
        job.retry()
        job.add_done_callback(slow)
    else:
        print("ended twice")

second = Job(operation)
second.add_done_callback(slow)
showing.show(second, ())
second.wait()
"""
    output, errors = run(0, ending)
    assert output.endswith("ended once\nended twice\n")
    assert not errors


def test_a_script_that_dies_of_an_exception_cancels_its_job() -> None:
    output, errors = run(600, "1 / 0")
    assert "cancelled" in output
    assert errors.count("Traceback") == 1


def test_a_script_that_exits_waits_for_its_job() -> None:
    output, _ = run(0.5, "raise SystemExit(1)")
    assert "env:1" in output


def test_a_cell_that_ends_with_its_job_shows_the_panel_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=True), execution_count=3)
    shown: list[object] = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(IPython.display, "display", shown.append)

    def operation(_cancel: Cancellation, _clock: Clock) -> Generator[Event, None, Image]:
        yield Started("build", "env:1")
        return IMAGE

    displays = showing.choose(None)
    job = Job(operation, displays=displays, shown_in=showing.cell_of(displays))
    showing.show(job, displays)
    job._ipython_display_()
    assert shown == [job.panel]
    shell.execution_count = 4
    job._ipython_display_()
    assert shown == [job.panel, job.panel]
    assert job.wait(10)


@pytest.mark.parametrize(
    ("display", "kind"),
    [
        (PlainTerminal, r"the class PlainTerminal\. Write `PlainTerminal\(\)`"),
        ([PlainTerminal], r"the class PlainTerminal\. Write `PlainTerminal\(\)`"),
        (int, "the class int"),
        (5, "int"),
        ([5], "int"),
        ("panel", "str"),
    ],
)
def test_what_is_not_a_display_is_refused_by_its_type(display: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"`display` must be None, True, .* not {kind}\\.$"):
        showing.choose(display)


@pytest.mark.parametrize(
    ("display", "kind"), [(5, "int"), (None, "NoneType"), (PlainTerminal, "the class Plain.*")]
)
def test_only_a_display_can_be_attached(display: Any, kind: str) -> None:
    job = Job(quick)
    with pytest.raises(TypeError, match=f"`display` must be a display, not {kind}\\."):
        job.attach(display)
    assert job.wait(10)


def test_a_job_that_has_ended_is_not_kept_alive() -> None:
    def operation(_cancel: Cancellation, _clock: Clock) -> Generator[Event, None, Image]:
        yield Started("build", "env:1")
        return IMAGE

    job = Job(operation)
    showing.show(job, ())
    assert job.result(10) == IMAGE
    for thread in threading.enumerate():
        if thread.name.startswith("imagewidget"):
            thread.join(10)
    kept = weakref.ref(job)
    del job
    gc.collect()
    assert kept() is None
