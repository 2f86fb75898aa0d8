"""The cells of one row of a terminal, which what is written later may overwrite."""

from __future__ import annotations

import unicodedata

from imagewidget.progress.text import sgr

_TAB = 8
_NOTHING = frozenset({"Mn", "Me", "Cf"})
_SOFT_HYPHEN = "\u00ad"
_BLANK = (sgr.NONE, " ")
# The second half of a wide character.
_HALF = (sgr.NONE, "")


class Row:
    """A row of at most `width` cells; what is written beyond them is left out.

    Attributes:
        column: Where the next character is written, from 0.
    """

    def __init__(self, width: int) -> None:
        self._cells: list[tuple[sgr.Colours, str]] = []
        self._width = width
        self.column = 0

    def copy(self) -> Row:
        """Return an independent copy."""
        other = Row(self._width)
        other._cells, other.column = self._cells.copy(), self.column
        return other

    def move(self, column: int) -> None:
        """Go to a column."""
        self.column = min(max(column, 0), self._width)

    def write(self, text: str, colours: sgr.Colours) -> None:
        """Write text at the column; a tab only moves to the next stop."""
        if not text:
            return
        if text.isascii() and "\t" not in text:
            room = self._width + 1 - self.column  # one more shows that the row is too long
            self._put([(colours, character) for character in text[: max(0, room)]])
            return
        for character in text:
            if character == "\t":
                self.move(self.column // _TAB * _TAB + _TAB)
            elif _has_no_width(character):
                self._combine(character)
            elif unicodedata.east_asian_width(character) in ("W", "F"):
                self._put([(colours, character), _HALF])
            else:
                self._put([(colours, character)])

    def erase(self, start: int, stop: int | None = None) -> None:
        """Make the cells from `start` to `stop` blank; without `stop`, all that follow."""
        if stop is None:
            self._split(start)
            del self._cells[start:]
            return
        stop = min(stop, len(self._cells))
        if start < stop:
            self._split(start)
            self._split(stop)
            self._cells[start:stop] = [_BLANK] * (stop - start)

    def delete(self, count: int) -> None:
        """Remove cells at the column; what follows moves to the left."""
        self._split(self.column)
        self._split(self.column + count)
        del self._cells[self.column : self.column + count]

    def insert(self, count: int) -> None:
        """Insert blank cells at the column; what follows moves to the right."""
        self._split(self.column)
        if self.column < len(self._cells):
            room = max(0, min(count, self._width + 1 - self.column))
            self._cells[self.column : self.column] = [_BLANK] * room
            del self._cells[self._width + 1 :]

    def text(self) -> str:
        """Return the row with its colours, without blanks at its end."""
        parts: list[str] = []
        current = sgr.NONE
        for colours, character in self._cells:
            if character and colours is not current:
                parts.append(sgr.change(current, colours))
                current = colours
            parts.append(character)
        parts.append(sgr.change(current, sgr.NONE))
        return "".join(parts).rstrip(" ")

    def _put(self, cells: list[tuple[sgr.Colours, str]]) -> None:
        cells = cells[: max(0, self._width + 1 - self.column)]
        self._cells += [_BLANK] * (self.column - len(self._cells))
        end = self.column + len(cells)
        self._split(self.column)
        self._split(end)
        self._cells[self.column : end] = cells
        self.column = end

    def _split(self, column: int) -> None:
        """Replace a wide character of which only one half stays."""
        if 0 < column < len(self._cells) and self._cells[column] == _HALF:
            self._cells[column - 1] = self._cells[column] = _BLANK

    def _combine(self, mark: str) -> None:
        at = min(self.column, len(self._cells)) - 1
        if at > 0 and self._cells[at] == _HALF:
            at -= 1
        if at >= 0:
            colours, character = self._cells[at]
            self._cells[at] = (colours, character + mark)


def _has_no_width(character: str) -> bool:
    """Return whether a character is shown in the cell before; so are vowels of Hangul."""
    if "\u1160" <= character <= "\u11ff":
        return True
    return unicodedata.category(character) in _NOTHING and character != _SOFT_HYPHEN
