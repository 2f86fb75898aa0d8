"""Sends a request's body on a thread of its own, so that its progress can be told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from queue import SimpleQueue
from typing import Any

from imagewidget.engine.classic.archive import gzip_stream
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import ContextSent

SECONDS_BETWEEN = 0.1
"""Seconds from one :class:`ContextSent` to the next."""

_END = object()


class Upload:
    """One body on its way to the engine.

    Args:
        chunks: The body.
        total: How many bytes it has.
        clock: Seconds since the job began.
        is_compressed: Whether to send it with gzip; it is counted before that.
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
        self._said: SimpleQueue[Any] = SimpleQueue()

    def body(self) -> Iterator[bytes]:
        """Give the body, for the request to read."""
        counted = self._counted()
        return gzip_stream(counted) if self._is_compressed else counted

    def send(
        self,
        messages: Iterator[Any],
        abort: Callable[[], None],
    ) -> Generator[ContextSent, None, Iterator[Any]]:
        """Send, and tell of it at most ten times a second.

        Args:
            messages: The engine's answer; asking for the first sends the request.
            abort: Breaks the request off; called if nobody listens any more.

        Returns:
            The messages from the first on.

        Raises:
            Exception: Whatever ended the request.
        """
        thread = threading.Thread(
            target=self._ask, args=(messages,), name="imagewidget-upload", daemon=True
        )
        thread.start()
        try:
            while isinstance(said := self._said.get(), ContextSent):
                yield said
        except GeneratorExit:
            abort()
            raise
        finally:
            thread.join()
        if isinstance(said, BaseException):
            raise said
        return iter(()) if said is _END else _after(said, messages)

    def _ask(self, messages: Iterator[Any]) -> None:
        """Wait for the first message. Nothing leaves this thread but through the queue."""
        try:
            self._said.put(next(messages, _END))
        except BaseException as error:  # noqa: BLE001 - raised again where the queue is read
            self._said.put(error)

    def _counted(self) -> Iterator[bytes]:
        sent, told = 0, self._clock()
        self._said.put(ContextSent(0, self._total))
        for chunk in self._chunks:
            yield chunk
            sent += len(chunk)
            now = self._clock()
            if now - told >= SECONDS_BETWEEN and sent < self._total:
                told = now
                self._said.put(ContextSent(sent, self._total))
        self._said.put(ContextSent(sent, sent, is_complete=True))


def _after(first: Any, messages: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from messages
