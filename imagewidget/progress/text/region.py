r"""Rows that a program goes back to, as nested progress bars do.

`ESC[A` and `ESC[F` go up, `ESC[B` and `ESC[E` go down, and `ESC[J` erases what is below.
A row stays open until the program begins a new one below all of them. Lines that the log
has already are not changed: going up to them adds rows, which are left out if they are
empty in the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from imagewidget.progress.text.line import Line

_MOST_ROWS = 100
_UP = re.compile(r"\x1b\[[0-9]*[AF]")
_MARK = re.compile(r"\n|\x1b\[(?P<by>[0-9]*)(?P<move>[ABEF])|(?P<below>\x1b\[0?J)")
_CUT_OFF = re.compile(r"\x1b(?:\[[0-9]*)?\Z")


def goes_up(text: str) -> bool:
    """Return whether the text goes back to a row above."""
    return "\x1b[" in text and _UP.search(text) is not None


@dataclass
class _Row:
    line: Line = field(default_factory=Line)
    is_added: bool = False


class Region:
    """The open rows of one step.

    Args:
        first: The line that is open; None for a new one.
    """

    def __init__(self, first: Line | None = None) -> None:
        self._rows = [_Row(first or Line())]
        self._row = 0
        self._cut_off = ""

    @property
    def open(self) -> Line:
        """The row that the program is in."""
        return self._rows[self._row].line

    @property
    def is_one_row(self) -> bool:
        """Whether it has become an ordinary line again."""
        return len(self._rows) == 1 and not self._cut_off

    def write(self, text: str) -> list[str]:
        """Write a piece of output; return what the rows that it completed show."""
        text = self._cut_off + text
        cut_off = _CUT_OFF.search(text)
        self._cut_off = cut_off.group() if cut_off else ""
        text = text[: len(text) - len(self._cut_off)]
        complete: list[str] = []
        end = 0
        for found in _MARK.finditer(text):
            self._append(text[end : found.start()])
            end = found.end()
            if found["below"]:
                self._append(found.group())
                del self._rows[self._row + 1 :]
            elif found["move"]:
                by = min(int(found["by"][:6] or 1) or 1, _MOST_ROWS)
                self._go(-by if found["move"] in "AF" else by)
            elif self._row < len(self._rows) - 1:
                self._go(1)
            else:
                complete += self._emptied()
        self._append(text[end:])
        return complete

    def finish(self) -> list[str]:
        """Return what the rows that are left show: no more output will come."""
        left = self._emptied()
        # Nothing but sequences, such as the `ESC[?25h` of a progress bar, is not a line.
        return left if left[-1:] != [""] else left[:-1]

    def _append(self, text: str) -> None:
        if text:
            self.open.write(text)

    def _go(self, by: int) -> None:
        """Go down, at most to the last row, or up; rows are added while there is room."""
        room = _MOST_ROWS - len(self._rows)
        target = max(min(self._row + by, len(self._rows) - 1), -room)
        if target < 0:
            self._rows[:0] = [_Row(is_added=True) for _ in range(-target)]
        self._row = max(target, 0)
        if not self.open.is_empty:
            self._append("\r")

    def _emptied(self) -> list[str]:
        """Begin with a new row; return what the others show."""
        shown = [(row.line.shown(), row.is_added) for row in self._rows]
        self._rows, self._row = [_Row()], 0
        return [text for text, is_added in shown if text or not is_added]
