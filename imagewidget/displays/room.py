"""What is kept of text and rows from outside, so that a saved notebook stays small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from imagewidget.progress.text import sgr
from imagewidget.progress.text.safe_text import visible

LOG_LINES = 50
"""The number of log lines shown of a job that has ended, counted from the end."""

LOG_LINES_RUNNING = 12
"""The same for a job that is running: what comes next is more interesting."""

LONGEST_LINE = 500
"""Characters shown of a log line: saved notebooks stay small, and `job.log` has the rest."""

Row = TypeVar("Row")


def cut(value: str, longest: int) -> str:
    """Return the first `longest` characters, with `…` if there are more."""
    return value if len(value) <= longest else f"{value[:longest]}…"


def cut_line(line: str) -> str:
    """Cut a long line of the log, but not within a colour sequence."""
    return line if len(line) <= LONGEST_LINE else f"{sgr.head(line, LONGEST_LINE)} […]"


def shown(value: str, longest: int) -> str:
    """Make one line of text from outside safe to show, and cut it if it is too long."""
    return cut(visible(cut(value, longest)), longest)


def size(text: str) -> int:
    """Return the bytes that a string has in a file."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def fit(
    rows: Sequence[Row], need: Callable[[Row], Any], draw: Callable[[Row], str], room: int
) -> list[str]:
    """Draw the most needed rows that fit into `room` bytes together, in their own order.

    Args:
        rows: All rows.
        need: The sort key of a row; the lowest is needed most.
        draw: Returns a row as it is shown; rows that have no room are not drawn.
        room: The bytes that the drawn rows may have, with a line break after each.
    """
    drawn: dict[int, str] = {}
    for index in sorted(range(len(rows)), key=lambda index: need(rows[index])):
        row = draw(rows[index])
        room -= size(row) + 1
        if room < 0:
            break
        drawn[index] = row
    return [drawn[index] for index in sorted(drawn)]
