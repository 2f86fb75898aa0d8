"""The log: bounded in memory, complete on disk, numbered by line.

The first and the last lines stay in memory; every line is also written to a
temporary file, from which those in between are read when a view scrolls there.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagewidget.progress.spool import BLOCK, LogLine, Spool
from imagewidget.progress.text.line import Line
from imagewidget.progress.text.paths import flaw
from imagewidget.progress.text.safe_text import without_colours

SPOOL_LIMIT = 1_000_000_000
"""Bytes on disk beyond which the lines in between are dropped."""


class Log:
    """The output of a job, `job.log`, which may be read from any thread while it is written."""

    def __init__(self) -> None:
        """Create an empty log; a :class:`imagewidget.progress.log_writer.LogWriter` is not."""
        self._head: list[LogLine] = []
        self._tail: deque[LogLine] = deque()
        self._open: dict[str | None, OpenLine] = {}
        self._last_step: str | None = None
        self._length = 0
        self._spool = Spool(SPOOL_LIMIT)
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Return the number of complete lines."""
        return self._length

    def __iter__(self) -> Iterator[LogLine]:
        """Iterate over every line that was not dropped, in order."""
        start = 0
        while start < len(self):
            yield from self.lines(start, start + BLOCK)
            start += BLOCK

    def __repr__(self) -> str:
        return f"<Log: lines={self._length}>"

    @property
    def open(self) -> LogLine | None:
        """The unfinished line that was written to last, if there is one."""
        with self._lock:
            line = self._open.get(self._last_step)
            if line is None:
                return None
            return LogLine(self._length, line.text.shown(), self._last_step, line.stream)

    @property
    def gap(self) -> tuple[int, int] | None:
        """The range `[start, stop)` of lines that were dropped; None if none were."""
        with self._lock:
            first = max(len(self._head), self._spool.length)
            last = self._tail[0].number if self._tail else self._length
            return (first, last) if first < last else None

    def lines(self, start: int, stop: int) -> list[LogLine]:
        """Return the lines numbered `start` up to but not including `stop`.

        Lines in the :attr:`gap` are left out.
        """
        with self._lock:
            start, stop = max(0, start), min(stop, self._length)
            if start >= stop:
                return []
            tail_start = self._tail[0].number if self._tail else self._length
            found = self._head[start:stop]
            middle = max(start, len(self._head)), min(stop, tail_start)
            if middle[0] < middle[1]:
                found = [*found, *self._spool.read(*middle)]
            if stop > tail_start:
                offset = max(start, tail_start) - tail_start
                found = [*found, *_slice(self._tail, offset, stop - tail_start)]
            return found

    def tail(self, count: int, step: str | None = None) -> list[LogLine]:
        """Return the last `count` lines in memory, only those of `step` if it is given."""
        with self._lock:
            taken: list[LogLine] = []
            for lines in (reversed(self._tail), reversed(self._head)):
                for line in lines:
                    if len(taken) == count:
                        break
                    if step is None or line.step == step:
                        taken.append(line)
            return taken[::-1]

    def whole(self) -> Iterator[str]:
        """Yield every line that was not dropped, as plain text without its line feed."""
        for line in self:
            yield without_colours(line.text)

    def text(self) -> str:
        """Return the whole log as plain text."""
        return "".join(f"{line}\n" for line in self.whole())

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the whole log as plain text to `path`, and return the path.

        Args:
            path: The file; `~` is the home directory.

        Raises:
            OSError: The file cannot be written.
            TypeError: `path` is not a path.
            ValueError: `path` cannot be a path: it contains a null byte, for example.
        """
        path = file_path(path, "path", "a path")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in self.whole())
        return path


def file_path(value: object, name: str, wanted: str) -> Path:
    """Return the path of a file to write, with `~` expanded to a home directory.

    Args:
        value: The argument's value.
        name: The argument's name, for the error message.
        wanted: What the argument must be, for the error message.

    Raises:
        FileNotFoundError: The user after the `~` is unknown.
        TypeError: `value` is not a path.
        ValueError: No file can have this path: it contains a null byte, for example.
    """
    plain = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(plain, str):
        raise TypeError(f"`{name}` must be {wanted}, not {type(plain).__name__}.")
    if reason := flaw(plain):
        raise ValueError(f"`{name}` is not a valid path: {reason}.")
    try:
        return Path(plain).expanduser()
    except RuntimeError:
        raise FileNotFoundError(
            f"The home directory in `{plain}` cannot be found. Write the full path instead of `~`."
        ) from None


@dataclass
class OpenLine:
    """A line that may go on, and the stream that its last piece is from."""

    text: Line
    stream: int


def _slice(lines: deque[LogLine], start: int, stop: int) -> list[LogLine]:
    """Return `[start, stop)` of a deque, walking from its nearer end."""
    if start < len(lines) // 2:
        return list(islice(lines, start, stop))
    backwards = islice(reversed(lines), len(lines) - stop, len(lines) - start)
    return list(backwards)[::-1]
