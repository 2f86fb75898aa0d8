"""Callbacks are called once when a job has ended, and may call anything on it."""

import asyncio
import sys
import threading
from types import ModuleType
from typing import Any

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.state import Phase, State
from tests.unit.jobs.operations import (
    IMAGE,
    Work,
    eventually,
    failing,
    in_turn,
    quick,
    talking,
)
from tests.unit.jobs.witness import Witness


def failing_after(begin: threading.Event) -> Any:
    """Return an operation that fails once `begin` is set."""

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        begin.wait(10)
        return failing(cancel, clock)

    return operation


def test_callbacks_are_called_in_order_when_every_display_shows_the_end() -> None:
    begin, display = threading.Event(), Witness()
    job = Job(talking(begin), displays=(display,))
    seen: list[object] = []
    job.add_done_callback(lambda ended: seen.append((ended, ended.done(), len(display.closed))))
    job.add_done_callback(lambda ended: seen.append(ended.result(0)))
    begin.set()
    assert job.wait(10)
    eventually(lambda: len(seen) == 2)
    assert seen == [(job, True, 1), IMAGE]


def test_a_callback_is_called_at_once_if_the_job_has_ended() -> None:
    job = Job(quick)
    job.wait(10)
    seen: list[object] = []
    job.add_done_callback(lambda ended: seen.extend((ended, threading.get_ident())))
    assert seen == [job, threading.get_ident()]


def test_the_exceptions_of_callbacks_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    begin = threading.Event()
    job = Job(talking(begin))
    seen: list[Job] = []
    job.add_done_callback(lambda _job: 1 / 0)
    job.add_done_callback(seen.append)
    begin.set()
    assert job.result(10) == IMAGE
    eventually(lambda: seen == [job])
    job.add_done_callback(lambda _job: 1 / 0)
    failures = [record for record in caplog.records if record.message == "a callback failed"]
    assert len(failures) == 2
    assert all(record.exc_info for record in failures)


@pytest.mark.parametrize("is_colab", [False, True])
def test_a_callback_may_retry_the_job_and_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, *, is_colab: bool
) -> None:
    if is_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    fail, begin = threading.Event(), threading.Event()
    job = Job(in_turn(failing_after(fail), talking(begin)), displays=(Witness(),))
    seen: list[object] = []

    def again(ended: Job) -> None:
        seen.append(ended.state.phase)
        ended.retry()
        begin.set()
        seen.extend((ended.wait(10), ended.state.phase))

    job.add_done_callback(again)
    fail.set()
    job.wait(10)
    eventually(lambda: len(seen) == 3)
    assert seen == [Phase.FAILED, True, Phase.DONE]


def test_a_retry_does_not_call_a_callback_again() -> None:
    job = Job(in_turn(failing, quick))
    seen: list[Phase] = []
    job.add_done_callback(lambda ended: seen.append(ended.state.phase))
    eventually(lambda: seen == [Phase.FAILED])
    job.retry()
    second = threading.Event()
    job.add_done_callback(lambda _job: second.set())
    assert second.wait(10)
    assert seen == [Phase.FAILED]


def test_a_callback_does_not_hold_up_those_who_await_the_job() -> None:
    begin, release, called = threading.Event(), threading.Event(), threading.Event()
    job = Job(talking(begin))

    def slow(_job: Job) -> None:
        called.set()
        release.wait(10)

    job.add_done_callback(slow)

    async def scenario() -> object:
        asyncio.get_running_loop().call_later(0.05, begin.set)
        return await job

    assert asyncio.run(scenario()) == IMAGE
    assert called.wait(10)
    assert not release.is_set()
    release.set()


def test_an_observer_may_add_a_callback_that_retries_the_job() -> None:
    phases: list[Phase] = []

    class Observer(Witness):
        def end(self, state: State) -> None:
            super().end(state)
            job.add_done_callback(again)

    def again(ended: Job) -> None:
        phases.append(ended.state.phase)
        ended.retry()

    begin = threading.Event()
    job = Job(in_turn(failing_after(begin), quick), displays=(Observer(),))
    begin.set()
    eventually(lambda: phases == [Phase.FAILED, Phase.DONE])
    assert job.result(10) == IMAGE


@pytest.mark.parametrize("callback", [None, 5, "print"])
def test_a_callback_must_be_callable(callback: Any) -> None:
    job = Job(quick)
    with pytest.raises(TypeError, match="`callback` must be callable, not "):
        job.add_done_callback(callback)
    assert job.wait(10)
