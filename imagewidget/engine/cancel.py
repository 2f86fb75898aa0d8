"""One operation's cancel: asked for on any thread, obeyed by the one that works."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

from imagewidget.engine.failure.errors import Cancelled

T = TypeVar("T")


class Cancellation:
    """Tells an operation to stop, and wakes whatever it is blocked on.

    The worker calls :meth:`check` and :meth:`sleep`, and registers with
    :meth:`closing` how to break the call it blocks in (closing the engine's
    stream). What nothing can break it does by :meth:`wait_for`. Any thread calls
    :meth:`request`.
    """

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._closers: list[Callable[[], object]] = []

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self._requested.is_set()

    def request(self) -> None:
        """Ask to stop. Safe from any thread, any number of times."""
        self._requested.set()
        with self._lock:
            closers, self._closers = self._closers, []
        for close in reversed(closers):
            _quietly(close)

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Cancelled: It was asked for.
        """
        if self.is_requested:
            raise Cancelled("Cancelled.")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until it is asked for.

        Raises:
            Cancelled: It was asked for before or meanwhile.
        """
        self._requested.wait(seconds)
        self.check()

    @contextlib.contextmanager
    def closing(self, close: Callable[[], object]) -> Iterator[None]:
        """Call `close` on a request that comes inside the block.

        Raises:
            Cancelled: It was asked for before the block began.
        """
        with self._lock:
            self._closers.append(close)
        try:
            if self.is_requested:
                _quietly(close)
                self.check()
            yield
        finally:
            with self._lock:
                if close in self._closers:
                    self._closers.remove(close)

    def wait_for(
        self,
        work: Callable[[], T],
        discard: Callable[[T], object] | None = None,
        *,
        patience: float | None = None,
    ) -> T:
        """Wait for what nothing can break off, such as making a connection.

        It is done on a thread of its own, which is left to itself when the
        request comes first.

        Args:
            work: What to do; its result and its exceptions are passed on.
            discard: Given the result that came too late.
            patience: Seconds to wait; None waits for ever.

        Raises:
            Cancelled: It was asked for before or meanwhile.
            TimeoutError: It took longer than `patience`.
        """
        self.check()
        answer: Future[T] = Future()

        def do() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                with contextlib.suppress(InvalidStateError):
                    answer.set_exception(error)
                return
            try:
                answer.set_result(result)
            except InvalidStateError:
                if discard is not None:
                    _quietly(lambda: discard(result))

        threading.Thread(target=do, name="imagewidget-wait", daemon=True).start()
        with self.closing(answer.cancel):
            try:
                return answer.result(patience)
            except CancelledError:
                raise Cancelled("Cancelled.") from None
            except FutureTimeoutError:
                self.check()
                if answer.cancel():
                    raise TimeoutError(f"No answer within {patience:g} s.") from None
                return answer.result()  # at the last moment; or it met such an error itself


def _quietly(close: Callable[[], object]) -> None:
    """Close what may be closed already: the request must reach every closer."""
    with contextlib.suppress(Exception):
        close()
