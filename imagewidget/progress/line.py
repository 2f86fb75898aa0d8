r"""One line of output as a terminal would show it.

`\r` goes back to the first column, `\b` one column back, and what follows is
written over what stood there; `ESC[K` erases. Rows above the line cannot be
reached in a log, so cursor movements are dropped.
"""

from __future__ import annotations

import re

from imagewidget.progress.text import keep_colours

_MARK = re.compile(r"\r|\x08|\x1b\[(?P<erase>[012]?)K|\x1b\[[0-9;:]*m")
_COLOUR_END = "\x1b[0m"
_RESET = ("\x1b[0m", "\x1b[m")


def collapse(raw: str) -> str:
    """Give the line that stands on the terminal after `raw` was written to it."""
    raw = raw.rstrip("\r")
    if "\r" not in raw and "\x08" not in raw and "\x1b[" not in raw:
        return keep_colours(raw)
    if not _moves(raw):
        return keep_colours(raw)
    return _emit(_write(raw))


def _moves(raw: str) -> bool:
    return any(not found.group().endswith("m") for found in _MARK.finditer(raw))


def _write(raw: str) -> list[tuple[str, str]]:
    """Write `raw` into cells of (colour, character)."""
    cells: list[tuple[str, str]] = []
    column, colour, end = 0, "", 0
    for found in [*_MARK.finditer(raw), None]:
        plain = keep_colours(raw[end : found.start() if found else len(raw)])
        written = [(colour, character) for character in plain]
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
            colour = "" if mark in _RESET else colour + mark
        else:
            _erase(cells, column, found["erase"])
    return cells


def _erase(cells: list[tuple[str, str]], column: int, mode: str) -> None:
    if mode in ("", "0"):
        del cells[column:]
    elif mode == "1":
        cells[:column] = [("", " ")] * min(column, len(cells))
    else:
        cells[:] = [("", " ")] * column


def _emit(cells: list[tuple[str, str]]) -> str:
    parts: list[str] = []
    current = ""
    for colour, character in cells:
        if colour != current:
            if current:
                parts.append(_COLOUR_END)
            parts.append(colour)
            current = colour
        parts.append(character)
    if current:
        parts.append(_COLOUR_END)
    return "".join(parts).rstrip(" ")
