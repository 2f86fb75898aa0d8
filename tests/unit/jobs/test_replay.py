"""A recorded run can be replayed, at any speed, without Docker."""

import asyncio
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imagewidget.displays.recording import InvalidRecording, read
from imagewidget.engine.failure.errors import BuildFailed, Cancelled
from imagewidget.jobs.job import Job
from imagewidget.jobs.replay import Replay, ReplayClock
from imagewidget.progress.display import Watched
from imagewidget.progress.events import (
    Failed,
    RunCancelled,
)
from imagewidget.progress.state import Phase
from tests.unit.jobs.witness import Witness
from tests.unit.recorded import IMAGE, PULL, written

HUGE = 10**5000  # Python refuses to write it in decimal


def replayed(path: Path, speed: float = float("inf"), until: float | None = None) -> Job:
    replay = Replay(path, speed, until)
    return Job(replay.play, make_clock=replay.make_clock)


def test_a_replay_ends_like_its_run_and_at_the_same_time(tmp_path: Path) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL))
    assert job.result(10) == IMAGE
    assert job.state.elapsed == 61.0
    assert job.log.text() == "Status: Downloaded\n"


def test_a_replayed_failure_raises_the_recorded_error(tmp_path: Path) -> None:
    error = BuildFailed("RUN x failed", exit_code=3, hint="look")
    path = written(tmp_path / "run.jsonl", [PULL[0], (1.0, Failed(error.info()))])
    with pytest.raises(BuildFailed, match="RUN x failed") as caught:
        replayed(path).result(10)
    assert caught.value.exit_code == 3


def test_a_replayed_cancellation_raises_cancelled(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl", [PULL[0], (1.0, RunCancelled())])
    with pytest.raises(Cancelled):
        replayed(path).result(10)


def test_a_replay_can_be_paused_at_a_given_time(tmp_path: Path) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL), until=14.0)
    end = time.monotonic() + 10
    while job.state.elapsed < 14.0:
        assert time.monotonic() < end
        time.sleep(0.01)
    state = job.state
    assert state.elapsed == 14.0
    assert state.stalled_for == 12.0
    assert state.phase is Phase.PULLING
    assert state.layers[0].current == 40
    assert job.state == state
    job.cancel()
    assert job.wait(10)


def test_whoever_waits_for_a_paused_replay_is_told_so(tmp_path: Path) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL), until=14.0)
    for method in (job.result, job.exception):
        for timeout in (None, 600):
            with pytest.raises(RuntimeError, match="The replay is paused at `until=14` and does"):
                method(timeout)
    assert job.wait() is False
    assert job.wait(600) is False
    assert (job.running(), job.done(), job.cancelled()) == (True, False, False)
    assert job.cancel() is True
    assert job.wait(10)
    assert job.cancelled()
    with pytest.raises(Cancelled):
        job.result()


def test_whoever_waits_for_a_replay_is_told_when_it_pauses(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    job = replayed(path, speed=30, until=6.0)
    with pytest.raises(TimeoutError, match="is still running"):
        job.result(0)

    async def awaited(job: Job) -> None:
        with pytest.raises(RuntimeError, match="is paused at `until=6`"):
            await job

    asyncio.run(awaited(job))
    asyncio.run(awaited(job))  # at once
    late = replayed(path, speed=30, until=6.0)
    with pytest.raises(RuntimeError, match="is paused at `until=6`"):
        late.result()
    for each in (job, late):
        assert not each.cancelled()
        each.cancel()
        assert each.wait(10)


def test_in_colab_a_paused_replay_does_not_hold_up_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    job = replayed(written(tmp_path / "run.jsonl", PULL), until=14.0)
    assert job.wait() is False
    with pytest.raises(RuntimeError, match="is paused"):
        job.result()
    job.cancel()
    assert job.wait(10)


def test_an_observer_does_not_wait_for_a_paused_replay(tmp_path: Path) -> None:
    waits: list[bool] = []

    class Impatient(Witness):
        def begin(self, job: Watched) -> None:
            assert isinstance(job, Job)
            waits.append(job.wait())

    job = replayed(written(tmp_path / "run.jsonl", PULL), until=14.0)
    job.attach(Impatient())
    assert waits == [False]
    job.cancel()
    assert job.wait(10)


def test_a_paused_replay_can_be_cancelled_and_played_again(tmp_path: Path) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL), until=14.0)
    for _ in range(3):
        assert job.wait() is False
        assert job.cancel()
        assert job.wait(10)
        job.retry()
    assert job.running()
    job.cancel()
    assert job.wait(10)


