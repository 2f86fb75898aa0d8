"""A recording is read as it was written, and what is not one is refused."""

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


def test_a_recording_reads_as_it_was_written(tmp_path: Path) -> None:
    assert read(written(tmp_path / "run.jsonl", PULL)) == PULL


def test_a_file_that_is_no_text_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InvalidRecording, match="no text"):
        read(path)


def test_a_recording_is_lines_of_seconds_and_event(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    header, first, *_ = [json.loads(line) for line in path.read_text().splitlines()]
    assert header == [0.0, {"event": "Recording", "version": 1}]
    assert first[1] == {
        "event": "Started",
        "operation": "pull",
        "reference": "owner/env:1",
        "engine": "",
    }
