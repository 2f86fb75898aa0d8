"""A frame says what changed since the one before, or it is not sent."""

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


def test_the_first_is_a_snapshot(frames: Frames) -> None:
    assert frames.next(PULLING, {}, idle=False) == {
        "v": 1,
        "type": "snapshot",
        "run": 1,
        "seq": 1,
        "set": {"phase": "pulling"},
    }
    assert frames.known is PULLING


def test_the_next_says_what_changed(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    frame = frames.next(replace(PULLING, bytes_done=1), {"lines": [[0, "a"]]}, idle=False)
    assert frame is not None
    assert (frame["type"], frame["seq"]) == ("frame", 2)
    assert frame["set"] == {"bytes_done": 1}
    assert frame["lines"] == [[0, "a"]]


def test_what_does_not_change_is_no_frame_and_has_no_number(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    assert frames.next(replace(PULLING), {}, idle=False) is None
    frame = frames.next(replace(PULLING, bytes_done=1), {}, idle=False)
    assert frame is not None
    assert frame["seq"] == 2


def test_time_that_passed_is_no_frame_of_an_idle_moment(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    older = replace(PULLING, elapsed=1.0)
    assert frames.next(older, {}, idle=True) is None
    frame = frames.next(older, {}, idle=False)
    assert frame is not None
    assert frame["set"] == {"elapsed": 1.0}


def test_a_frame_that_can_pay_for_no_log_says_nothing_of_it(frames: Frames) -> None:
    frames.next(replace(PULLING, log_length=1), {}, idle=False)
    after = replace(PULLING, log_length=5, bytes_done=1)
    poor = frames.next(after, None, idle=False)
    assert poor is not None
    assert poor["set"] == {"bytes_done": 1}
    rich = frames.next(after, {}, idle=False)
    assert rich is not None
    assert rich["set"] == {"log_length": 5}


def test_what_is_forgotten_is_said_once_more(frames: Frames) -> None:
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


def test_another_run_begins_to_count_again(frames: Frames) -> None:
    frames.next(PULLING, {}, idle=False)
    frames.begin()
    assert frames.known is None
    first = frames.next(PULLING, {}, idle=False)
    assert first is not None
    assert (first["type"], first["run"], first["seq"]) == ("snapshot", 2, 1)
