"""What a job records: all that happened, whatever becomes of the file."""

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


def test_what_is_told_after_the_end_is_not_recorded(tmp_path: Path) -> None:
    job = Job(failing)
    job.wait(10)
    job._run._take(LogWritten("late\n"))
    job.cancel()
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    assert isinstance(events[-1], Failed)
