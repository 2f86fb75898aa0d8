"""Cancel an operation from any thread, even while it is blocked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import NoReturn, TypeVar

from imagewidget.engine.failure.errors import Cancelled

T = TypeVar("T")


class Cancellation:
    """Ask an operation to stop, and wake it if it is blocked.

    The worker calls :meth:`check` and :meth:`sleep`, and registers with
    :meth:`closing` what interrupts a blocking call (closing the engine's
    stream). Calls that cannot be interrupted go through :meth:`wait_for`. Any
    thread may call :meth:`request`.

    Args:
        on_rest: Called with the reason when the operation calls :meth:`rest`.
    """

    def __init__(self, on_rest: Callable[[str], object] | None = None) -> None:
        self._on_rest = on_rest
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._closers: list[Callable[[], object]] = []

    @property
    def is_requested(self) -> bool:
        """Whether a stop was requested."""
        return self._requested.is_set()

    def request(self) -> None:
        """Ask the operation to stop. May be called from any thread, any number of times."""
        self._requested.set()
        with self._lock:
            closers, self._closers = self._closers, []
        for close in reversed(closers):
            _quietly(close)

    def check(self) -> None:
        """Raise :class:`Cancelled` if a stop was requested.

        Raises:
            Cancelled: A stop was requested.
        """
        if self.is_requested:
            raise Cancelled("Cancelled.")

    def sleep(self, seconds: float) -> None:
        """Sleep, unless a stop is requested before the time is up.

        Raises:
            Cancelled: A stop was requested before or during the sleep.
        """
        self._requested.wait(seconds)
        self.check()

    def rest(self, reason: str) -> NoReturn:
        """Wait until a stop is requested: the operation has paused and does not end by itself.

        Args:
            reason: Why, in whole sentences; whoever waits for the operation is told this.

        Raises:
            Cancelled: A stop was requested before or during the wait.
        """
        if self._on_rest is not None:
            self._on_rest(reason)
        self._requested.wait()
        raise Cancelled("Cancelled.")

    @contextlib.contextmanager
    def closing(self, close: Callable[[], object]) -> Iterator[None]:
        """Call `close` if a stop is requested while the block runs.

        Raises:
            Cancelled: A stop was requested before the block began.
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
        """Wait for a call that cannot be interrupted, such as making a connection.

        The call runs on a separate thread, which is abandoned if a stop is
        requested first.

        Args:
            work: The call; its result is returned and its exceptions are raised.
            discard: Called with a result that came too late.
            patience: Seconds to wait; None to wait forever.

        Raises:
            Cancelled: A stop was requested before or during the wait.
            TimeoutError: The call took longer than `patience`.
        """
        self.check()
        answer: Future[T] = Future()

        def do() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
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
                if not answer.cancelled():
                    raise  # `work` itself raised Cancelled
                raise Cancelled("Cancelled.") from None
            except FutureTimeoutError:
                self.check()
                if answer.cancel():
                    raise TimeoutError(f"No answer within {patience:g} s.") from None
                return answer.result()  # it finished just now, or `work` itself raised TimeoutError


def _quietly(close: Callable[[], object]) -> None:
    """Call `close` and ignore its errors, so that every closer is called."""
    with contextlib.suppress(Exception):
        close()
