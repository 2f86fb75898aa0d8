"""A job: one operation with its displays."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from typing_extensions import overload

from imagewidget.displays.event_stream import EventStream
from imagewidget.engine.failure.errors import Cancelled, DockerError
from imagewidget.jobs import waiting
from imagewidget.jobs.painter import Painter
from imagewidget.jobs.run import Operation, Run
from imagewidget.jupyter.kernel import cell
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Display, check_display
from imagewidget.progress.events import Event, Image
from imagewidget.progress.log import Log, file_path
from imagewidget.progress.state import Phase, State

if TYPE_CHECKING:
    from imagewidget.panel.panel import Panel


class Job:
    """A pull, build, provision or replay, which has started: those functions return it.

    It is used like a :class:`concurrent.futures.Future`::

        job = iw.pull("python:3.13-slim")   # or build(…), provision(…), replay(…)
        image = job.result(timeout=600)     # or: await job, job.exception(), job.wait()
        job.cancel()
        job.log.save("pull.log")

    All methods may be called from any thread. The work and the drawing are done on
    threads of their own, which never raise into the kernel. A job belongs to the process
    that started it: in a child of `os.fork()` it is paused, so that :meth:`wait` returns
    False and :meth:`result` raises; its log must not be read there.
    """

    def __init__(
        self,
        operation: Operation,
        *,
        first: tuple[Event, ...] = (),
        displays: tuple[Display, ...] = (),
        make_clock: Callable[[], Clock] | None = None,
        shown_in: int | None = None,
    ) -> None:
        """Start a job.

        Args:
            operation: The operation to run.
            first: Events to apply before it starts: what is already known.
            displays: The displays that show the job.
            make_clock: Returns the clock of a run when it starts (seconds from 0).
            shown_in: The number of the cell in which one of the displays is shown.
        """
        if not callable(operation):
            raise TypeError("A job is started by `pull()`, `build()`, `provision()` or `replay()`.")
        self._operation = operation
        self._first = first
        self._make_clock = make_clock or _seconds_from_now
        self._shown_in = shown_in
        self._painter = Painter(displays)
        self._start()

    def __repr__(self) -> str:
        state = self.state
        part = "" if state.fraction is None else f" {state.fraction:.0%}"
        return f"<Job {state.operation} {state.reference!r}: {state.phase.value}{part}>"

    def _ipython_display_(self) -> None:
        """Show the panel if a cell ends with the job, unless that cell already shows it."""
        number = cell()
        if number is None:
            sys.stdout.write(f"{self!r}\n")
        elif number != self._shown_in:
            sys.modules["IPython"].display.display(self.panel)

    @property
    def state(self) -> State:
        """The current state, as an immutable snapshot."""
        return self._run.state

    @property
    def log(self) -> Log:
        """The output so far: `print(job.log.text())`, `job.log.save("build.log")`."""
        return self._run.log

    @property
    def panel(self) -> Panel:
        """The panel that shows this job, created now if there is none yet."""
        from imagewidget.panel import panel as panels  # noqa: PLC0415 - only where one is shown

        with self._painter.lock:
            for display in self._painter.displays:
                if isinstance(display, panels.Panel):
                    return display
            panel = panels.Panel()
            self.attach(panel)
            return panel

    def done(self) -> bool:
        """Return whether the job has ended, successfully or not, and every display shows it."""
        return self._run.ended.is_set()

    def running(self) -> bool:
        """Return whether the job has not ended yet."""
        return not self.done()

    def cancelled(self) -> bool:
        """Return whether the job was cancelled and has ended; False while it is still stopping."""
        run = self._run
        return run.ended.is_set() and isinstance(run.error, Cancelled)

    def cancel(self) -> bool:
        """Ask the job to stop. Return immediately; the engine normally stops within a second.

        Returns:
            True if the job accepted this request or an earlier one. It then ends as cancelled,
            unless it was so nearly finished that it still succeeds. False if the operation
            has already ended.
        """
        return self._run.cancel()

    def retry(self) -> None:
        """Run the job again, in the same panel. Do nothing if it is running or has succeeded."""
        with self._painter.lock:
            if self.done() and self.state.phase in (Phase.FAILED, Phase.CANCELLED):
                self._start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended.

        Interrupting the wait (■ in a notebook, Ctrl-C in a terminal) cancels
        the job.

        Args:
            timeout: Seconds; None waits forever, and a negative number does not wait.

        Returns:
            Whether the job has ended. A replay that is paused at `until=` does not end by
            itself: False is returned as soon as it is paused.

        Raises:
            TypeError: `timeout` is not a number.
            ValueError: `timeout` is NaN.
        """
        return waiting.wait(self._run, self._painter, timeout)

    def result(self, timeout: float | None = None) -> Image:
        """Wait for the job to end, and return the image.

        Args:
            timeout: Seconds; None waits forever, and a negative number does not wait.

        Raises:
            Cancelled: The job was cancelled.
            DockerError: The operation failed.
            RuntimeError: The job is a replay, and paused at `until=`.
            TimeoutError: The job has not ended after `timeout` seconds; it keeps running.
            TypeError, ValueError: `timeout` is not a number.
        """
        return self._ended(timeout).image()

    def exception(self, timeout: float | None = None) -> DockerError | None:
        """Wait for the job to end, and return its error, or None if it succeeded.

        Args:
            timeout: Seconds; None waits forever, and a negative number does not wait.

        Raises:
            Cancelled: The job was cancelled.
            RuntimeError: The job is a replay, and paused at `until=`.
            TimeoutError: The job has not ended after `timeout` seconds; it keeps running.
            TypeError, ValueError: `timeout` is not a number.
        """
        run = self._ended(timeout)
        if run.error is None or isinstance(run.error, Cancelled):
            run.image()
        return run.error

    def add_done_callback(self, callback: Callable[[Job], object]) -> None:
        """Call `callback(job)` once, when this run has ended and every display shows it.

        Callbacks are called in the order in which they were added, on the thread that ends
        the job; at once, on this thread, if the job has ended already. A callback may call
        anything on the job, including :meth:`retry` and :meth:`wait`; a retry does not
        call it again. If it raises an exception, the exception is logged and otherwise ignored.
        A script that ends waits for the callbacks of its jobs.

        Raises:
            TypeError: `callback` is not callable.
        """
        if not callable(callback):
            raise TypeError(f"`callback` must be callable, not {type(callback).__name__}.")
        self._painter.when_ended(self._run, partial(callback, self))

    def __await__(self) -> Generator[Any, None, Image]:
        """Wait for the image without blocking the event loop; see :meth:`result`.

        Cancelling the await, for example when `asyncio.wait_for` times out, cancels the job.
        """
        return self._wait_async().__await__()

    @overload
    def record(self, file: str | os.PathLike[str]) -> Path: ...

    @overload
    def record(self, file: TextIO) -> None: ...

    def record(self, file: str | os.PathLike[str] | TextIO) -> Path | None:
        """Write the events of this run to a file, including those to come.

        Replay them with :func:`imagewidget.replay`, without Docker.

        Args:
            file: A path, in which `~` is the home directory; or a stream open in text mode
                for writing, such as `sys.stdout`. A stream is flushed after every event,
                and never closed. All lines are written before the job has ended, so a
                stream that blocks delays the job; one that fails is given up.

        Returns:
            The path; None for a stream.

        Raises:
            OSError: The file or the stream cannot be written.
            TypeError: `file` is neither a path nor a stream open in text mode.
            ValueError: The stream is closed, or not open for writing.
        """
        if not isinstance(file, type) and callable(getattr(file, "write", None)):
            self._run.record(EventStream(cast("TextIO", file)))
            return None
        path = file_path(file, "file", "a path, or a stream open in text mode")
        self._run.record(path)
        return path

    def attach(self, display: Display) -> None:
        """Show the job in another display, at any time.

        Raises:
            TypeError: `display` is not a display.
        """
        check_display(display)
        with self._painter.lock:  # so that no retry starts in between
            self._painter.attach(display, self, self._run)

    def _start(self) -> None:
        self._run = run = Run(self._operation, self._first, self._make_clock())
        try:
            self._painter.begin(self)
            self._painter.start(self, run)
            run.start()
        except BaseException:  # an interrupt: no display may show a run that never ends
            run.abandon()
            self._painter.abandon(self, run)
            raise

    def _ended(self, timeout: float | None) -> Run:
        """Return the current run once it has ended."""
        run = self._run
        if waiting.wait(run, self._painter, timeout):
            return run
        _check_paused(run)
        after = "" if timeout is None else f" after {timeout} s"
        raise TimeoutError(f"{self!r} has not ended{after}; it is still running.")

    async def _wait_async(self) -> Image:
        run = self._run
        while not run.ended.is_set():
            _check_paused(run)
            await waiting.wait_without_blocking(run, self._painter)
        return run.image()


def _check_paused(run: Run) -> None:
    if run.paused:
        raise RuntimeError(run.paused)


def _seconds_from_now() -> Clock:
    start = time.monotonic()
    return lambda: time.monotonic() - start