def test_a_recorded_replay_equals_the_recording(tmp_path: Path) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL))
    job.wait(10)
    assert read(job.record(tmp_path / "again.jsonl")) == PULL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("not json\n", "is not a recording: its first line is not a recording header"),
        ("{}\n", "is not a recording: its first line is not a recording header"),
        ('[0, {"event": "Started"}]\n', "is not a recording"),
        ('[0, {"event": "Recording", "version": 99}]\n', "version 99"),
        (
            '[0, {"event": "Recording", "version": 1}]\n[1, {"event": "Failed"}]\n',
            "line 2: not a valid event: ",
        ),
        ('[0, {"event": "Recording", "version": 1}]\n', "is incomplete"),
        ('[0, {"event": "Recording", "version": 1}]\n["1", {"event": "Cancelled"}]\n', "line 2"),
        ('[0, {"event": "Recording", "version": 1}]\n[NaN, {"event": "Cancelled"}]\n', "line 2"),
    ],
)
def test_an_invalid_recording_is_refused_at_once(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidRecording, match=reason):
        Replay(path, 1.0, None)


@pytest.mark.parametrize("until", [-1.0, float("nan"), "5"])
def test_until_must_be_a_time(tmp_path: Path, until: Any) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    with pytest.raises((TypeError, ValueError)):
        Replay(path, 1.0, until)


@pytest.mark.parametrize(("speed", "until"), [("2", None), (True, None), (1.0, "5")])
def test_a_speed_and_a_time_must_be_numbers(tmp_path: Path, speed: Any, until: Any) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    with pytest.raises(TypeError, match="must be a number"):
        Replay(path, speed, until)


@pytest.mark.parametrize(
    ("speed", "until", "message"),
    [
        pytest.param(1.0, 10**400, "`until` is an int that is too large for a float", id="late"),
        pytest.param(1.0, -HUGE, "`until` is an int that is too large for a float", id="early"),
        (1.0, 1e300, "`until` must be between 0 and 1,000,000,000 seconds, not 1e[+]300"),
        (1.0, float("inf"), "`until` must be between 0 and 1,000,000,000 seconds, not inf"),
        (1.0, -1, "`until` must be between 0 and 1,000,000,000 seconds, not -1"),
        pytest.param(10**400, None, "`speed` is an int that is too large for", id="fast"),
        pytest.param(-HUGE, None, "`speed` is an int that is too large for", id="backwards"),
        (float("nan"), None, "`speed` must be greater than 0, not nan"),
    ],
)
def test_a_number_that_is_out_of_range_is_refused_at_once(
    tmp_path: Path, speed: Any, until: Any, message: str
) -> None:
    path = written(tmp_path / "run.jsonl", PULL)
    with pytest.raises(ValueError, match=message):
        Replay(path, speed, until)


@pytest.mark.parametrize("speed", [1e-9, 1e-300, 5e-324])
def test_a_replay_that_would_take_ages_can_be_cancelled(tmp_path: Path, speed: float) -> None:
    job = replayed(written(tmp_path / "run.jsonl", PULL), speed)
    assert job.wait(0.01) is False
    assert job.cancel()
    with pytest.raises(Cancelled):
        job.result(10)
    assert job.cancelled()


def test_a_speed_must_be_positive() -> None:
    with pytest.raises(ValueError, match="`speed` must be greater than 0, not 0"):
        ReplayClock(0)


def test_recorded_time_runs_at_its_speed_and_never_passes_an_event() -> None:
    real = [100.0]
    seen = []
    clock = ReplayClock(2.0, lambda: real[0])

    def sleep(seconds: float) -> None:
        real[0] += seconds / 2
        seen.append(clock())
        real[0] += seconds * 5
        seen.append(clock())

    clock.wait_until(4.0, sleep)
    assert seen == [2.0, 4.0]
    assert clock() == 4.0
