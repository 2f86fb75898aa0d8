"""What stays on a terminal: the few controls that the command line uses, and no others."""

from __future__ import annotations

import re

_PARTS = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """A terminal that is high and wide enough to never scroll or wrap."""

    def __init__(self) -> None:
        self._rows: list[str] = [""]
        self._row, self._column = 0, 0
        self.has_cursor = True

    @property
    def lines(self) -> list[str]:
        """The lines, without blanks at their ends and without empty lines at the end."""
        return "\n".join(row.rstrip() for row in self._rows).rstrip("\n").split("\n")

    def feed(self, text: str) -> Screen:
        """Show text; a line feed also returns to the first column, as terminals are set up."""
        end = 0
        for found in _PARTS.finditer(text):
            assert found.start() == end, f"an unknown control: {text[end : end + 20]!r}"
            end = found.end()
            number, control, move, shown = found.groups()
            if shown:
                self._write(shown)
            elif move:
                self._column = 0
                self._row += move == "\n"
                self._rows += [""] * (self._row + 1 - len(self._rows))
            else:
                self._control(number, control)
        assert text[end:] in ("", "\x1b", "\x1b["), f"an unknown control: {text[end:]!r}"
        return self

    def _write(self, text: str) -> None:
        row = self._rows[self._row].ljust(self._column)
        self._column += len(text)
        self._rows[self._row] = row[: self._column - len(text)] + text + row[self._column :]

    def _control(self, number: str, control: str) -> None:
        if control == "A":
            self._row -= int(number or 1)
        elif (number, control) == ("2", "K"):
            self._rows[self._row] = ""
        elif (number, control) in (("?25", "l"), ("?25", "h")):
            self.has_cursor = control == "h"
        else:
            assert control == "m", f"an unknown control: {number}{control}"
