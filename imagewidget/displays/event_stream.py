"""A recording that is written to an open text stream, such as standard output, as it comes."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TextIO

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_logger = logging.getLogger(__name__)


class EventStream:
    """Writes lines to a stream that belongs to the caller: it is flushed, and never closed.

    Writing may block, as on a pipe that nobody reads. So a line is only queued
    (:meth:`put`) where a lock is held, and written (:meth:`drain`) where none is. The
    lines are ASCII: every stream can encode them, and a terminal obeys none of them.

    Args:
        stream: The stream.

    Raises:
        TypeError: The stream takes bytes instead of text.
        ValueError: It is closed, or not open for writing.
    """

    def __init__(self, stream: TextIO) -> None:
        try:
            stream.write("")
        except TypeError:
            raise TypeError(
                "`file` must be a path, or a stream open in text mode, not in binary mode."
            ) from None
        except ValueError:  # also io.UnsupportedOperation
            raise ValueError("`file` is not open for writing.") from None
        self._stream = stream
        self._queue: deque[str] = deque()
        self._writing = threading.RLock()
        self._is_broken = False

    def put(self, line: str) -> None:
        """Queue a line; return at once."""
        if not self._is_broken:
            self._queue.append(line)

    def drain(self) -> None:
        """Write the queued lines. A stream that fails is given up: it must not stop the run."""
        if not self._queue:
            return
        with self._writing:
            try:
                self.write(self._queued())
            except (OSError, ValueError):  # its reader is gone, or it was closed
                self._give_up()
            except BaseException:  # also SystemExit: a stream must not end the run's thread
                self._give_up()
                _logger.exception("the stream of a recording failed")

    @contextlib.contextmanager
    def ahead(self) -> Iterator[None]:
        """Let :meth:`drain` wait while the block writes what comes before the queued lines."""
        with self._writing:
            try:
                yield
            except BaseException:
                self._give_up()
                raise

    def write(self, lines: Iterable[str]) -> None:
        """Write lines at once; only for a block that is :meth:`ahead`.

        Raises:
            OSError: They cannot be written.
        """
        for line in lines:
            self._stream.write(_NOT_ASCII.sub(_escape, line))
        flush = getattr(self._stream, "flush", None)
        if flush is not None:
            flush()

    def _queued(self) -> Iterator[str]:
        while self._queue:
            yield self._queue.popleft()

    def _give_up(self) -> None:
        self._is_broken = True
        self._queue.clear()


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
