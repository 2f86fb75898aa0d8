"""The writing end of the log: displays and users only read it."""

from __future__ import annotations

from imagewidget.progress.log import SPOOL_LIMIT, Log, OpenLine
from imagewidget.progress.spool import LogLine, Spool
from imagewidget.progress.text.line import LONGEST, Line, collapse
from imagewidget.progress.text.region import Region, goes_up
from imagewidget.progress.text.safe_text import is_plain


class LogWriter(Log):
    """A log whose lines are appended on one thread, and read on any.

    Args:
        head: The number of first lines that stay in memory.
        tail: The maximum number of last lines that stay in memory.
        tail_size: The maximum number of characters in these last lines together.
        spool_limit: Bytes on disk beyond which the lines in between are dropped.
    """

    def __init__(
        self,
        *,
        head: int = 500,
        tail: int = 10_000,
        tail_size: int = 4_000_000,
        spool_limit: int = SPOOL_LIMIT,
    ) -> None:
        super().__init__()
        self._head_size = head
        self._tail_length, self._tail_size = tail, tail_size
        self._tail_used = 0
        self._spool = Spool(spool_limit)
        self._regions: dict[str | None, Region] = {}

    def append(self, text: str, step: str | None = None, stream: int = 1) -> None:
        """Append a piece of output as received: half a line, or a thousand."""
        if not text:
            return
        with self._lock:
            self._last_step = step
            line = self._open.get(step)
            if step in self._regions or goes_up(line.text.end + text if line else text):
                self._append_to_region(text, step, stream)
                return
            *whole, rest = text.split("\n")
            if line is not None and whole:
                line.text.write(whole.pop(0))
                self._add(self._open.pop(step).text.shown(), step, stream)
                line = None
            plain = is_plain(text)
            for piece in whole:
                is_ready = plain and len(piece) <= LONGEST
                self._add(piece if is_ready else collapse(piece), step, stream)
            if rest:
                line = line or self._open.setdefault(step, OpenLine(Line(), stream))
                line.text.write(rest)
                line.stream = stream

    def finish(self) -> None:
        """Complete every line that has no line feed yet: no more output will come."""
        with self._lock:
            for step, region in self._regions.items():
                open_line = self._open.pop(step, None)
                stream = open_line.stream if open_line else 1
                self._add_rows(region.finish(), step, stream)
            self._regions.clear()
            for step, line in list(self._open.items()):
                shown = line.text.shown()
                if shown:  # or nothing but sequences, such as the `ESC[?25h` of a progress bar
                    self._add(shown, step, line.stream)
            self._open.clear()

    def _append_to_region(self, text: str, step: str | None, stream: int) -> None:
        """Append to rows that the program goes back to, until it has left them."""
        line = self._open.pop(step, None)
        region = self._regions.get(step)
        if region is None:
            text = line.text.take_cut_off() + text if line else text
            region = self._regions[step] = Region(line.text if line else None)
        self._add_rows(region.write(text), step, stream)
        if region.is_one_row:
            del self._regions[step]
        if not region.open.is_empty:
            self._open[step] = OpenLine(region.open, stream)

    def _add_rows(self, rows: list[str], step: str | None, stream: int) -> None:
        for row in rows:
            self._add(row, step, stream)

    def _add(self, text: str, step: str | None, stream: int) -> None:
        line = LogLine(self._length, text, step, stream)
        if len(self._head) < self._head_size:
            self._head.append(line)
        else:
            self._keep_last(line)
        self._spool.append(line)
        self._length += 1

    def _keep_last(self, line: LogLine) -> None:
        self._tail.append(line)
        self._tail_used += len(line.text)
        while len(self._tail) > self._tail_length or self._tail_used > self._tail_size:
            self._tail_used -= len(self._tail.popleft().text)
