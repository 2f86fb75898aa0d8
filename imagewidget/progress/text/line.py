r"""One line of output as a terminal would show it.

`\r` goes back to the first column and `\b` goes back one column; what follows
overwrites the characters there. `ESC[K` and `ESC[X` erase; `ESC[G`, `ESC[C`, `ESC[D`,
and saving and restoring the position move within the line. Other movements are dropped,
or lead to another row of a `Region`.
"""

from __future__ import annotations

import re

from imagewidget.progress.text import sgr
from imagewidget.progress.text.row import Row
from imagewidget.progress.text.safe_text import keep_colours

LONGEST = 16_384
"""The maximum length of a line in characters, colour sequences included."""

_MOST = 3 * LONGEST
_CUT_MARK = " […]"
_MARK = re.compile(
    r"\r|\x08|\x1b\[(?P<erase>[012]?)K|\x1b\[0?J|\x1b\[(?P<by>[0-9]*)(?P<move>[CDGX])"
    r"|\x1b\[[0-9;]*(?P<away>[Hf])|\x1b(?P<kept>7|8|\[s|\[u)|\x1b\[[0-9;:]*m"
)
_CUT_OFF = re.compile(r"\x1b(?:\[[0-?]*)?[ -/]*\Z")


def collapse(raw: str) -> str:
    """Return the line that a terminal shows after `raw` was written to it.

    A line longer than :data:`LONGEST` is cut, and ends with ` […]`.
    """
    raw = _bounded(raw.rstrip("\r"))
    if "\x1b" in raw:
        raw = _CUT_OFF.sub("", raw)
    elif "\r" not in raw and "\x08" not in raw:
        return _cut(keep_colours(raw))
    if not _moves(raw):
        return _cut(keep_colours(raw))
    return _cut(_written(raw))


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


def _written(raw: str) -> str:
    """Write `raw` into the cells of a row, and return what they show."""
    row = Row(LONGEST)
    colours, kept, end = sgr.NONE, 0, 0
    # What is written to another row, such as apt's bar, ends when the position is restored.
    last_return, is_away = max(raw.rfind("\x1b8"), raw.rfind("\x1b[u")), False
    for found in _MARK.finditer(raw):
        if not is_away:
            row.write(keep_colours(raw[end : found.start()]), colours)
        end = found.end()
        mark = found.group()
        if mark == "\r":
            row.move(0)
        elif mark == "\x08":
            row.move(row.column - 1)
        elif mark.endswith("m"):
            colours = sgr.after(colours, mark)
        elif found["away"]:
            is_away = end <= last_return
        elif found["move"]:
            _move(row, found["move"], int(found["by"][:6] or 1) or 1)
        elif found["kept"] in ("7", "[s"):
            kept = row.column
        elif found["kept"]:
            row.move(kept)
            is_away = False
        else:
            _erase(row, found["erase"] or "0")
    row.write(keep_colours(raw[end:]), colours)
    return row.text()


def _move(row: Row, kind: str, by: int) -> None:
    if kind == "G":
        row.move(by - 1)
    elif kind == "X":
        row.erase(row.column, row.column + by)
    else:
        row.move(row.column + (by if kind == "C" else -by))


def _erase(row: Row, mode: str) -> None:
    if mode == "0":
        row.erase(row.column)
    elif mode == "1":
        row.erase(0, row.column + 1)
    else:
        row.erase(0)
