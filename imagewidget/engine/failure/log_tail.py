"""The last lines of a step's log, for the error of the build that it fails."""

from __future__ import annotations

from collections import deque

from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import without_colours

TAIL_LINES = 30
"""The number of lines of a failed step's log that its error shows."""

READ_LINES = 120
"""The number of those lines in which the cause is looked for; npm explains itself at length."""

_MOST = 16_384
"""The number of characters kept from the end of a step's log."""


class LogTail:
    """The last lines of one step's log, in bounded memory; falsy until something is written."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def write(self, text: str) -> None:
        """Add a piece of any length, from part of a line to many; the oldest text is dropped."""
        piece = text[-_MOST:]
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) >= _MOST:
            self._size -= len(self._pieces.popleft())

    def lines(self, count: int = TAIL_LINES) -> tuple[str, ...]:
        """Return the last `count` lines as the log shows them, without blank ones at the end.

        Text before a carriage return is not dropped: the text after it overwrites
        the line, which may be longer.
        """
        text = "".join(self._pieces)[-_MOST:]
        shown = [collapse(line) for line in text.split("\n")]
        while shown and not without_colours(shown[-1]).strip():
            shown.pop()
        return tuple(shown[-count:])
