"""Searching the log for text, or for the lines of a build step."""

from __future__ import annotations

from dataclasses import dataclass

from imagewidget.progress.log import Log
from imagewidget.progress.text.safe_text import without_colours

LINES_AT_ONCE = 20_000
"""Log lines searched per request; the browser then requests a search of the following ones.

That takes about 50 ms, on the kernel's main thread if there is no subshell.
"""

RANGES_AT_ONCE = 2_000
"""The most spans of matching lines in one answer."""

_BLOCK = 1_024


@dataclass(frozen=True)
class Found:
    """Spans `(first, last)` of matching line numbers among the lines before `stop`."""

    ranges: tuple[tuple[int, int], ...]
    stop: int


def find(log: Log, query: str, step: str | None, start: int) -> Found:
    """Return the lines that contain `query` (ignoring case) and belong to `step`.

    Args:
        log: The log to search.
        query: The text to find; empty matches every line.
        step: The id of a build step; None for all.
        start: The first line to search.
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
