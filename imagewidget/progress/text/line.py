r"""One line of output as a terminal would show it.

`\r` goes back to the first column and `\b` goes back one column; what follows
overwrites the characters there. `ESC[K` erases. Rows above the line cannot be
reached in a log, so cursor movements are dropped.
"""

from __future__ import annotations

import re

from imagewidget.progress.text import sgr
from imagewidget.progress.text.safe_text import keep_colours

LONGEST = 16_384
"""The maximum length of a line in characters, colour sequences included."""

_MOST = 3 * LONGEST
_CUT_MARK = " […]"
_MARK = re.compile(r"\r|\x08|\x1b\[(?P<erase>[012]?)K|\x1b\[[0-9;:]*m")

_Cell = tuple[sgr.Colours, str]


def collapse(raw: str) -> str:
    """Return the line that a terminal shows after `raw` was written to it.

    A line longer than :data:`LONGEST` is cut, and ends with ` […]`.
    """
    raw = _bounded(raw.rstrip("\r"))
    if "\r" not in raw and "\x08" not in raw and "\x1b[" not in raw:
        return _cut(keep_colours(raw))
    if not _moves(raw):
        return _cut(keep_colours(raw))
    return _cut(_emit(_write(raw)))


def shortened(raw: str) -> str:
    """Return a shorter equivalent of `raw`, the beginning of an unfinished line.

    Whatever is appended to it later shows as it would after `raw`.
    """
    if len(raw) <= _MOST:
        return raw
    before, back, rest = raw.rpartition("\r")
    if not back:
        return _bounded(raw)
    return f"{collapse(before)}\r{_head(rest)}"


def _bounded(raw: str) -> str:
    """Drop what is overwritten later, or is beyond the line's maximum length."""
    if len(raw) <= _MOST:
        return raw
    _, back, late = raw[-_MOST:].partition("\r")
    return late if back else _head(raw[raw.rfind("\r") + 1 :])


def _head(raw: str) -> str:
    """Return just enough of a line without carriage returns to show that it is too long."""
    return raw if len(raw) <= LONGEST else sgr.without_half_sequence(raw[: LONGEST + 1])


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else sgr.head(text, LONGEST) + _CUT_MARK


def _moves(raw: str) -> bool:
    return any(not found.group().endswith("m") for found in _MARK.finditer(raw))


def _write(raw: str) -> list[_Cell]:
    """Write `raw` into cells of (colours, character)."""
    cells: list[_Cell] = []
    column, colours, end = 0, sgr.NONE, 0
    for found in [*_MARK.finditer(raw), None]:
        plain = keep_colours(raw[end : found.start() if found else len(raw)])
        written = [(colours, character) for character in plain]
        cells[column : column + len(written)] = written
        column += len(written)
        if found is None:
            break
        end = found.end()
        mark = found.group()
        if mark == "\r":
            column = 0
        elif mark == "\x08":
            column = max(0, column - 1)
        elif mark.endswith("m"):
            colours = sgr.after(colours, mark)
        else:
            _erase(cells, column, found["erase"])
    return cells


def _erase(cells: list[_Cell], column: int, mode: str) -> None:
    if mode in ("", "0"):
        del cells[column:]
    elif mode == "1":
        cells[:column] = [(sgr.NONE, " ")] * min(column, len(cells))
    else:
        cells[:] = [(sgr.NONE, " ")] * column


def _emit(cells: list[_Cell]) -> str:
    parts: list[str] = []
    current = sgr.NONE
    for colours, character in cells:
        if colours is not current:
            parts.append(sgr.change(current, colours))
            current = colours
        parts.append(character)
    parts.append(sgr.change(current, sgr.NONE))
    return "".join(parts).rstrip(" ")
