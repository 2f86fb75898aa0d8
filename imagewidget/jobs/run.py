"""One run of an operation: its thread, its events so far, and its outcome."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TextIO

from imagewidget.displays.recording import Recorder
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError
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

_logger = logging.getLogger(__name__)


class Run:
    """Runs an operation once, on a daemon thread that :meth:`start` starts.

    All methods may be called from any thread; no exception escapes the daemon thread.

    Args:
        operation: The operation to run.
        first: Events to apply before it starts: what is already known.
        clock: Returns the seconds since the run started.
        number: The number of the run within its job, from 1.

    Attributes:
        ended: Set by the painter once every display shows the end.
    """

    def __init__(
        self, operation: Operation, first: tuple[Event, ...], clock: Clock, number: int
    ) -> None:
        self.number = number
        self.ended = threading.Event()
        self._operation = operation
        self._clock = clock
        self._cancellation = Cancellation()
        self._tracker = Tracker(clock)
        self._recorder = Recorder()
        self._lock = threading.RLock()
        self._is_started = False
        self._worked = threading.Event()
        self._error: DockerError | None = None
        for event in first:
            self._apply(event)

    def start(self) -> None:
        """Start the run's thread."""
        self._is_started = True
        threading.Thread(target=self._work, name="imagewidget-work", daemon=True).start()

    @property
    def state(self) -> State:
        """The current state."""
        with self._lock:
            return self._tracker.state()

    @property
    def log(self) -> Log:
        """The output so far."""
        return self._tracker.log

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the work is done, whether or not a display shows it; return whether it is.

        Return at once before the start: the caller may be the thread that will start the run.
        """
        return self._is_started and self._worked.wait(timeout)

    def cancel(self) -> None:
        """Ask the run to stop; return at once."""
        with self._lock:
            if self._tracker.is_over or self._cancellation.is_requested:
                return
            self._apply(CancelRequested())
        # Closing a TLS or ssh connection can block, and the caller may be handling a click.
        threading.Thread(
            target=self._cancellation.request, name="imagewidget-cancel", daemon=True
        ).start()

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

    def record(self, target: Path | TextIO) -> None:
        """Write the run's events to a file or a stream, including those to come.

        Raises:
            OSError: It cannot be written to.
        """
        with self._lock:
            self._recorder.copy_to(target, is_complete=self._tracker.is_over)

    def _work(self) -> None:
        try:
            self._operate()
        except Exception:  # an event could not be applied
            _logger.exception("a run failed without reporting its end")
        finally:
            with self._lock:
                self._recorder.finish()
            self._worked.set()

    def _operate(self) -> None:
        try:
            with _explained(), contextlib.closing(self._events()) as events:
                for event in events:
                    self._apply(event)
        except Cancelled as error:
            self._fail(error, RunCancelled())
        except DockerError as error:
            self._fail(error, Failed(error.info()))

    def _events(self) -> Generator[Event, None, None]:
        image = yield from self._operation(self._cancellation, self._clock)
        yield Finished(image)

    def _fail(self, error: DockerError, event: Event) -> None:
        if self._cancellation.is_requested and not isinstance(error, Cancelled):
            # The operation failed because the cancellation closed its stream.
            error, event = Cancelled("Cancelled."), RunCancelled()
        self._error = error
        self._apply(event)

    def _apply(self, event: Event) -> None:
        with self._lock:
            if self._tracker.is_over:
                return
            seconds = self._clock()
            self._tracker.apply(event)
            self._recorder.write(seconds, event)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn any other exception into a DockerError: nothing else may leave a job."""
    try:
        yield
    except DockerError:
        raise
    except Exception as error:
        _logger.debug("an operation raised an unexpected exception", exc_info=True)
        raise DockerError(
            f"{type(error).__name__}: {error}",
            hint="Report this as a bug in imagewidget, and attach the file that "
            "`job.record('bug.jsonl')` writes.",
        ) from error
