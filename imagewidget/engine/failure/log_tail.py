"""The end of what a step wrote, for the error of the build that it ends."""

from __future__ import annotations

from collections import deque

from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import without_colours

TAIL_LINES = 30
"""Lines of a failing step's log that its error shows."""

_MOST = 16_384
"""Characters kept of what a step wrote last."""


class LogTail:
    """The last lines of one step, in bounded memory; false as long as nothing was written."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def write(self, text: str) -> None:
        """Add a piece as it came: half a line, or a thousand; what is too old is dropped."""
        piece = text[-_MOST:]
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) >= _MOST:
            self._size -= len(self._pieces.popleft())

    def lines(self, count: int = TAIL_LINES) -> tuple[str, ...]:
        """Return the last `count` lines, as the log shows them; blank ones at the end are left out.

        Nothing is cut at a carriage return here: what follows one is written
        over the line, which may be longer.
        """
        text = "".join(self._pieces)[-_MOST:]
        shown = [collapse(line) for line in text.split("\n")]
        while shown and not without_colours(shown[-1]).strip():
            shown.pop()
        return tuple(shown[-count:])
