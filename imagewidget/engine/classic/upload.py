"""Send the body of a request on a separate thread, so that its progress can be shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from queue import SimpleQueue
from typing import Any

from imagewidget.engine.classic.archive import gzip_stream
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import ContextSent

SECONDS_BETWEEN = 0.1
"""The minimum time between two :class:`ContextSent`, in seconds."""

_END = object()


class Upload:
    """The upload of a request's body to the engine.

    Args:
        chunks: The body.
        total: The size of the body in bytes.
        clock: Seconds since the job began.
        is_compressed: Whether to send it with gzip; bytes are counted before that.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        total: int,
        clock: Clock,
        *,
        is_compressed: bool = False,
    ) -> None:
        self._chunks = chunks
        self._total = total
        self._clock = clock
        self._is_compressed = is_compressed
        self._queue: SimpleQueue[Any] = SimpleQueue()

    def body(self) -> Iterator[bytes]:
        """Return the body, for the request to read."""
        counted = self._counted()
        return gzip_stream(counted) if self._is_compressed else counted

    def send(
        self,
        messages: Iterator[Any],
        abort: Callable[[], None],
    ) -> Generator[ContextSent, None, Iterator[Any]]:
        """Send the request, yielding its progress at most ten times a second.

        Args:
            messages: The engine's response; iterating over it sends the request.
            abort: Aborts the request; called if this generator is closed.

        Returns:
            All messages of the response.

        Raises:
            Exception: The request failed with this exception.
        """
        thread = threading.Thread(
            target=self._ask, args=(messages,), name="imagewidget-upload", daemon=True
        )
        thread.start()
        try:
            while isinstance(item := self._queue.get(), ContextSent):
                yield item
        except GeneratorExit:
            abort()
            raise
        finally:
            thread.join()
        if isinstance(item, BaseException):
            raise item
        return iter(()) if item is _END else _chained(item, messages)

    def _ask(self, messages: Iterator[Any]) -> None:
        """Put the first message or the exception into the queue, the thread's only output."""
        try:
            self._queue.put(next(messages, _END))
        except BaseException as error:  # noqa: BLE001 - re-raised where the queue is read
            self._queue.put(error)

    def _counted(self) -> Iterator[bytes]:
        sent, last_reported = 0, self._clock()
        self._queue.put(ContextSent(0, self._total))
        for chunk in self._chunks:
            yield chunk
            sent += len(chunk)
            now = self._clock()
            if now - last_reported >= SECONDS_BETWEEN and sent < self._total:
                last_reported = now
                self._queue.put(ContextSent(sent, self._total))
        self._queue.put(ContextSent(sent, sent, is_complete=True))


def _chained(first: Any, messages: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from messages
