r"""One line of output as a terminal would show it.

`\r` goes back to the first column and `\b` goes back one column; what follows
overwrites the characters there. `ESC[K` and `ESC[X` erase, `ESC[P` and `ESC[@` delete and
insert; `ESC[G`, `ESC[C`, `ESC[D`, and saving and restoring the position move within the
line. Other movements are dropped, or lead to another row of a `Region`.
"""

from __future__ import annotations

import re

from imagewidget.progress.text import sgr
from imagewidget.progress.text.row import Row
from imagewidget.progress.text.safe_text import keep_colours

LONGEST = 16_384
"""The maximum length of a line in characters, colour sequences included."""

# How much of an unfinished line is kept as it was received.
_MOST = 3 * LONGEST
_CUT_MARK = " […]"
_MARK = re.compile(
    r"\r|\x08|\x1b\[(?P<erase>[012]?)K|\x1b\[0?J|\x1b\[(?P<by>[0-9]*)(?P<move>[CDGPX@`])"
    r"|\x1b\[[0-9;]*(?P<away>[Hf])|\x1b(?P<kept>7|8|\[s|\[u)|\x1b\[[0-9;:]*m"
)
_MAY_MOVE = re.compile(r"[\r\x08\x1b]")
_CUT_OFF = re.compile(r"\x1b(?:\[[0-?]*)?[ -/]*\Z")
_LONGEST_SEQUENCE = 4096
_LONGEST_NUMBER = 32


def collapse(raw: str) -> str:
    """Return the line that a terminal shows after `raw` was written to it.

    A line longer than :data:`LONGEST` is cut, and ends with ` […]`.
    """
    line = Line()
    line.write(raw)
    return line.shown()


class Line:
    """A line that is written in any number of pieces.

    It takes a bounded amount of memory, even if a progress bar never ends it.
    """

    def __init__(self) -> None:
        self._raw = ""
        # What was written before that, if it was much.
        self._cells: _Cells | None = None

    @property
    def end(self) -> str:
        """The last characters that were written, which may be half a sequence."""
        return self._raw[-_LONGEST_NUMBER:]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self._raw and self._cells is None

    def write(self, text: str) -> None:
        """Append a piece of output."""
        self._raw += text
        if len(self._raw) <= _MOST:
            return
        if self._cells is None and not _MAY_MOVE.search(self._raw):
            self._raw = self._raw[: LONGEST + 1]  # which shows that the line is too long
            return
        cut_off = _CUT_OFF.search(self._raw)
        end = cut_off.start() if cut_off else len(self._raw)
        self._cells = self._cells or _Cells()
        self._cells.write(self._raw[:end])
        self._raw = self._raw[end : end + _LONGEST_SEQUENCE]

    def take_cut_off(self) -> str:
        """Remove half a sequence at the end, and return it."""
        cut_off = _CUT_OFF.search(self._raw)
        if not cut_off:
            return ""
        self._raw = self._raw[: cut_off.start()]
        return cut_off.group()

    def shown(self) -> str:
        """Return what a terminal shows, colours included."""
        raw = self._raw.rstrip("\r")
        if "\x1b" in raw:
            raw = _CUT_OFF.sub("", raw)
        if self._cells is None and not _moves(raw):
            return _cut(keep_colours(raw))
        cells = self._cells.copy() if self._cells else _Cells()
        cells.write(raw)
        return _cut(cells.row.text())


class _Cells:
    """What a terminal remembers of a line: its cells, and how it writes the next character."""

    def __init__(self) -> None:
        self.row = Row(LONGEST)
        self._colours = sgr.NONE
        self._kept = (0, sgr.NONE)

    def copy(self) -> _Cells:
        """Return an independent copy."""
        other = _Cells()
        other.row, other._colours, other._kept = self.row.copy(), self._colours, self._kept
        return other

    def write(self, raw: str) -> None:
        """Write text and sequences."""
        # What is written to another row, such as apt's bar, ends when the position is restored.
        last_return, is_away = max(raw.rfind("\x1b8"), raw.rfind("\x1b[u")), False
        end = 0
        for found in _MARK.finditer(raw):
            if not is_away:
                self.row.write(keep_colours(raw[end : found.start()]), self._colours)
            end = found.end()
            if found["away"]:
                is_away = end <= last_return
            elif found["kept"] in ("8", "[u"):
                is_away = False
                self._apply(found)
            else:
                self._apply(found)
        self.row.write(keep_colours(raw[end:]), self._colours)

    def _apply(self, found: re.Match[str]) -> None:
        """Do what one sequence says."""
        mark = found.group()
        if mark == "\r":
            self.row.move(0)
        elif mark == "\x08":
            self.row.move(self.row.column - 1)
        elif mark.endswith("m"):
            self._colours = sgr.after(self._colours, mark)
        elif found["move"]:
            _move(self.row, found["move"], int(found["by"][:6] or 1) or 1)
        elif found["kept"] in ("7", "[s"):
            self._kept = (self.row.column, self._colours)
        elif found["kept"]:
            column, self._colours = self._kept
            self.row.move(column)
        else:
            _erase(self.row, found["erase"] or "0")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else sgr.head(text, LONGEST) + _CUT_MARK


def _moves(raw: str) -> bool:
    return _MAY_MOVE.search(raw) is not None and any(
        not found.group().endswith("m") for found in _MARK.finditer(raw)
    )


def _move(row: Row, kind: str, by: int) -> None:
    if kind in "G`":
        row.move(by - 1)
    elif kind == "X":
        row.erase(row.column, row.column + by)
    elif kind == "P":
        row.delete(by)
    elif kind == "@":
        row.insert(by)
    else:
        row.move(row.column + (by if kind == "C" else -by))


def _erase(row: Row, mode: str) -> None:
    if mode == "0":
        row.erase(row.column)
    elif mode == "1":
        row.erase(0, row.column + 1)
    else:
        row.erase(0)
