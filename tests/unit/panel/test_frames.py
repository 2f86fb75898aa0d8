"""A frame contains what changed since the previous one, or there is no frame."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagewidget.panel.frames import Frames
from imagewidget.progress.state import Phase, State

PULLING = State(phase=Phase.PULLING)


@pytest.fixture
def frames() -> Frames:
    frames = Frames()
    frames.begin()
    return frames


def test_the_first_frame_is_a_snapshot(frames: Frames) -> None:
    assert frames.next(PULLING, {}, idle=False) == {
        "v": 1,
        "type": "snapshot",
        "run": 1,
        "seq": 1,
        "set": {"phase": "pulling"},
    }
    assert frames.known is PULLING


def test_the_next_frame_contains_what_changed(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    frame = frames.next(replace(PULLING, bytes_done=1), {"lines": [[0, "a"]]}, idle=False)
    assert frame is not None
    assert (frame["type"], frame["seq"]) == ("frame", 2)
    assert frame["set"] == {"bytes_done": 1}
    assert frame["lines"] == [[0, "a"]]


def test_without_changes_there_is_no_frame_and_no_number_is_used(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    assert frames.next(replace(PULLING), {}, idle=False) is None
    frame = frames.next(replace(PULLING, bytes_done=1), {}, idle=False)
    assert frame is not None
    assert frame["seq"] == 2


def test_the_passing_of_time_alone_makes_no_frame_while_idle(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    older = replace(PULLING, elapsed=1.0)
    assert frames.next(older, {}, idle=True) is None
    frame = frames.next(older, {}, idle=False)
    assert frame is not None
    assert frame["set"] == {"elapsed": 1.0}


def test_a_frame_without_budget_for_the_log_leaves_out_its_length(frames: Frames) -> None:
    frames.next(replace(PULLING, log_length=1), {}, idle=False)
    after = replace(PULLING, log_length=5, bytes_done=1)
    without_log = frames.next(after, None, idle=False)
    assert without_log is not None
    assert without_log["set"] == {"bytes_done": 1}
    with_log = frames.next(after, {}, idle=False)
    assert with_log is not None
    assert with_log["set"] == {"log_length": 5}


def test_after_forgetting_the_next_frame_is_a_snapshot(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    frames.forget()
    again = frames.next(PULLING, {}, idle=True)
    assert again is not None
    assert (again["type"], again["seq"], again["set"]) == ("snapshot", 2, {"phase": "pulling"})


def test_a_snapshot_has_the_number_of_the_last_frame_and_the_open_line(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    assert frames.snapshot(PULLING, None) == frames.message(
        "snapshot", seq=1, set={"phase": "pulling"}
    )
    assert frames.snapshot(PULLING, [3, "part"])["open"] == [3, "part"]


def test_another_run_starts_counting_again(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    frames.begin()
    assert frames.known is None
    first = frames.next(PULLING, {}, idle=False)
    assert first is not None
    assert (first["type"], first["run"], first["seq"]) == ("snapshot", 2, 1)
