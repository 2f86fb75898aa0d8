"""Every line of a log is sent to the views once, unless there are too many to read."""

from __future__ import annotations

from typing import Any

import pytest

from imagewidget.panel.log_cursor import TAIL_LINES, LogCursor, last_of
from imagewidget.progress.log import Log
from imagewidget.progress.log_writer import LogWriter
from tests.unit.panel.peer import STEPS

ROOM = 100_000


@pytest.fixture
def log() -> Log:
    return LogWriter()


def cursor_at(log: Log) -> LogCursor:
    return LogCursor(log, follows=True)


def numbers(part: dict[str, Any]) -> list[int]:
    return [line[0] for line in part.get("lines", ())]


def test_a_line_is_sent_once(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("a\nb\n")
    assert cursor.advance(ROOM) == {"lines": [[0, "a"], [1, "b"]]}
    assert cursor.advance(ROOM) == {}
    log.append("c\n")
    assert cursor.advance(ROOM) == {"lines": [[2, "c"]]}


def test_the_unfinished_line_is_sent_when_it_changes_and_when_it_ends(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("par")
    assert cursor.advance(ROOM) == {"open": [0, "par"]}
    assert cursor.open_line == [0, "par"]
    assert cursor.advance(ROOM) == {}
    log.append("t\n")
    assert cursor.advance(ROOM) == {"lines": [[0, "part"]], "open": None}


def test_only_the_end_of_an_existing_log_is_sent(log: Log) -> None:
    log.append("line\n" * 500)
    assert numbers(cursor_at(log).advance(ROOM)) == list(range(500 - TAIL_LINES, 500))


def test_only_the_end_of_a_flood_is_sent(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("line\n" * 500)
    assert numbers(cursor.advance(ROOM)) == list(range(500 - TAIL_LINES, 500))


def test_only_the_last_lines_that_fit_are_sent(log: Log) -> None:
    cursor = cursor_at(log)
    log.append(f"{'x' * 100}\n" * 10)
    assert numbers(cursor.advance(330)) == [7, 8, 9]
    assert cursor.advance(ROOM) == {}


def test_no_lines_are_sent_while_no_view_follows(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("part")
    cursor.advance(ROOM)
    cursor.follow(on=False)
    log.append(" a\nb\npart")
    assert cursor.advance(ROOM) == {"open": None}
    cursor.follow(on=True)
    assert cursor.advance(ROOM) == {"open": [2, "part"]}


def test_following_twice_loses_no_lines(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("a\n")
    cursor.follow(on=True)
    assert numbers(cursor.advance(ROOM)) == [0]


def test_lines_refer_to_their_step_by_index_once_it_is_known(log: Log) -> None:
    cursor = cursor_at(log)
    log.append("a\n", "sha256:two")
    assert cursor.lines(0, 1) == [[0, "a"]]
    cursor.learn_steps(STEPS[:1])
    cursor.learn_steps(STEPS)
    assert cursor.lines(0, 1) == [[0, "a", 1]]


@pytest.mark.parametrize(("size", "kept"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (99, 3)])
def test_as_many_of_the_last_lines_are_kept_as_fit(size: int, kept: int) -> None:
    lines = [[number, "漢"] for number in range(3)]  # 10 bytes each
    assert last_of(lines, size) == lines[3 - kept :]
