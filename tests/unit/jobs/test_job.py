"""A job runs beside its caller, tells the truth about its end, and stops when asked."""

import asyncio
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType

import pytest

from imagewidget.displays.recording import read
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError, ImageNotFound
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Watched
from imagewidget.progress.events import (
    Event,
    Failed,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    Started,
)
from imagewidget.progress.state import Phase, State

IMAGE = Image("sha256:" + "a" * 64, "owner/env:1", None, 1_000, "ghcr.io")
Work = Generator[Event, None, Image]


def quick(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    return IMAGE


def failing(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    raise ImageNotFound("no such image")


def broken(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    raise KeyError("a bug")


def endless(cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    while True:
        cancel.sleep(60)


def blocked(cancel: Cancellation, _clock: Clock) -> Work:
    """Block as on a socket, and break as one does when it is closed."""
    yield LogWritten("working\n")
    closed = threading.Event()
    with cancel.closing(closed.set):
        closed.wait()
        raise OSError("the socket was closed")


class Witness:
    """A display that remembers what it was shown, and by which thread."""

    def __init__(self) -> None:
        self.opened = 0
        self.states: list[State] = []
        self.closed: list[State] = []
        self.threads: set[int] = set()

    def begin(self, job: Watched) -> None:
        assert job.state.phase is not None
        self.opened += 1

    def update(self, state: State) -> None:
        self.threads.add(threading.get_ident())
        self.states.append(state)

    def end(self, state: State) -> None:
        self.threads.add(threading.get_ident())
        self.closed.append(state)


class Faulty(Witness):
    def begin(self, job: Watched) -> None:
        raise RuntimeError(job)

    def update(self, state: State) -> None:
        raise RuntimeError(state)

    def end(self, state: State) -> None:
        raise RuntimeError(state)


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_job_gives_its_image() -> None:
    job = Job(quick)
    assert job.result(10) == IMAGE
    assert job.done
    assert job.state.phase is Phase.DONE
    assert job.log.text() == "working\n"


def test_a_failure_is_shown_and_raised() -> None:
    job = Job(failing)
    with pytest.raises(ImageNotFound, match="no such image"):
        job.result(10)
    assert job.state.error is not None
    assert job.state.error.kind == "ImageNotFound"


def test_a_bug_becomes_an_error_of_ours_with_its_cause() -> None:
    with pytest.raises(DockerError, match="KeyError") as caught:
        Job(broken).result(10)
    assert isinstance(caught.value.__cause__, KeyError)
    assert "report" in caught.value.hint


@pytest.mark.parametrize("operation", [endless, blocked])
def test_cancel_ends_a_waiting_and_a_blocked_job(
    operation: Callable[[Cancellation, Clock], Work],
) -> None:
    job = Job(operation)
    eventually(lambda: len(job.log) == 1)
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(10)
    assert job.state.phase is Phase.CANCELLED


def test_cancelling_what_has_ended_does_nothing() -> None:
    job = Job(quick)
    job.wait(10)
    job.cancel()
    assert job.result(10) == IMAGE


def test_two_jobs_do_not_disturb_each_other() -> None:
    first, second = Job(endless), Job(endless)
    first.cancel()
    assert first.wait(10)
    assert not second.done
    second.cancel()
    assert second.wait(10)


def test_a_result_that_takes_too_long_is_a_timeout_and_the_job_goes_on() -> None:
    job = Job(endless)
    with pytest.raises(TimeoutError, match="goes on"):
        job.result(0.01)
    assert not job.done
    job.cancel()
    assert job.wait(10)


def test_a_job_can_be_awaited() -> None:
    async def both() -> list[Image]:
        return list(await asyncio.gather(Job(quick), Job(quick)))

    assert asyncio.run(both()) == [IMAGE, IMAGE]


def test_awaiting_a_job_leaves_the_loop_free() -> None:
    async def scenario() -> None:
        job = Job(endless)
        asyncio.get_running_loop().call_later(0.05, job.cancel)
        with pytest.raises(Cancelled):
            await job

    asyncio.run(scenario())


def test_an_abandoned_await_cancels_the_job() -> None:
    async def scenario() -> Job:
        job = Job(endless)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(job, 0.05)
        return job

    job = asyncio.run(scenario())
    assert job.wait(10)
    assert job.state.phase is Phase.CANCELLED


def test_a_display_is_opened_drawn_and_closed_once_by_one_other_thread() -> None:
    display = Witness()
    job = Job(endless, displays=(display,))
    eventually(lambda: len(display.states) > 2)
    job.cancel()
    job.wait(10)
    assert display.opened == 1
    assert [state.phase for state in display.closed] == [Phase.CANCELLED]
    assert len(display.threads) == 1
    assert threading.get_ident() not in display.threads


def test_in_colab_the_waiting_cell_draws_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    here = threading.get_ident()
    drawn: list[int] = []

    class Drawn(Witness):
        def update(self, state: State) -> None:
            super().update(state)
            drawn.append(threading.get_ident())
            if drawn.count(here) == 5:
                job.cancel()

        def end(self, state: State) -> None:
            super().end(state)
            drawn.append(threading.get_ident())

    job = Job(endless, displays=(Drawn(),))
    assert job.wait(10)
    assert drawn.count(here) == 6
    assert set(drawn[drawn.index(here) :]) == {here}


def test_in_colab_an_interrupted_wait_draws_on_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    job = Job(endless)
    waits: list[float | None] = []

    def wait(timeout: float | None) -> bool:
        waits.append(timeout)
        if len(waits) == 1:
            raise KeyboardInterrupt
        return Job._wait_drawing(job, timeout)

    monkeypatch.setattr(job, "_wait_drawing", wait)
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert len(waits) == 2
    assert job.state.phase is Phase.CANCELLED


def test_in_colab_a_job_that_nobody_waits_for_is_drawn_and_can_be_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    display = Witness()
    job = Job(failing, displays=(display,))
    eventually(lambda: job.done)
    job.retry()
    assert job.wait(10)
    assert len(display.closed) == 2


def test_a_display_attached_late_is_shown_the_end() -> None:
    job = Job(quick)
    job.wait(10)
    display = Witness()
    job.attach(display)
    assert [state.phase for state in display.closed] == [Phase.DONE]


def test_a_broken_display_does_not_stop_the_job(caplog: pytest.LogCaptureFixture) -> None:
    assert Job(quick, displays=(Faulty(),)).result(10) == IMAGE
    assert "a display failed" in caplog.text


def test_a_retry_runs_it_again_in_the_same_display() -> None:
    outcomes = [failing, quick]

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        return outcomes.pop(0)(cancel, clock)

    display = Witness()
    job = Job(operation, displays=(display,), first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    job.retry()
    assert job.result(10) == IMAGE
    assert job.run == 2
    assert job.state.reference == "owner/env:1"
    assert display.opened == 2
    job.retry()
    assert job.run == 2


def test_a_recording_asked_for_afterwards_holds_every_event(tmp_path: Path) -> None:
    job = Job(quick, first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert [type(event).__name__ for event in events] == ["Started", "LogWritten", "Finished"]


def test_a_recording_asked_for_meanwhile_goes_on_to_the_end(tmp_path: Path) -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    path = job.record(tmp_path / "run.jsonl")
    job.cancel()
    job.wait(10)
    names = [type(event).__name__ for _, event in read(path)]
    assert names == ["LogWritten", "CancelRequested", "RunCancelled"]


def test_a_name_that_is_no_text_can_be_recorded(tmp_path: Path) -> None:
    message = "`odd\udcff` cannot be read"

    def odd(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LogWritten("working\n")
        raise DockerError(message)

    job = Job(odd)
    with pytest.raises(DockerError):
        job.result(5)
    assert job.state.phase is Phase.FAILED
    _, last = read(job.record(tmp_path / "run.jsonl"))[-1]
    assert isinstance(last, Failed)
    assert last.error.message == "`odd<U+DCFF>` cannot be read"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here is always full")
def test_a_recording_for_which_there_is_no_room_is_refused_and_the_job_goes_on() -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    with pytest.raises(OSError, match="No space"):
        job.record("/dev/full")
    job.cancel()
    assert job.wait(10)
    assert job.state.phase is Phase.CANCELLED


def talking(begin: threading.Event) -> Callable[[Cancellation, Clock], Work]:
    def talk(_cancel: Cancellation, _clock: Clock) -> Work:
        begin.wait(10)
        for _ in range(40):
            yield LogWritten("x" * 100_000 + "\n")
        return IMAGE

    return talk


def test_a_recording_whose_reader_went_away_does_not_end_the_job(tmp_path: Path) -> None:
    begin, pipe = threading.Event(), tmp_path / "pipe"
    os.mkfifo(pipe)

    def read_a_line() -> None:
        with pipe.open("rb") as file:
            file.readline()

    reader = threading.Thread(target=read_a_line)
    reader.start()
    job = Job(talking(begin))
    job.record(pipe)
    reader.join(10)
    begin.set()
    assert job.result(10) == IMAGE
    assert job.state.phase is Phase.DONE


def test_a_full_temporary_disk_ends_neither_the_job_nor_its_recording_so_far(
    tmp_path: Path,
) -> None:
    begin = threading.Event()
    job = Job(talking(begin))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, most))
    try:
        begin.set()
        assert job.result(10) == IMAGE
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert len(job.log) == 40
    assert len(read(job.record(tmp_path / "run.jsonl"))) > 5


def test_an_interrupted_wait_cancels_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    waits = [KeyboardInterrupt]

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if waits:
                raise waits.pop()
            return super().wait(timeout)

    monkeypatch.setattr(job._run, "ended", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert job.state.phase is Phase.CANCELLED


def test_a_display_without_an_end_does_not_leave_the_job_without_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Halved(Witness):
        end = property()  # type: ignore[assignment]  # as of a display that has none

    assert Job(quick, displays=(Halved(),)).result(10) == IMAGE
    assert "a display failed" in caplog.text


def test_an_event_that_makes_no_sense_does_not_leave_the_job_without_an_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawn = threading.Event()

    def odd(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LayerChanged("a" * 12, LayerPhase.DOWNLOADING, "5", 10)  # type: ignore[arg-type]
        drawn.wait(10)
        return IMAGE

    job = Job(odd, displays=(Witness(),))
    eventually(lambda: "a frame could not be drawn" in caplog.text)
    drawn.set()
    assert job.wait(10)
    assert job.done


def test_an_observer_may_ask_the_job_for_anything() -> None:
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


def test_a_display_attached_after_the_end_sees_a_retry() -> None:
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


def test_what_is_told_after_the_end_is_not_recorded(tmp_path: Path) -> None:
    job = Job(failing)
    job.wait(10)
    job._run._take(LogWritten("late\n"))
    job.cancel()
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert isinstance(events[-1], Failed)


def test_an_error_that_is_raised_again_has_no_longer_a_traceback() -> None:
    job = Job(failing)

    def depth() -> int:
        with pytest.raises(ImageNotFound) as caught:
            job.result(10)
        return len(caught.traceback)

    assert depth() == depth()


def test_a_job_says_what_it_is_in_one_line() -> None:
    job = Job(quick, first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    assert repr(job) == "<Job pull 'owner/env:1': done 100%>"
