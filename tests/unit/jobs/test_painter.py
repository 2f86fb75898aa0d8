"""A job's displays begin once, are drawn by one thread, and are always shown the end."""

import gc
import sys
import threading
import time
import weakref
from types import ModuleType

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.jobs.job import Job
from imagewidget.jobs.painter import Painter
from imagewidget.jobs.run import Run
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Watched
from imagewidget.progress.events import LayerChanged, LayerPhase
from imagewidget.progress.state import Phase, State
from tests.unit.jobs.operations import IMAGE, Work, endless, eventually, failing, quick, talking
from tests.unit.jobs.witness import Faulty, Witness


def test_a_display_begins_and_ends_once_and_is_drawn_by_one_background_thread() -> None:
    display = Witness()
    job = Job(endless, displays=(display,))
    eventually(lambda: len(display.states) > 2)
    job.cancel()
    job.wait(10)
    assert display.opened == 1
    assert [state.phase for state in display.closed] == [Phase.CANCELLED]
    assert len(display.threads) == 1
    assert threading.get_ident() not in display.threads


def test_a_display_attached_after_the_end_is_shown_the_end() -> None:
    job = Job(quick)
    job.wait(10)
    display = Witness()
    job.attach(display)
    assert [state.phase for state in display.closed] == [Phase.DONE]


def test_a_broken_display_does_not_stop_the_job(caplog: pytest.LogCaptureFixture) -> None:
    assert Job(quick, displays=(Faulty(),)).result(10) == IMAGE
    assert "a display failed" in caplog.text


def test_a_job_ends_although_a_display_has_no_end_method(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class WithoutEnd(Witness):
        end = property()  # type: ignore[assignment]  # reading it raises AttributeError

    assert Job(quick, displays=(WithoutEnd(),)).result(10) == IMAGE
    assert "a display failed" in caplog.text


def test_a_job_ends_although_an_event_is_invalid(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawn = threading.Event()

    def invalid(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LayerChanged("a" * 12, LayerPhase.DOWNLOADING, "5", 10)  # type: ignore[arg-type]
        drawn.wait(10)
        return IMAGE

    job = Job(invalid, displays=(Witness(),))
    eventually(lambda: "a frame could not be drawn" in caplog.text)
    drawn.set()
    assert job.wait(10)
    assert job.done()


def test_an_observer_may_call_anything_on_the_job() -> None:
    seen: list[object] = []

    class Curious(Witness):
        def end(self, state: State) -> None:
            seen.extend((state.phase, job.wait(10), job.result(10)))
            job.attach(Witness())

    begin = threading.Event()
    job = Job(talking(begin), displays=(Curious(),))
    begin.set()
    assert job.result(10) == IMAGE
    eventually(lambda: len(seen) == 3)
    assert seen == [Phase.DONE, True, IMAGE]


def test_a_display_attached_after_the_end_shows_a_retry() -> None:
    outcomes = [failing, quick]

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        return outcomes.pop(0)(cancel, clock)

    job = Job(operation)
    job.wait(10)
    display = Witness()
    job.attach(display)
    job.retry()
    assert job.result(10) == IMAGE
    assert [state.phase for state in display.closed] == [Phase.FAILED, Phase.DONE]


def test_a_display_that_an_observer_attaches_at_the_end_is_shown_the_end() -> None:
    late = Witness()

    class Attaching(Witness):
        def end(self, state: State) -> None:
            super().end(state)
            job.attach(late)

    begin = threading.Event()
    job = Job(talking(begin), displays=(Attaching(),))
    begin.set()
    assert job.wait(10)
    assert late.opened == 1
    assert [state.phase for state in late.closed] == [Phase.DONE]


@pytest.mark.parametrize("how", ["update", "end"])
def test_a_display_that_attaches_another_of_its_kind_does_not_hold_up_the_job(how: str) -> None:
    displays: list[Witness] = []

    class Multiplying(Witness):
        def update(self, state: State) -> None:
            super().update(state)
            self.attach_one("update")

        def end(self, state: State) -> None:
            super().end(state)
            self.attach_one("end")

        def attach_one(self, at: str) -> None:
            if at == how and len(displays) < 50:
                displays.append(Multiplying())
                job.attach(displays[-1])

    begin = threading.Event()
    job = Job(talking(begin), displays=(Multiplying(),))
    eventually(lambda: how == "end" or bool(displays))
    begin.set()
    assert job.wait(10)
    assert displays
    assert all(len(display.closed) == 1 for display in displays)


def test_no_frame_is_drawn_after_the_last_one() -> None:
    painter = Painter([witness := Witness()])
    run = Run(quick, (), time.monotonic)
    run.start()
    assert run.wait(10)
    with painter.turn():
        painter.end(run)
        painter.update(run)
    assert len(witness.closed) == 1
    assert witness.states == []


class Impatient(Witness):
    """A display that waits for the job, without a timeout, as soon as it begins."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[bool] = []

    def begin(self, job: Watched) -> None:
        assert isinstance(job, Job)
        self.waits.append(job.wait())


@pytest.mark.parametrize("is_colab", [False, True])
def test_an_observer_may_wait_while_its_display_is_attached(
    monkeypatch: pytest.MonkeyPatch, *, is_colab: bool
) -> None:
    if is_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    begin = threading.Event()
    job = Job(talking(begin), displays=(Witness(),))
    threading.Timer(0.3, begin.set).start()
    display = Impatient()
    attaching = threading.Thread(target=job.attach, args=(display,), daemon=True)
    attaching.start()
    assert job.wait(10)
    attaching.join(10)
    assert display.waits == [True]
    assert [state.phase for state in display.closed] == [Phase.DONE]


def test_an_observer_that_waits_before_a_retry_has_started_returns_at_once() -> None:
    outcomes = [failing, quick]

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        return outcomes.pop(0)(cancel, clock)

    job = Job(operation)
    job.wait(10)
    display = Impatient()
    job.attach(display)
    retrying = threading.Thread(target=job.retry, daemon=True)
    retrying.start()
    retrying.join(10)
    assert job.result(10) == IMAGE
    assert display.waits == [True, False]


def test_the_threads_of_a_job_keep_it_alive_until_it_has_ended() -> None:
    begin, ended = threading.Event(), threading.Event()
    job = Job(talking(begin))
    job.add_done_callback(lambda _: ended.set())
    kept = weakref.ref(job)
    del job
    gc.collect()
    assert kept() is not None
    begin.set()
    assert ended.wait(10)  # collecting garbage keeps other threads from running
    eventually(lambda: gc.collect() >= 0 and kept() is None)
