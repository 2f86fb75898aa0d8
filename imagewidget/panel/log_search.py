"""Looking through the log for what a view searches, or for the lines of a build step."""

from __future__ import annotations

from dataclasses import dataclass

from imagewidget.progress.log import Log
from imagewidget.progress.text.safe_text import without_colours

LINES_AT_ONCE = 20_000
"""Log lines one question looks at; the browser asks on from where it stopped.

That takes about 50 ms, of the kernel's main thread where there is no subshell.
"""

RANGES_AT_ONCE = 2_000
"""Spans of matching lines one answer holds."""

_BLOCK = 1_024


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
