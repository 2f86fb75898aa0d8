"""What takes longer to answer: looking through the log, and downloading it."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from imagewidget.progress.log import Log
from imagewidget.progress.text import without_colours

LINES_AT_ONCE = 100_000
"""Log lines one question looks at; the browser asks on from where it stopped."""

RANGES_AT_ONCE = 2_000
"""Spans of matching lines one answer holds."""

PART_BYTES = 256 * 1024
"""Compressed bytes in one part of a download: a server drops what comes faster than 1 MB/s."""

_BLOCK = 1_024
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Found:
    """Spans `(first, last)` of matching line numbers among the lines before `stop`."""

    ranges: tuple[tuple[int, int], ...]
    stop: int


def find(log: Log, query: str, step: str | None, start: int) -> Found:
    """Look for lines that hold `query` (in any case) and belong to `step`.

    Args:
        log: Where to look.
        query: What to look for; empty matches every line.
        step: The id of a build step; None for all.
        start: The first line to look at.
    """
    wanted = query.casefold()
    ranges: list[tuple[int, int]] = []
    stop = min(len(log), start + LINES_AT_ONCE)
    for block in range(start, stop, _BLOCK):
        for line in log.lines(block, min(block + _BLOCK, stop)):
            if step is not None and line.step != step:
                continue
            if wanted and wanted not in without_colours(line.text).casefold():
                continue
            if ranges and ranges[-1][1] == line.number - 1:
                ranges[-1] = (ranges[-1][0], line.number)
            elif len(ranges) == RANGES_AT_ONCE:
                return Found(tuple(ranges), line.number)
            else:
                ranges.append((line.number, line.number))
    return Found(tuple(ranges), max(start, stop))


@dataclass(frozen=True)
class Part:
    """One part of a gzip file."""

    data: bytes
    is_last: bool


class Downloads:
    """Gives the log as a gzip file, part by part, to one view after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._id = -1
        self._next = 0
        self._parts: Iterator[Part] = iter(())

    def part(self, log: Log, download: int, number: int) -> Part:
        """Give part `number` of `download`; out of order, the download ends."""
        with self._lock:
            if number == 0:
                self._id, self._next, self._parts = download, 0, _compress(log)
            if download != self._id or number != self._next:
                return Part(b"", is_last=True)
            self._next += 1
            return next(self._parts, Part(b"", is_last=True))


def _compress(log: Log) -> Iterator[Part]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    data = bytearray()
    for text in log.whole():
        data += packer.compress(f"{text}\n".encode())
        if len(data) >= PART_BYTES:
            yield Part(bytes(data), is_last=False)
            data.clear()
    yield Part(bytes(data) + packer.flush(), is_last=True)
