"""A recording can be written and read back; any other file is refused."""

import json
from pathlib import Path

import pytest

from imagewidget.displays.recording import InvalidRecording, read
from imagewidget.jobs.job import Job
from imagewidget.jobs.replay import Replay
from tests.unit.recorded import PULL, written


def replayed(path: Path, speed: float = float("inf"), until: float | None = None) -> Job:
    replay = Replay(path, speed, until)
    return Job(replay.play, make_clock=replay.make_clock)


def test_a_recording_can_be_written_and_read_back(tmp_path: Path) -> None:
    assert read(written(tmp_path / "run.jsonl", PULL)) == PULL


def test_a_binary_file_is_not_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InvalidRecording, match=r"is not a recording: it is not UTF-8 text\."):
        read(path)


@pytest.mark.parametrize(
    "text", ["# My project\n\nSome text.\n", "[]\n", "{}\n", "1\n", "[1, 2]\n"]
)
def test_another_text_file_is_not_a_recording(tmp_path: Path, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(InvalidRecording, match=r"its first line is not a recording header\."):
        read(path)


def test_each_line_of_a_recording_has_seconds_and_an_event(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    header, first, *_ = [json.loads(line) for line in path.read_text().splitlines()]
    assert header == [0.0, {"event": "Recording", "version": 1}]
    assert first[1] == {
        "event": "Started",
        "operation": "pull",
        "reference": "owner/env:1",
        "engine": "",
    }


def test_an_empty_file_is_not_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.touch()
    with pytest.raises(InvalidRecording, match="is not a recording"):
        read(path)


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        "[" + "9" * 400 + ', {"event": "Cancelled", "message": ""}]',
        "[" + "9" * 5_000 + ', {"event": "Cancelled", "message": ""}]',
        '[0, {"event": "LogWritten", "text": ' + "[" * 900 + "]" * 900 + "}]",
    ],
    ids=range(4),
)
def test_a_line_that_python_cannot_read_is_not_an_event(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(
        InvalidRecording, match=rf"line {len(PULL) + 2}: not a valid event"
    ) as caught:
        read(path)
    assert len(str(caught.value)) < 1_000
