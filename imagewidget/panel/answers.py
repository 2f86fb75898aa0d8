"""What takes longer to answer: looking through the log, and downloading it."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from imagewidget.progress.log import Log
from imagewidget.progress.safe_text import without_colours

LINES_AT_ONCE = 20_000
"""Log lines one question looks at; the browser asks on from where it stopped.

That takes about 50 ms, of the kernel's main thread where there is no subshell.
"""

RANGES_AT_ONCE = 2_000
"""Spans of matching lines one answer holds."""

DOWNLOADS_AT_ONCE = 4
"""How many downloads may be under way; the one that began first gives way."""

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


_NOTHING = Part(b"", is_last=True)


class Downloads:
    """Gives the log as a gzip file, part by part, to several views at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[int, Iterator[tuple[int, Part]]] = {}

    def part(self, log: Log, download: int, number: int) -> Part:
        """Give part `number` of `download`; out of order, the download ends."""
        with self._lock:
            if number == 0:
                self._under_way.pop(download, None)
                self._under_way[download] = enumerate(_compress(log))
                if len(self._under_way) > DOWNLOADS_AT_ONCE:
                    del self._under_way[next(iter(self._under_way))]
            found, part = next(self._under_way.get(download, iter(())), (-1, _NOTHING))
            if found != number or part.is_last:
                self._under_way.pop(download, None)
            return part if found == number else _NOTHING


def _compress(log: Log) -> Iterator[Part]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    data = bytearray()
    for text in log.whole():
        data += packer.compress(f"{text}\n".encode())
        if len(data) >= PART_BYTES:
            yield Part(bytes(data), is_last=False)
            data.clear()
    yield Part(bytes(data) + packer.flush(), is_last=True)
