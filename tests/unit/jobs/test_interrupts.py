"""What is not an Exception neither ends a job's threads nor is kept from the caller's own."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Watched
from imagewidget.progress.events import LogWritten
from imagewidget.progress.state import Phase, State
from tests.unit.jobs.operations import IMAGE, Work, eventually, failing, in_turn, quick, talking
from tests.unit.jobs.witness import Witness

INTERRUPTS = (
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    asyncio.CancelledError,
    pytest.fail.Exception,
)
each_interrupt = pytest.mark.parametrize("interrupt", INTERRUPTS)


class Interrupting(Witness):
    """A display that raises an interrupt in some of its methods, after it remembers the call."""

    def __init__(self, interrupt: type[BaseException], *methods: str) -> None:
        super().__init__()
        self.interrupt = interrupt
        self.methods = methods

    def begin(self, job: Watched) -> None:
        super().begin(job)
        self.stop("begin")

    def update(self, state: State) -> None:
        super().update(state)
        self.stop("update")

    def end(self, state: State) -> None:
        super().end(state)
        self.stop("end")

    def stop(self, method: str) -> None:
        if method in self.methods:
            raise self.interrupt("from a display")


@each_interrupt
def test_a_display_that_raises_one_neither_ends_the_job_nor_hides_it_from_the_others(
    interrupt: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    begin, display, other = threading.Event(), Interrupting(interrupt, "update", "end"), Witness()
    job = Job(talking(begin), displays=(display, other))
    eventually(lambda: len(display.states) > 1)
    begin.set()
    assert job.result(10) == IMAGE
    assert len(display.closed) == len(other.closed) == 1
    assert len(other.states) > 0
    assert "a display failed" in caplog.text


@each_interrupt
def test_a_callback_that_raises_one_does_not_keep_the_next_from_being_called(
    interrupt: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def stop(_job: Job) -> None:
        raise interrupt("from a callback")

    begin = threading.Event()
    job = Job(talking(begin))
    seen: list[Job] = []
    job.add_done_callback(stop)
    job.add_done_callback(seen.append)
    begin.set()
    assert job.wait(10)
    eventually(lambda: seen == [job])
    assert "a callback failed" in caplog.text
    with pytest.raises(interrupt):
        job.add_done_callback(stop)  # called at once, on this thread


class Stream(io.StringIO):
    """A stream that raises an interrupt once it has a line."""

    def __init__(self, interrupt: type[BaseException]) -> None:
        super().__init__()
        self.interrupt = interrupt

    def write(self, text: str) -> int:
        if text and self.getvalue():
            raise self.interrupt("from a stream")
        return super().write(text)


@each_interrupt
def test_a_stream_that_raises_one_is_given_up(
    interrupt: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    begin, stream, other = threading.Event(), Stream(interrupt), io.StringIO()
    job = Job(talking(begin))
    job.record(stream)
    job.record(other)
    begin.set()
    assert job.result(10) == IMAGE
    assert stream.getvalue().count("\n") == 1
    assert other.getvalue().count("\n") == 42
    assert "the stream of a recording failed" in caplog.text


@each_interrupt
def test_an_operation_that_raises_one_fails_and_can_be_retried(
    interrupt: type[BaseException],
) -> None:
    def stopping(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LogWritten("working\n")
        raise interrupt("from an operation")

    job = Job(in_turn(stopping, quick), displays=(Witness(),))
    with pytest.raises(DockerError, match=f"{interrupt.__name__}: from an operation") as caught:
        job.result(10)
    assert isinstance(caught.value.__cause__, interrupt)
    assert job.state.phase is Phase.FAILED
    job.retry()
    assert job.result(10) == IMAGE


@each_interrupt
def test_one_that_is_raised_while_a_job_is_created_reaches_the_caller(
    interrupt: type[BaseException],
) -> None:
    display, other = Interrupting(interrupt, "begin", "end"), Witness()
    with pytest.raises(interrupt):
        Job(quick, displays=(display, other))
    eventually(lambda: len(other.closed) == 1)
    assert [state.phase for state in other.closed] == [Phase.CANCELLED]
    assert other.opened == 1
    assert not other.states


@each_interrupt
def test_one_that_is_raised_in_a_retry_leaves_a_job_that_can_be_retried(
    interrupt: type[BaseException],
) -> None:
    display = Interrupting(interrupt)
    job = Job(in_turn(failing, quick), displays=(display,))
    assert job.wait(10)
    display.methods = ("begin", "end")
    with pytest.raises(interrupt):
        job.retry()
    assert job.wait(10)
    assert job.cancelled()
    assert job.state.phase is Phase.CANCELLED
    with pytest.raises(Cancelled):
        job.result(0)
    display.methods = ()
    job.retry()
    assert job.result(10) == IMAGE


@pytest.mark.parametrize("method", ["begin", "end"])
@each_interrupt
def test_one_that_is_raised_while_a_display_is_attached_reaches_the_caller(
    interrupt: type[BaseException], method: str
) -> None:
    job = Job(in_turn(failing, quick))
    assert job.wait(10)
    display = Interrupting(interrupt, method)
    with pytest.raises(interrupt):
        job.attach(display)
    job.retry()
    assert job.result(10) == IMAGE
    assert display.opened == 1, "it is not attached"


def test_an_interrupt_of_a_cell_that_draws_in_colab_reaches_the_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    begin, display = threading.Event(), Interrupting(KeyboardInterrupt, "update")
    job = Job(talking(begin), displays=(display,))
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    display.methods = ()
    begin.set()
    assert job.wait(10)


class Refusing(logging.Handler):
    """A handler that raises whatever it is asked to log."""

    def emit(self, record: logging.LogRecord) -> None:
        raise SystemExit(record.getMessage())


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[BaseException]]]:
    """The exceptions with which threads end; `imagewidget` can log nothing meanwhile."""
    found: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda end: found.append(end.exc_type))
    logger, handler = logging.getLogger("imagewidget"), Refusing()
    logger.addHandler(handler)
    others = set(threading.enumerate())  # such as those of a paused replay, which do not end
    yield found
    logger.removeHandler(handler)
    for thread in set(threading.enumerate()) - others:
        if thread.name.startswith("imagewidget-"):
            thread.join(10)


@pytest.mark.usefixtures("ends")
def test_a_job_ends_although_the_failures_of_its_display_cannot_be_logged() -> None:
    begin = threading.Event()
    job = Job(talking(begin), displays=(Interrupting(RuntimeError, "update", "end"),))
    begin.set()
    assert job.result(10) == IMAGE


@pytest.mark.usefixtures("ends")
def test_a_job_ends_although_the_failures_of_a_stream_cannot_be_logged() -> None:
    begin = threading.Event()
    job = Job(talking(begin))
    job.record(Stream(KeyError))
    begin.set()
    with pytest.raises(DockerError, match="SystemExit: the stream of a recording failed"):
        job.result(10)


def test_an_interrupted_start_with_no_further_threads_leaves_a_job_that_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = Job(failing)
    assert job.wait(10)

    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            job.retry()
    assert job.done()
    assert job.cancelled()
