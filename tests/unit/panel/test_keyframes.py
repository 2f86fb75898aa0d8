"""Whole snapshots are repeated at growing intervals until a view's request arrives."""

from __future__ import annotations

from imagewidget.panel.keyframes import FIRST, LONGEST, Keyframes

START = 50.0


def test_the_first_keyframe_is_due_at_the_given_time() -> None:
    keyframes = Keyframes(START)
    assert not keyframes.is_due(START - 0.1)
    assert keyframes.is_due(START)


def test_each_pause_is_twice_as_long_as_the_one_before() -> None:
    keyframes = Keyframes(START)
    now, pauses = START, []
    for _ in range(7):
        keyframes.note_snapshot(now)
        before = now
        while not keyframes.is_due(now):
            now += 0.25
        pauses.append(now - before)
    assert pauses == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST, LONGEST]


def test_no_keyframe_is_due_once_a_request_has_arrived() -> None:
    keyframes = Keyframes(START)
    assert not keyframes.is_heard
    keyframes.hear()
    assert keyframes.is_heard
    assert not keyframes.is_due(START + 3_600)
