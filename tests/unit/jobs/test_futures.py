"""A job is used like a future: code written for `concurrent.futures` works with it."""

import asyncio
import math
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest

from imagewidget.displays.recording import read
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError, ImageNotFound
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from tests.unit.jobs.operations import IMAGE, Work, endless, eventually, failing, quick, talking

PUBLIC = """add_done_callback attach cancel cancelled done exception log panel record result retry
running state wait"""


def test_the_public_attributes_of_a_job() -> None:
    job = Job(quick)
    assert {name for name in dir(job) if not name.startswith("_")} == set(PUBLIC.split())
    assert job.wait(10)


def stubborn(release: threading.Event) -> Callable[[Cancellation, Clock], Work]:
    """An operation that ignores a request to stop until `release` is set, and then succeeds."""

    def work(_cancel: Cancellation, _clock: Clock) -> Work:
        yield from ()
        release.wait(10)
        return IMAGE

    return work


def test_a_job_is_running_or_done() -> None:
    begin = threading.Event()
    job = Job(talking(begin))
    assert (job.running(), job.done(), job.cancelled()) == (True, False, False)
    begin.set()
    assert job.wait(10)
    assert (job.running(), job.done(), job.cancelled()) == (False, True, False)


def test_a_job_is_cancelled_once_it_has_stopped() -> None:
    release = threading.Event()

    def operation(cancel: Cancellation, _clock: Clock) -> Work:
        yield from ()
        release.wait(10)
        cancel.sleep(60)
        return IMAGE

    job = Job(operation)
    assert job.cancel()
    assert (job.running(), job.cancelled()) == (True, False)
    release.set()
    assert job.wait(10)
    assert (job.running(), job.cancelled()) == (False, True)


def test_a_request_to_cancel_is_heard_until_the_job_has_ended() -> None:
    release = threading.Event()
    job = Job(stubborn(release))
    assert [job.cancel(), job.cancel(), job.cancel()] == [True, True, True]
    release.set()
    assert job.wait(10)
    assert job.cancel() is False


def test_a_job_that_is_cancelled_twice_records_one_request(tmp_path: Any) -> None:
    release = threading.Event()
    job = Job(stubborn(release))
    job.cancel()
    job.cancel()
    release.set()
    job.wait(10)
    events = [type(event).__name__ for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert events == ["CancelRequested", "Finished"]


def test_an_operation_that_hears_of_its_cancellation_too_late_succeeds() -> None:
    release = threading.Event()
    job = Job(stubborn(release))
    assert job.cancel()
    release.set()
    assert job.result(10) == IMAGE
    assert not job.cancelled()


def test_an_operation_that_fails_after_a_request_was_heard_is_cancelled() -> None:
    release = threading.Event()

    def operation(_cancel: Cancellation, _clock: Clock) -> Work:
        yield from ()
        release.wait(10)
        raise ImageNotFound("no such image")

    job = Job(operation)
    # The request is not passed on, as if the thread that does so had not been started yet.
    job._run._cancellation.request = lambda: None  # type: ignore[method-assign]
    assert job.cancel()
    release.set()
    with pytest.raises(Cancelled):
        job.result(10)
    assert job.cancelled()


def test_the_exception_of_a_job_is_returned() -> None:
    assert Job(quick).exception(10) is None
    error = Job(failing).exception(10)
    assert isinstance(error, ImageNotFound)
    assert error.message == "no such image"


def test_the_exception_of_a_cancelled_job_is_raised() -> None:
    job = Job(endless)
    job.cancel()
    with pytest.raises(CancelledError) as caught:
        job.exception(10)
    assert isinstance(caught.value, Cancelled)


def test_there_is_no_exception_before_the_end() -> None:
    job = Job(endless)
    with pytest.raises(TimeoutError, match="is still running"):
        job.exception(0.01)
    assert job.cancel()
    assert job.wait(10)


def test_cancelled_is_an_error_of_docker_and_of_futures() -> None:
    error = Cancelled("Cancelled.", hint="Run it again.")
    assert isinstance(error, DockerError)
    assert isinstance(error, CancelledError)
    assert not isinstance(error, asyncio.CancelledError)  # a task that raises it has failed
    assert (str(error), repr(error)) == ("Cancelled.\n→ Run it again.", "Cancelled('Cancelled.')")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(again), again.info()) == (Cancelled, error.info())


def test_asyncio_leaves_the_error_of_a_cancelled_job_as_it_is() -> None:
    async def scenario() -> tuple[object, ...]:
        awaited, waited = Job(endless), Job(endless)
        waiting = asyncio.get_running_loop().run_in_executor(None, waited.result)
        for job in (awaited, waited):
            job.cancel()
        return tuple(await asyncio.gather(awaited, waiting, return_exceptions=True))

    for error in asyncio.run(scenario()):
        assert type(error) is Cancelled
        assert str(error) == "Cancelled."


def test_a_call_that_was_cancelled_by_itself_keeps_its_error() -> None:
    def work() -> None:
        raise Cancelled("The server cancelled it.", hint="Try again.")

    with pytest.raises(Cancelled, match=r"The server cancelled it\.\n→ Try again\."):
        Cancellation().wait_for(work)


@pytest.mark.parametrize("start", [Job, lambda _work: ThreadPoolExecutor(1).submit(lambda: IMAGE)])
def test_code_for_futures_works_with_jobs(start: Callable[[Any], Any]) -> None:
    seen: list[object] = []
    future = start(quick)
    future.add_done_callback(lambda ended: seen.append(ended.result()))
    assert future.result(timeout=10) == IMAGE
    assert future.exception(timeout=10) is None
    assert (future.done(), future.running(), future.cancelled()) == (True, False, False)
    assert future.cancel() is False
    eventually(lambda: seen == [IMAGE])


@pytest.mark.parametrize(
    ("timeout", "error", "message"),
    [
        ("5", TypeError, "`timeout` must be a number or None, not str"),
        (True, TypeError, "`timeout` must be a number or None, not bool"),
        ([], TypeError, "`timeout` must be a number or None, not list"),
        (math.nan, ValueError, "`timeout` must be a number of seconds, not NaN"),
    ],
)
@pytest.mark.parametrize("method", ["wait", "result", "exception"])
def test_a_timeout_must_be_a_number(
    method: str, timeout: Any, error: type[Exception], message: str
) -> None:
    job = Job(quick)
    with pytest.raises(error, match=message):
        getattr(job, method)(timeout)
    assert job.wait(10)
    with pytest.raises(error, match=message):
        getattr(job, method)(timeout)


@pytest.mark.parametrize("timeout", [0, -1, -0.5, -math.inf, -(10**400), Fraction(-1, 2)])
def test_a_timeout_that_is_over_does_not_wait(timeout: Any) -> None:
    job = Job(endless)
    assert not job.wait(timeout)
    with pytest.raises(TimeoutError):
        job.result(timeout)
    job.cancel()
    assert job.wait(10)


@pytest.mark.parametrize("timeout", [math.inf, 1e300, 10**400])
def test_a_timeout_may_be_longer_than_any_lock_can_wait(timeout: Any) -> None:
    assert Job(quick).wait(timeout)
