"""A job: one operation on a thread of its own, and what may be asked of it."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.errors import Cancelled as CancelledError
from imagewidget.engine.errors import DockerError
from imagewidget.kernel import cell, kernel
from imagewidget.progress.display import Display
from imagewidget.progress.events import Cancelled, CancelRequested, Event, Failed, Finished, Image
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State
from imagewidget.progress.tracker import Tracker
from imagewidget.sinks.recording import Recorder

Clock = Callable[[], float]
Operation = Callable[[Cancellation, Clock], Generator[Event, None, Image]]
"""Given a cancel and a clock: yields what happens, returns the image, raises DockerError."""

FRAME_SECONDS = 1 / 9  # ten a second would leave the panel no message for anything else
_GRACE_SECONDS = 5.0
_logger = logging.getLogger(__name__)


class Job:
    """One pull, build or provision. It runs from the moment it is made.

    Everything here may be called from any thread. The work is done on a daemon
    thread, and the displays are drawn on another, at most nine times a second;
    neither ever raises into the kernel.

    Args:
        operation: What to do.
        first: Events to take before it starts: what is known at once.
        displays: What shows it.
        make_clock: Gives, at the start of a run, its clock (seconds from 0).
    """

    def __init__(
        self,
        operation: Operation,
        *,
        first: tuple[Event, ...] = (),
        displays: tuple[Display, ...] = (),
        make_clock: Callable[[], Clock] | None = None,
    ) -> None:
        self._operation = operation
        self._first = first
        self._displays = list(displays)
        self._make_clock = make_clock or _seconds_from_now
        self._lock = threading.RLock()
        self._drawing = threading.Lock()
        self._turn = threading.Lock()  # held by the thread whose turn it is to draw
        self._panel: Any = None
        self._shown_in: int | None = None
        self._run = 0
        self._start()

    def __repr__(self) -> str:
        state = self.state
        done = "" if state.fraction is None else f" {state.fraction:.0%}"
        return f"<Job {state.operation} {state.reference!r}: {state.phase.value}{done}>"

    def _ipython_display_(self) -> None:
        """Show the panel where a cell ends with the job, unless the cell shows it already."""
        number = cell()
        if number is None:
            sys.stdout.write(f"{self!r}\n")
        elif number != self._shown_in:
            sys.modules["IPython"].display.display(self.panel)

    def shown(self) -> None:
        """Note that the panel stands under the cell that runs now."""
        self._shown_in = cell()

    @property
    def state(self) -> State:
        """What is known now, as an immutable snapshot."""
        with self._lock:
            return self._tracker.state()

    @property
    def log(self) -> Log:
        """What was said: `print(job.log.text())`, `job.log.save("build.log")`."""
        return self._tracker.log

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended.is_set()

    @property
    def run(self) -> int:
        """Which run this is: 1, and one more with every retry."""
        return self._run

    @property
    def panel(self) -> Any:
        """The panel that shows this job, made now if there is none yet."""
        with self._drawing:
            if self._panel is None:
                self._panel = self._find_panel()
            return self._panel

    def cancel(self) -> None:
        """Ask it to stop. Returns at once; the engine stops within a second."""
        if self.state.phase.is_final or self._cancellation.is_requested:
            return
        self._take(CancelRequested())
        # Closing a TLS or ssh connection can block; the caller may be a click.
        threading.Thread(
            target=self._cancellation.request, name="imagewidget-cancel", daemon=True
        ).start()

    def retry(self) -> None:
        """Run it once more, in the same panel. Does nothing while it runs or if it succeeded."""
        with self._lock:
            if self.done and self.state.phase in (Phase.FAILED, Phase.CANCELLED):
                self._start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended.

        Interrupting the wait (■ in a notebook, Ctrl-C in a terminal) cancels
        the job.

        Args:
            timeout: Seconds; None waits for ever.

        Returns:
            Whether it has ended.
        """
        try:
            if _is_colab():
                return self._wait_drawing(timeout)
            return _wait(self._ended, timeout)
        except KeyboardInterrupt:
            self.cancel()
            (self._wait_drawing if _is_colab() else self._ended.wait)(_GRACE_SECONDS)
            raise

    def result(self, timeout: float | None = None) -> Image:
        """Wait for the image.

        Raises:
            DockerError: The operation failed or was cancelled.
            TimeoutError: It has not ended after `timeout` seconds; it goes on.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"{self!r} has not ended after {timeout} s; it goes on.")
        if self._error is not None:
            raise self._error
        image = self.state.image
        if image is None:
            raise RuntimeError(f"{self!r} ended without an image or an error")
        return image

    def __await__(self) -> Generator[Any, None, Image]:
        """Wait for the image without blocking the event loop; see :meth:`result`."""
        return self._wait_async().__await__()

    def record(self, path: str | Path) -> Path:
        """Write the events of this run to `path`, those to come included.

        Replay them with :func:`imagewidget.replay`, with no Docker.

        Raises:
            OSError: The file cannot be written.
        """
        path = Path(path)
        with self._lock:
            self._recorder.copy_to(path, is_complete=self.state.phase.is_final)
        return path

    def attach(self, display: Display) -> None:
        """Show the job in one more display, whatever it is doing."""
        with self._drawing:
            self._attach(display)

    def _attach(self, display: Display) -> None:
        _guarded(display.begin, self)
        if self.done:
            _guarded(display.end, self.state)
        else:
            self._displays.append(display)

    def _start(self) -> None:
        self._run += 1
        self._cancellation = Cancellation()
        self._clock = self._make_clock()
        self._tracker = Tracker(self._clock)
        self._recorder = Recorder()
        self._worked = threading.Event()
        self._ended = threading.Event()
        self._error: DockerError | None = None
        self._callbacks: list[Callable[[], None]] = []
        for event in self._first:
            self._take(event)
        for display in self._displays:
            _guarded(display.begin, self)
        for target in (self._work, self._draw):
            name = f"imagewidget-{target.__name__.strip('_')}"
            threading.Thread(target=target, name=name, daemon=True).start()

    def _work(self) -> None:
        """Run the operation. No exception leaves this thread."""
        try:
            with contextlib.closing(self._events()) as events:
                for event in events:
                    self._take(event)
        except CancelledError as error:
            self._fail(error, Cancelled())
        except DockerError as error:
            self._fail(error, Failed(error.info()))
        except Exception as error:
            _logger.debug("an operation broke", exc_info=True)
            wrapped = DockerError(
                f"{type(error).__name__}: {error}",
                hint="This looks like a bug in imagewidget; please report it with job.record().",
            )
            wrapped.__cause__ = error
            self._fail(wrapped, Failed(wrapped.info()))
        finally:
            self._worked.set()

    def _events(self) -> Generator[Event, None, None]:
        image = yield from self._operation(self._cancellation, self._clock)
        yield Finished(image)

    def _fail(self, error: DockerError, event: Event) -> None:
        if self._cancellation.is_requested and not isinstance(error, CancelledError):
            # Whatever broke, it broke because the stream was closed under it.
            error, event = CancelledError("Cancelled."), Cancelled()
        self._error = error
        self._take(event)

    def _take(self, event: Event) -> None:
        with self._lock:
            seconds = self._clock()
            self._tracker.apply(event)
            try:
                self._recorder.write(seconds, event)
            except Exception:  # a full disk must not leave the job without its end
                _logger.debug("an event was not recorded", exc_info=True)

    def _draw(self) -> None:
        """Show a frame nine times a second until the work is done, and the last one.

        While a waiting cell draws, in Colab, all of it is left to that cell.
        """
        ended = self._ended
        while not self._worked.wait(FRAME_SECONDS):
            if self._turn.acquire(blocking=False):
                self._draw_frame()
                self._turn.release()
        with self._turn:
            self._draw_end(ended)

    def _draw_frame(self) -> None:
        with self._drawing:
            state = self.state
            for display in self._displays:
                _guarded(display.update, state)

    def _draw_end(self, ended: threading.Event) -> None:
        """Show the last frame of the run that `ended` belongs to, unless that was done."""
        if ended.is_set():
            return
        with self._drawing:
            state = self.state
            for display in self._displays:
                _guarded(display.end, state)
            with self._lock:
                self._recorder.finish()
            ended.set()
        for callback in self._callbacks:
            callback()

    def _wait_drawing(self, timeout: float | None) -> bool:
        """Draw on this thread: Colab shows nothing that another thread sends.

        See googlecolab/colabtools#3373.
        """
        ended = self._ended
        end = None if timeout is None else time.monotonic() + timeout
        if not self._turn.acquire(timeout=-1 if timeout is None else timeout):
            return self.done
        try:
            while not self._worked.wait(FRAME_SECONDS):
                self._draw_frame()
                if end is not None and time.monotonic() >= end:
                    return False
            self._draw_end(ended)
        finally:
            self._turn.release()
        return True

    async def _wait_async(self) -> Image:
        from imagewidget.waiting import wait_async  # noqa: PLC0415 - asyncio costs a fifth of the import

        is_abandoned = True
        try:
            await wait_async(self._when_ended)
            is_abandoned = False
        finally:
            if is_abandoned:
                self.cancel()
        return self.result(_GRACE_SECONDS)

    def _when_ended(self, callback: Callable[[], None]) -> None:
        with self._drawing:
            if not self.done:
                self._callbacks.append(callback)
                return
        callback()

    def _find_panel(self) -> Any:
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - only where one is shown

        for display in self._displays:
            if isinstance(display, Panel):
                return display
        panel = Panel()
        self._attach(panel)
        return panel


def _seconds_from_now() -> Clock:
    start = time.monotonic()
    return lambda: time.monotonic() - start


def _wait(ended: threading.Event, timeout: float | None) -> bool:
    if kernel() is not None and threading.current_thread() is threading.main_thread():
        from imagewidget.waiting import wait_in_kernel  # noqa: PLC0415 - likewise

        return wait_in_kernel(ended, timeout)
    return ended.wait(timeout)


def _is_colab() -> bool:
    return "google.colab" in sys.modules


def _guarded(call: Callable[[Any], None], argument: Any) -> None:
    """Call into a display; its faults must not end the job."""
    try:
        call(argument)
    except Exception:
        _logger.exception("a display failed")
