"""A job is recorded to an open stream as it runs, and is not disturbed by one that fails."""

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from imagewidget.displays.recording import read
from imagewidget.engine.cancel import Cancellation
from imagewidget.jobs.job import Job
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import LogWritten
from tests.unit.jobs.operations import IMAGE, Work, endless, eventually, quick, talking


def test_a_stream_gets_the_events_before_and_after_and_stays_open(tmp_path: Path) -> None:
    job, stream = Job(endless), io.StringIO()
    eventually(lambda: len(job.log) == 1)
    job.record(stream)
    assert len(stream.getvalue().splitlines()) == 2
    job.cancel()
    job.wait(10)
    path = job.record(tmp_path / "run.jsonl")
    assert stream.getvalue() == path.read_text()
    assert not stream.closed
    assert job.record(later := io.StringIO()) is None
    assert later.getvalue() == path.read_text()


def test_each_event_is_written_and_flushed_when_it_happens() -> None:
    written, go_on = threading.Event(), threading.Event()

    class Flushed(io.StringIO):
        def flush(self) -> None:
            seen.append(self.getvalue().count("\n"))

    def operation(_cancel: Cancellation, _clock: Clock) -> Work:
        go_on.wait(10)
        yield LogWritten("one\n")
        written.set()
        return IMAGE

    seen: list[int] = []
    job = Job(operation)
    job.record(Flushed())
    go_on.set()
    assert job.wait(10)
    assert written.is_set()
    assert seen == [1, 2, 3]  # the header, the line, the end


def test_the_lines_are_ascii_and_mean_the_same(tmp_path: Path) -> None:
    text = "é \u2028 \U0001f600 \x9b31m \x1b[0m\n"

    def operation(_cancel: Cancellation, _clock: Clock) -> Work:
        yield LogWritten(text)
        return IMAGE

    job = Job(operation)
    job.wait(10)
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    job.record(stream)
    path = tmp_path / "run.jsonl"
    path.write_bytes(raw.getvalue())
    assert b"\x1b" not in raw.getvalue()
    assert read(path) == read(job.record(tmp_path / "same.jsonl"))
    assert read(path)[0][1] == LogWritten(text)


def test_a_long_history_is_complete(tmp_path: Path) -> None:
    def operation(_cancel: Cancellation, _clock: Clock) -> Work:
        for number in range(2_000):
            yield LogWritten(f"{number}\n")
        return IMAGE

    job = Job(operation)
    streams = [io.StringIO() for _ in range(20)]
    for stream in streams:  # some while the job is running
        job.record(stream)
    assert job.wait(10)
    job.record(last := io.StringIO())
    expected = job.record(tmp_path / "run.jsonl").read_text()
    assert len(expected.splitlines()) == 2_002
    assert {stream.getvalue() for stream in (*streams, last)} == {expected}


class Broken(io.StringIO):
    """A stream that fails from its second line on."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.tries = 0

    def write(self, text: str) -> int:
        if text and self.getvalue():
            self.tries += 1
            raise self.error
        return super().write(text)


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed"), KeyError("a bug")])
def test_a_stream_that_fails_is_given_up(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    begin, stream = threading.Event(), Broken(error)
    job = Job(talking(begin))
    job.record(stream)
    begin.set()
    assert job.result(10) == IMAGE
    assert stream.tries == 1
    assert ("the stream of a recording failed" in caplog.text) == isinstance(error, KeyError)


def test_a_stream_that_fails_at_once_raises_and_the_job_keeps_running() -> None:
    begin, stream = threading.Event(), Broken(BrokenPipeError())
    stream.write("x")
    job = Job(talking(begin))
    with pytest.raises(BrokenPipeError):
        job.record(stream)
    begin.set()
    assert job.result(10) == IMAGE
    assert stream.tries == 1


def test_a_pipe_that_nobody_reads_holds_up_neither_the_state_nor_a_cancellation() -> None:
    begin = threading.Event()
    job = Job(talking(begin))
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as end, os.fdopen(writer, "w") as stream:
        job.record(stream)
        begin.set()
        eventually(lambda: len(job.log) > 0)
        try:
            assert job.cancel()  # at once
            assert job.running()
        finally:
            threading.Thread(target=end.read, daemon=True).start()
        assert job.wait(10)


@pytest.mark.parametrize(
    ("stream", "error", "message"),
    [
        (
            io.BytesIO(),
            TypeError,
            "`file` must be a path, or a stream open in text mode, not in binary mode",
        ),
        (5, TypeError, "`file` must be a path, or a stream open in text mode, not int"),
        (None, TypeError, "`file` must be a path, or a stream open in text mode, not NoneType"),
        (
            b"run.jsonl",
            TypeError,
            "`file` must be a path, or a stream open in text mode, not bytes",
        ),
        (io.StringIO, TypeError, "`file` must be a path, or a stream open in text mode, not type"),
        ("run\0.jsonl", ValueError, "`file` is not a valid path: it contains a null byte"),
        (
            "run\ud800.jsonl",
            ValueError,
            r"`file` is not a valid path: it contains '\\ud800', which",
        ),
        ("~\0/x", ValueError, "`file` is not a valid path: it contains a null byte"),
        ("~\ud800/x", ValueError, r"`file` is not a valid path: it contains '\\ud800', which"),
        ("~nobody-here/x", FileNotFoundError, "The home directory in `~nobody-here/x` cannot"),
    ],
)
def test_what_cannot_be_written_is_refused(
    stream: Any, error: type[Exception], message: str
) -> None:
    job = Job(quick)
    with pytest.raises(error, match=message):
        job.record(stream)
    assert job.wait(10)


def test_a_stream_that_is_closed_or_only_read_is_refused(tmp_path: Path) -> None:
    job, path = Job(quick), tmp_path / "empty"
    path.touch()
    with path.open() as stream, pytest.raises(ValueError, match="`file` is not open for writing"):
        job.record(stream)
    with pytest.raises(ValueError, match="`file` is not open for writing"):
        job.record(stream)
    assert job.wait(10)


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    job = Job(quick)
    job.wait(10)
    assert job.record("~/run.jsonl") == tmp_path / "run.jsonl"
    assert job.log.save("~/build.log") == tmp_path / "build.log"
    assert (tmp_path / "build.log").read_text() == "working\n"
    assert len(read(tmp_path / "run.jsonl")) == 2
    with pytest.raises(TypeError, match="`path` must be a path, not int"):
        job.log.save(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`path` is not a valid path: it contains '\\ud800'"):
        job.log.save("\ud800")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_file_name_that_is_not_utf_8_is_valid(tmp_path: Path) -> None:
    job = Job(quick)
    job.wait(10)
    path = tmp_path / "\udce9.jsonl"
    assert len(read(job.record(path))) == 2
    assert job.log.save(path) == path


def test_standard_output_can_be_recorded_to(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(quick)
    job.wait(10)
    job.record(sys.stdout)
    assert len(capsys.readouterr().out.splitlines()) == 3
