"""One run of an operation: its thread, its events so far, and its outcome."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NoReturn

from imagewidget.displays.event_stream import EventStream
from imagewidget.displays.recording import Recorder
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError
from imagewidget.jobs import forking
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    CancelRequested,
    Event,
    Failed,
    Finished,
    Image,
    RunCancelled,
)
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker

Operation = Callable[[Cancellation, Clock], Generator[Event, None, Image]]
"""A function of a cancellation and a clock: yields events, returns an image, raises DockerError."""

_FORKED = (
    "The job runs in the process that started it, and not in this one, which was forked from it. "
    "Wait for it there, or start another job here."
)
_logger = logging.getLogger(__name__)


class Run:
    """Runs an operation once, on a daemon thread that :meth:`start` starts.

    All methods may be called from any thread; no exception escapes the daemon thread.

    Args:
        operation: The operation to run.
        first: Events to apply before it starts: what is already known.
        clock: Returns the seconds since the run started.

    Attributes:
        ended: Set once every display shows the end.
        at_rest: Set while there is nothing to wait for: the run has ended, or is paused.
    """

    def __init__(self, operation: Operation, first: tuple[Event, ...], clock: Clock) -> None:
        self.ended = threading.Event()
        self.at_rest = threading.Event()
        self._operation = operation
        self._clock = clock
        self._cancellation = Cancellation(self._pause)
        self._is_cancelling = False
        self._paused = ""
        self._on_pause: list[Callable[[], None]] = []
        self._tracker = Tracker(clock)
        self._recorder = Recorder()
        self._lock = threading.RLock()
        self._is_started = False
        self._worked = threading.Event()
        self._idle = threading.Event()  # the work is done, or paused
        self._error: DockerError | None = None
        for event in first:
            self._apply(event)
        forking.watch(self)

    def start(self) -> None:
        """Start the run's thread."""
        self._is_started = True
        threading.Thread(target=self._work, name="imagewidget-work", daemon=True).start()

    def abandon(self) -> None:
        """End the run as cancelled, because it was interrupted while it was being started."""
        self._is_cancelling = True
        self._cancellation.request()  # its thread may have started nevertheless
        self._fail(Cancelled("Cancelled."), RunCancelled())
        self._conclude()

    @property
    def state(self) -> State:
        """The current state."""
        with self._lock:
            return self._tracker.state()

    @property
    def log(self) -> Log:
        """The output so far."""
        return self._tracker.log

    @property
    def paused(self) -> str:
        """Why the run is paused, in whole sentences; empty if it is not."""
        return self._paused

    def wait(self, timeout: float) -> bool:
        """Wait until the work is done, whether or not a display shows it; return whether it is."""
        return self._worked.wait(timeout)

    def wait_unless_paused(self, timeout: float | None) -> bool:
        """Wait as :meth:`wait` does, but return at once while the run is paused.

        Return at once before the start too: the caller may be the thread that will start it.
        """
        if self._is_started:
            self._idle.wait(timeout)
        return self._worked.is_set()

    def when_paused(self, wake: Callable[[], None]) -> None:
        """Call `wake`, on any thread, if the run is paused now or the next time it is."""
        with self._lock:
            if not self._paused:
                self._on_pause.append(wake)
                return
        wake()

    def end(self) -> None:
        """Note that every display shows the end."""
        self.ended.set()
        self.at_rest.set()

    def cancel(self) -> bool:
        """Ask the run to stop; return at once whether there was still something to stop.

        If so, the run can only be cancelled or succeed from then on.
        """
        with self._lock:
            if self._tracker.is_over or self._worked.is_set():
                return False
            if self._is_cancelling:
                return True
            self._is_cancelling = True
            self._apply(CancelRequested())
            if self._paused:
                self._paused = ""
                self.at_rest.clear()
                self._idle.clear()
        # Closing a TLS or ssh connection can block, and the caller may be handling a click.
        threading.Thread(
            target=self._cancellation.request, name="imagewidget-cancel", daemon=True
        ).start()
        return True

    @property
    def error(self) -> DockerError | None:
        """The error with which the run ended, or None."""
        return self._error

    def image(self) -> Image:
        """Return the image of a run that has ended.

        Raises:
            DockerError: The run failed or was cancelled.
        """
        if self._error is not None:
            # The traceback of an earlier call is of no use to this caller.
            raise self._error.with_traceback(None)
        image = self.state.image
        if image is None:
            raise RuntimeError("the run ended without an image or an error")
        return image

    def record(self, file: Path | EventStream) -> None:
        """Write the run's events to a file or a stream, including those to come.

        Raises:
            OSError: The file or the stream cannot be written.
        """
        if isinstance(file, Path):
            with self._lock:
                self._recorder.copy_to(file, is_complete=self._tracker.is_over)
            return
        with file.ahead():
            with self._lock:
                stop = self._recorder.follow(file, is_complete=self._tracker.is_over)
            at = 0
            while at < stop:
                with self._lock:
                    lines, at = self._recorder.lines(at, stop)
                file.write(lines)

    def leave_to_parent(self) -> None:
        """Pause the copy of a run in a forked child: no thread works on it there."""
        self._lock = threading.RLock()
        if not self.ended.is_set():
            self._paused = _FORKED
            self.ended = threading.Event()
            self.at_rest, self._worked, self._idle = (_set_event() for _ in range(3))

    def _work(self) -> None:
        try:
            self._operate()
        except BaseException:  # an event could not be applied
            _logger.exception("a run failed without reporting its end")
        finally:
            self._conclude()

    def _conclude(self) -> None:
        """Note that the work is done, once all of it has been recorded."""
        try:
            self._recorder.drain()
            with self._lock:
                self._recorder.finish()
        finally:
            self._worked.set()
            self._idle.set()

    def _operate(self) -> None:
        try:
            with contextlib.closing(self._events()) as events:
                for event in events:
                    self._apply(event)
                    self._recorder.drain()
        except Cancelled as error:
            self._fail(error, RunCancelled())
        except BaseException as error:  # noqa: BLE001 - also SystemExit: nothing may leave a job
            explained = _explained(error)
            self._fail(explained, Failed(explained.info()))

    def _events(self) -> Generator[Event, None, None]:
        image = yield from self._operation(self._cancellation, self._clock)
        yield Finished(image)

    def _fail(self, error: DockerError, event: Event) -> None:
        with self._lock:
            if self._is_cancelling and not isinstance(error, Cancelled):
                # The operation failed because the cancellation closed its stream.
                error, event = Cancelled("Cancelled."), RunCancelled()
            if not self._tracker.is_over:
                self._error = error
                self._apply(event)

    def _pause(self, reason: str) -> None:
        with self._lock:
            if self._is_cancelling:
                return
            self._paused = reason
            self.at_rest.set()
            self._idle.set()
            woken, self._on_pause = self._on_pause, []
        for wake in woken:
            wake()

    def _apply(self, event: Event) -> None:
        with self._lock:
            if self._tracker.is_over:
                return
            seconds = self._clock()
            self._tracker.apply(event)
            self._recorder.write(seconds, event)


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def _explained(error: BaseException) -> DockerError:
    """Return a DockerError for any exception: nothing else may leave a job."""
    if isinstance(error, DockerError):
        return error
    _logger.debug("an operation raised an unexpected exception", exc_info=error)
    try:
        _raise_unexpected(error)
    except DockerError as explained:
        return explained.with_traceback(None)


def _raise_unexpected(error: BaseException) -> NoReturn:
    """Raise a DockerError whose cause is `error`."""
    raise DockerError(
        f"{type(error).__name__}: {error}",
        hint="Report this as a bug in imagewidget, and attach the file that "
        "`job.record('bug.jsonl')` writes.",
    ) from error
