"""One run of an operation: its thread, what it said so far, and how it ended."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

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
"""Given a cancel and a clock: yields what happens, returns the image, raises DockerError."""

_logger = logging.getLogger(__name__)


class Run:
    """Runs an operation once, on a daemon thread, from :meth:`start` on.

    Everything here may be called from any thread; no exception leaves its own.

    Args:
        operation: What to do.
        first: Events to take before it starts: what is known at once.
        clock: Seconds since the run began.
        number: Which run of its job this is, from 1.

    Attributes:
        ended: Set by whoever draws the run, once every display shows the end.
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
            self._take(event)

    def start(self) -> None:
        """Begin."""
        self._is_started = True
        threading.Thread(target=self._work, name="imagewidget-work", daemon=True).start()

    @property
    def state(self) -> State:
        """What is known now."""
        with self._lock:
            return self._tracker.state()

    @property
    def log(self) -> Log:
        """What was said."""
        return self._tracker.log

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the work is done, whether or not a display shows it; return whether it is.

        Before the start nobody waits: who asks then may be the one who is to start it.
        """
        return self._is_started and self._worked.wait(timeout)

    def cancel(self) -> None:
        """Ask it to stop. Returns at once."""
        with self._lock:
            if self._tracker.is_over or self._cancellation.is_requested:
                return
            self._take(CancelRequested())
        # Closing a TLS or ssh connection can block; the caller may be a click.
        threading.Thread(
            target=self._cancellation.request, name="imagewidget-cancel", daemon=True
        ).start()

    def image(self) -> Image:
        """Give the image of a run that is over.

        Raises:
            DockerError: There is none, because of this.
        """
        if self._error is not None:
            # Where it was raised before is of no use to whoever asks again.
            raise self._error.with_traceback(None)
        image = self.state.image
        if image is None:
            raise RuntimeError("the run is over without an image or an error")
        return image

    def record(self, path: Path) -> None:
        """Write its events to `path`, those to come included.

        Raises:
            OSError: The file cannot be written.
        """
        with self._lock:
            self._recorder.copy_to(path, is_complete=self._tracker.is_over)

    def _work(self) -> None:
        try:
            self._operate()
        except Exception:  # what an event holds could not be understood
            _logger.exception("a run lost its end")
        finally:
            with self._lock:
                self._recorder.finish()
            self._worked.set()

    def _operate(self) -> None:
        try:
            with _explained(), contextlib.closing(self._events()) as events:
                for event in events:
                    self._take(event)
        except Cancelled as error:
            self._fail(error, RunCancelled())
        except DockerError as error:
            self._fail(error, Failed(error.info()))

    def _events(self) -> Generator[Event, None, None]:
        image = yield from self._operation(self._cancellation, self._clock)
        yield Finished(image)

    def _fail(self, error: DockerError, event: Event) -> None:
        if self._cancellation.is_requested and not isinstance(error, Cancelled):
            # Whatever broke, it broke because the stream was closed under it.
            error, event = Cancelled("Cancelled."), RunCancelled()
        self._error = error
        self._take(event)

    def _take(self, event: Event) -> None:
        with self._lock:
            if self._tracker.is_over:
                return
            seconds = self._clock()
            self._tracker.apply(event)
            self._recorder.write(seconds, event)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Raise whatever is not an error of ours as one: nothing else may leave a job."""
    try:
        yield
    except DockerError:
        raise
    except Exception as error:
        _logger.debug("an operation broke", exc_info=True)
        raise DockerError(
            f"{type(error).__name__}: {error}",
            hint="This looks like a bug in imagewidget; please report it with job.record().",
        ) from error
