"""A job: one operation, its displays, and what may be asked of it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from imagewidget.jobs.run import Operation, Run
from imagewidget.jupyter.kernel import cell, kernel
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Display
from imagewidget.progress.events import Event, Image
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State

FRAME_SECONDS = 1 / 9  # ten a second would leave the panel no message for anything else
_GRACE_SECONDS = 5.0
_logger = logging.getLogger(__name__)


class Job:
    """One pull, build or provision. It runs from the moment it is made.

    Everything here may be called from any thread. The work is done on a daemon
    thread (:class:`imagewidget.jobs.run.Run`), and the displays are drawn on another,
    at most nine times a second; neither ever raises into the kernel.

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
        # Held while displays are called; an observer of one may ask the job for anything.
        self._drawing = threading.RLock()
        self._turn = threading.Lock()  # held by the thread whose turn it is to draw
        self._drawer: int | None = None  # that thread, while it draws
        self._callbacks: list[Callable[[], None]] = []
        self._panel: Any = None
        self._shown_in: int | None = None
        self._start(number=1)

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
        return self._run.state

    @property
    def log(self) -> Log:
        """What was said: `print(job.log.text())`, `job.log.save("build.log")`."""
        return self._run.log

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._run.ended.is_set()

    @property
    def run(self) -> int:
        """Which run this is: 1, and one more with every retry."""
        return self._run.number

    @property
    def panel(self) -> Any:
        """The panel that shows this job, made now if there is none yet."""
        with self._drawing:
            if self._panel is None:
                self._panel = self._find_panel()
            return self._panel

    def cancel(self) -> None:
        """Ask it to stop. Returns at once; the engine stops within a second."""
        self._run.cancel()

    def retry(self) -> None:
        """Run it once more, in the same panel. Does nothing while it runs or if it succeeded."""
        with self._drawing:
            if self.done and self.state.phase in (Phase.FAILED, Phase.CANCELLED):
                self._start(number=self._run.number + 1)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended.

        Interrupting the wait (■ in a notebook, Ctrl-C in a terminal) cancels
        the job.

        Args:
            timeout: Seconds; None waits for ever.

        Returns:
            Whether it has ended.
        """
        run = self._run
        if run.ended.is_set():
            return True
        if threading.get_ident() == self._drawer:
            return run.wait(timeout)  # asked by an observer, who would wait for itself
        try:
            if _is_colab():
                return self._wait_drawing(timeout)
            return _wait(run.ended, timeout)
        except KeyboardInterrupt:
            run.cancel()
            (self._wait_drawing if _is_colab() else run.ended.wait)(_GRACE_SECONDS)
            raise

    def result(self, timeout: float | None = None) -> Image:
        """Wait for the image.

        Raises:
            DockerError: The operation failed or was cancelled.
            TimeoutError: It has not ended after `timeout` seconds; it goes on.
        """
        run = self._run
        if not self.wait(timeout):
            raise TimeoutError(f"{self!r} has not ended after {timeout} s; it goes on.")
        return run.image()

    def __await__(self) -> Generator[Any, None, Image]:
        """Wait for the image without blocking the event loop; see :meth:`result`.

        A wait that is given up cancels the job, as one of `asyncio.wait_for` that times out.
        """
        return self._wait_async().__await__()

    def record(self, path: str | Path) -> Path:
        """Write the events of this run to `path`, those to come included.

        Replay them with :func:`imagewidget.jobs.replay`, with no Docker.

        Raises:
            OSError: The file cannot be written.
        """
        self._run.record(Path(path))
        return Path(path)

    def attach(self, display: Display) -> None:
        """Show the job in one more display, whatever it is doing."""
        with self._drawing:
            self._displays.append(display)
            _guarded(display, "begin", self)
            if self.done:
                _guarded(display, "end", self.state)

    def _start(self, number: int) -> None:
        self._run = run = Run(self._operation, self._first, self._make_clock(), number)
        for display in self._displays:
            _guarded(display, "begin", self)
        run.start()
        threading.Thread(
            target=self._draw, args=(run,), name="imagewidget-draw", daemon=True
        ).start()

    def _draw(self, run: Run) -> None:
        """Show a frame nine times a second until the work is done, and the last one.

        While a waiting cell draws, in Colab, all of it is left to that cell.
        """
        while not run.wait(FRAME_SECONDS):
            if self._turn.acquire(blocking=False):
                self._show("update", run)
                self._turn.release()
        with self._turn:
            self._draw_end(run)

    def _draw_end(self, run: Run) -> None:
        """Show the last frame of a run, unless that was done."""
        with self._drawing:
            if run.ended.is_set():
                return
            self._show("end", run)
            run.ended.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _show(self, how: str, run: Run) -> None:
        with self._drawing:
            self._drawer = threading.get_ident()
            try:
                state = run.state
                for display in tuple(self._displays):
                    _guarded(display, how, state)
            except Exception:
                _logger.exception("a frame could not be drawn")
            finally:
                self._drawer = None

    def _wait_drawing(self, timeout: float | None) -> bool:
        """Draw on this thread: Colab shows nothing that another thread sends.

        See googlecolab/colabtools#3373.
        """
        run = self._run
        end = None if timeout is None else time.monotonic() + timeout
        if not self._turn.acquire(timeout=-1 if timeout is None else timeout):
            return self.done
        try:
            while not run.wait(FRAME_SECONDS):
                self._show("update", run)
                if end is not None and time.monotonic() >= end:
                    return False
            self._draw_end(run)
        finally:
            self._turn.release()
        return True

    async def _wait_async(self) -> Image:
        from imagewidget.jupyter.waiting import wait_async  # noqa: PLC0415 - asyncio costs a fifth of the import

        run = self._run
        is_abandoned = True
        try:
            await wait_async(self._when_ended)
            is_abandoned = False
        finally:
            if is_abandoned:
                run.cancel()
        return run.image()

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
        self.attach(panel)
        return panel


def _seconds_from_now() -> Clock:
    start = time.monotonic()
    return lambda: time.monotonic() - start


def _wait(ended: threading.Event, timeout: float | None) -> bool:
    if kernel() is not None and threading.current_thread() is threading.main_thread():
        from imagewidget.jupyter.waiting import wait_in_kernel  # noqa: PLC0415 - likewise

        return wait_in_kernel(ended, timeout)
    return ended.wait(timeout)


def _is_colab() -> bool:
    return "google.colab" in sys.modules


def _guarded(display: Display, how: str, argument: Any) -> None:
    """Call a method of a display; its faults must not end the job."""
    try:
        getattr(display, how)(argument)
    except Exception:
        _logger.exception("a display failed")
