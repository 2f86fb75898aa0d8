"""Log lines on disk, looked up by number."""

from __future__ import annotations

import tempfile
import weakref
from dataclasses import dataclass
from typing import IO

BLOCK = 256
"""The number of lines that are written and looked up together."""


@dataclass(frozen=True)
class LogLine:
    """One line of a log.

    Attributes:
        number: Its number, from 0.
        text: The line, without its line feed; may contain colour sequences.
        step: The id of the build step that wrote it; None if it was not a step.
        stream: 1 for standard output, 2 for standard error.
    """

    number: int
    text: str
    step: str | None = None
    stream: int = 1


class Spool:
    """Keeps lines in a temporary file that is deleted with the process.

    Only the position of every 256th line is remembered, so that a million lines
    cost a few kilobytes of memory. Not thread-safe: the owner must lock.

    Args:
        limit: Bytes on disk beyond which further lines are dropped.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._file: IO[bytes] | None = None
        self._offsets: list[int] = []
        self._pending: list[LogLine] = []
        self._steps: list[str | None] = []
        self._step_numbers: dict[str | None, int] = {}
        self._size = 0
        self._is_full = False

    @property
    def length(self) -> int:
        """The number of lines kept; these are the lines numbered below it."""
        return len(self._offsets) * BLOCK + len(self._pending)

    def append(self, line: LogLine) -> None:
        """Keep another line, unless the limit is reached or the disk is full."""
        if self._is_full or self._size >= self._limit:
            return
        self._pending.append(line)
        if len(self._pending) == BLOCK:
            try:
                self._write()
            except OSError:
                self._pending.clear()
                self._is_full = True

    def read(self, start: int, stop: int) -> list[LogLine]:
        """Return the lines `[start, stop)`, as far as they were kept."""
        stop = min(stop, self.length)
        found: list[LogLine] = []
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            lines = self._read(block) if block < len(self._offsets) else self._pending
            first = block * BLOCK
            found += lines[max(0, start - first) : stop - first]
        return found

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="imagewidget-log-")  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        block = "".join(self._record(line) for line in self._pending).encode(errors="replace")
        self._file.seek(self._size)
        self._file.write(block)
        self._file.flush()
        self._offsets.append(self._size)
        self._size += len(block)
        self._pending.clear()

    def _record(self, line: LogLine) -> str:
        step = self._step_numbers.get(line.step)
        if step is None:
            step = self._step_numbers[line.step] = len(self._steps)
            self._steps.append(line.step)
        return f"{step} {line.stream} {line.text}\n"

    def _read(self, block: int) -> list[LogLine]:
        if self._file is None:
            return []
        start = self._offsets[block]
        stop = self._offsets[block + 1] if block + 1 < len(self._offsets) else self._size
        self._file.seek(start)
        records = self._file.read(stop - start).decode().split("\n")[:-1]
        return [self._parse(block * BLOCK + i, record) for i, record in enumerate(records)]

    def _parse(self, number: int, record: str) -> LogLine:
        step, stream, text = record.split(" ", 2)
        return LogLine(number, text, self._steps[int(step)], int(stream))
