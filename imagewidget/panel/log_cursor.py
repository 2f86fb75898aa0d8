"""Which lines of the log are sent to the views next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from imagewidget.panel import wire
from imagewidget.progress.log import Log
from imagewidget.progress.spool import LogLine
from imagewidget.progress.state import StepState

TAIL_LINES = 60
"""The most log lines that a frame may contain: more than a view shows at once."""


class LogCursor:
    """The position in a log up to which its lines were sent to the views.

    Args:
        log: The log of one run; its last lines will be sent first.
        follows: Whether a view shows the end of the log.
    """

    def __init__(self, log: Log, *, follows: bool) -> None:
        self.log = log
        self._follows = follows
        self._next_line = max(0, len(log) - TAIL_LINES)
        self._open_line: wire.Line | None = None
        self._steps: dict[str, int] = {}

    @property
    def follows(self) -> bool:
        """Whether a view shows the end of the log."""
        return self._follows

    @property
    def open_line(self) -> wire.Line | None:
        """The unfinished line, as the views know it."""
        return self._open_line

    def follow(self, *, on: bool) -> None:
        """Start or stop sending lines as they are written."""
        if on and not self._follows:
            self._next_line = len(self.log)
        self._follows = on

    def learn_steps(self, steps: Sequence[StepState]) -> None:
        """Record the indexes by which lines refer to their steps; steps are only ever added."""
        for index in range(len(self._steps), len(steps)):
            self._steps[steps[index].id] = index

    def advance(self, size: int) -> wire.Fields:
        """Move to the end of the log.

        Args:
            size: The maximum size of the lines in bytes; the last ones that fit are sent.

        Returns:
            The part of a frame about the log: `lines` and `open`, each only if there is
            something new.
        """
        lines, unfinished = self._new_lines(size) if self._follows else ([], None)
        part: wire.Fields = {"lines": lines} if lines else {}
        if unfinished != self._open_line:
            part["open"] = self._open_line = unfinished
        return part

    def lines(self, start: int, stop: int) -> list[wire.Line]:
        """Return the lines `[start, stop)`, except for those that were dropped."""
        return [self._encode(entry) for entry in self.log.lines(start, stop)]

    def _new_lines(self, size: int) -> tuple[list[wire.Line], wire.Line | None]:
        length = len(self.log)
        start = max(self._next_line, length - TAIL_LINES)
        self._next_line = length
        lines = last_of(self.lines(start, length), size)
        unfinished = self.log.open
        return lines, None if unfinished is None else self._encode(unfinished)

    def _encode(self, entry: LogLine) -> wire.Line:
        return wire.line(entry, self._steps.get(entry.step, -1) if entry.step else -1)


def last_of(lines: list[wire.Line], size: int) -> list[wire.Line]:
    """Return as many of the last lines as fit in `size` bytes."""
    sizes = accumulate(wire.size(line) for line in reversed(lines))
    return lines[len(lines) - sum(taken <= size for taken in sizes) :]
