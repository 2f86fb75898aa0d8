"""A job: one operation with its displays."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TextIO, overload

from imagewidget.jobs import waiting
from imagewidget.jobs.painter import Painter
from imagewidget.jobs.run import Operation, Run
from imagewidget.jupyter.kernel import cell
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Display
from imagewidget.progress.events import Event, Image
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State


class Job:
    """One pull, build or provision, which starts when the job is created.

    All methods may be called from any thread. The work is done on a daemon
    thread (:class:`imagewidget.jobs.run.Run`), and the displays are drawn on another
    (:class:`imagewidget.jobs.painter.Painter`), at most nine times a second; neither
    ever raises into the kernel.

    Args:
        operation: The operation to run.
        first: Events to apply before it starts: what is already known.
        displays: The displays that show the job.
        make_clock: Returns the clock of a run when it starts (seconds from 0).
        shown_in: The number of the cell in which one of the displays is shown.
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
        self._operation = operation
        self._first = first
        self._make_clock = make_clock or _seconds_from_now
        self._shown_in = shown_in
        self._painter = Painter(displays)
        self._start(number=1)

    def __repr__(self) -> str:
        state = self.state
        done = "" if state.fraction is None else f" {state.fraction:.0%}"
        return f"<Job {state.operation} {state.reference!r}: {state.phase.value}{done}>"

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
    def done(self) -> bool:
        """Whether the job has ended, successfully or not."""
        return self._run.ended.is_set()

    @property
    def run_number(self) -> int:
        """The number of the current run: 1, and one more with every retry."""
        return self._run.number

    @property
    def panel(self) -> Any:
        """The panel that shows this job, created now if there is none yet."""
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - only where one is shown

        with self._painter.lock:
            for display in self._painter.displays:
                if isinstance(display, Panel):
                    return display
            panel = Panel()
            self.attach(panel)
            return panel

    def cancel(self) -> None:
        """Ask the job to stop. Return immediately; the engine normally stops within a second."""
        self._run.cancel()

    def retry(self) -> None:
        """Run the job again, in the same panel. Do nothing if it is running or has succeeded."""
        with self._painter.lock:
            if self.done and self.state.phase in (Phase.FAILED, Phase.CANCELLED):
                self._start(number=self._run.number + 1)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended.

        Interrupting the wait (■ in a notebook, Ctrl-C in a terminal) cancels
        the job.

        Args:
            timeout: Seconds; None waits forever.

        Returns:
            Whether the job has ended.
        """
        return waiting.wait(self._run, self._painter, timeout)

    def result(self, timeout: float | None = None) -> Image:
        """Wait for the job to end, and return the image.

        Raises:
            DockerError: The operation failed or was cancelled.
            TimeoutError: The job has not ended after `timeout` seconds; it keeps running.
        """
        run = self._run
        if not waiting.wait(run, self._painter, timeout):
            raise TimeoutError(f"{self!r} has not ended after {timeout} s; it is still running.")
        return run.image()

    def __await__(self) -> Generator[Any, None, Image]:
        """Wait for the image without blocking the event loop; see :meth:`result`.

        Cancelling the await, for example when `asyncio.wait_for` times out, cancels the job.
        """
        return self._wait_async().__await__()

    @overload
    def record(self, target: str | Path) -> Path: ...

    @overload
    def record(self, target: TextIO) -> None: ...

    def record(self, target: str | Path | TextIO) -> Path | None:
        """Write the events of this run, including those to come.

        Replay them with :func:`imagewidget.replay`, without Docker.

        Args:
            target: The path of a file, or a stream for text, which is left open.

        Returns:
            The path of the file; None for a stream.

        Raises:
            OSError: The file or the stream cannot be written to.
        """
        if not isinstance(target, (str, Path)):
            self._run.record(target)
            return None
        self._run.record(Path(target))
        return Path(target)

    def attach(self, display: Display) -> None:
        """Show the job in another display, at any time."""
        with self._painter.lock:  # so that no retry starts in between
            self._painter.attach(display, self, self._run)

    def _start(self, number: int) -> None:
        self._run = run = Run(self._operation, self._first, self._make_clock(), number)
        self._painter.begin(self)
        run.start()
        self._painter.start(self, run)

    async def _wait_async(self) -> Image:
        run = self._run
        await waiting.wait_without_blocking(run, self._painter)
        return run.image()


def _seconds_from_now() -> Clock:
    start = time.monotonic()
    return lambda: time.monotonic() - start
