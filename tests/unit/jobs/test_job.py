"""A job runs in the background, reports how it ended, and stops when asked."""

from collections.abc import Callable

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError, ImageNotFound
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Started
from imagewidget.progress.state import Phase
from tests.unit.jobs.operations import (
    IMAGE,
    Work,
    blocked,
    broken,
    endless,
    eventually,
    failing,
    quick,
)
from tests.unit.jobs.witness import Witness


def test_the_result_of_a_job_is_its_image() -> None:
    job = Job(quick)
    assert job.result(10) == IMAGE
    assert job.done()
    assert job.state.phase is Phase.DONE
    assert job.log.text() == "working\n"


def test_a_failure_is_shown_and_raised() -> None:
    job = Job(failing)
    with pytest.raises(ImageNotFound, match="no such image"):
        job.result(10)
    assert job.state.error is not None
    assert job.state.error.kind == "ImageNotFound"


def test_an_unexpected_exception_becomes_a_docker_error_with_its_cause() -> None:
    with pytest.raises(DockerError, match="KeyError") as caught:
        Job(broken).result(10)
    assert isinstance(caught.value.__cause__, KeyError)
    assert "bug in imagewidget" in caught.value.hint


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


def test_cancelling_a_job_that_has_ended_does_nothing() -> None:
    job = Job(quick)
    job.wait(10)
    job.cancel()
    assert job.result(10) == IMAGE


def test_two_jobs_do_not_disturb_each_other() -> None:
    first, second = Job(endless), Job(endless)
    first.cancel()
    assert first.wait(10)
    assert not second.done()
    second.cancel()
    assert second.wait(10)


def test_a_timeout_of_the_result_leaves_the_job_running() -> None:
    job = Job(endless)
    with pytest.raises(TimeoutError, match="is still running"):
        job.result(0.01)
    assert not job.done()
    job.cancel()
    assert job.wait(10)


def test_a_retry_runs_the_job_again_in_the_same_display() -> None:
    outcomes = [failing, quick]

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        return outcomes.pop(0)(cancel, clock)

    display = Witness()
    job = Job(operation, displays=(display,), first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    job.retry()
    assert job.result(10) == IMAGE
    assert job.state.reference == "owner/env:1"
    assert display.opened == 2
    job.retry()  # it has succeeded: nothing is left to run
    assert job.done()
    assert display.opened == 2


def test_the_traceback_of_an_error_that_is_raised_again_does_not_grow() -> None:
    job = Job(failing)

    def depth() -> int:
        with pytest.raises(ImageNotFound) as caught:
            job.result(10)
        return len(caught.traceback)

    assert depth() == depth()


def test_the_repr_of_a_job_is_one_line() -> None:
    job = Job(quick, first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    assert repr(job) == "<Job pull 'owner/env:1': done 100%>"
