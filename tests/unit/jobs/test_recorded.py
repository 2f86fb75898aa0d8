"""A job records all of its events, and is not disturbed by a file that cannot be written."""

import os
import resource
import threading
from pathlib import Path

import pytest

from imagewidget.displays.recording import read
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import DockerError
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Failed, LogWritten, Started
from imagewidget.progress.state import Phase
from tests.unit.jobs.operations import IMAGE, Work, endless, eventually, failing, quick, talking


def test_a_recording_requested_after_the_end_has_every_event(tmp_path: Path) -> None:
    job = Job(quick, first=(Started("pull", "owner/env:1"),))
    job.wait(10)
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert [type(event).__name__ for event in events] == ["Started", "LogWritten", "Finished"]


def test_a_recording_requested_during_a_run_continues_to_the_end(tmp_path: Path) -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    path = job.record(tmp_path / "run.jsonl")
    job.cancel()
    job.wait(10)
    names = [type(event).__name__ for _, event in read(path)]
    assert names == ["LogWritten", "CancelRequested", "RunCancelled"]


def test_a_file_name_that_cannot_be_decoded_can_be_recorded(tmp_path: Path) -> None:
    message = "`odd\udcff` cannot be read"

    def unreadable(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LogWritten("working\n")
        raise DockerError(message)

    job = Job(unreadable)
    with pytest.raises(DockerError):
        job.result(5)
    assert job.state.phase is Phase.FAILED
    _, last = read(job.record(tmp_path / "run.jsonl"))[-1]
    assert isinstance(last, Failed)
    assert last.error.message == "`odd<U+DCFF>` cannot be read"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_recording_to_a_full_disk_raises_and_the_job_keeps_running() -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    with pytest.raises(OSError, match="No space"):
        job.record("/dev/full")
    job.cancel()
    assert job.wait(10)
    assert job.state.phase is Phase.CANCELLED


def test_a_recording_whose_reader_disappears_does_not_end_the_job(tmp_path: Path) -> None:
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


def test_a_full_temporary_disk_spares_the_job_and_the_recording_so_far(
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


def test_events_after_the_end_are_not_recorded(tmp_path: Path) -> None:
    job = Job(failing)
    job.wait(10)
    job._run._apply(LogWritten("late\n"))
    job.cancel()
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert isinstance(events[-1], Failed)
