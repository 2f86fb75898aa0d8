"""A job: one operation, its displays, and what may be asked of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

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
    """One pull, build or provision. It runs from the moment it is made.

    Everything here may be called from any thread. The work is done on a daemon
    thread (:class:`imagewidget.jobs.run.Run`), and the displays are drawn on another
    (:class:`imagewidget.jobs.painter.Painter`), at most nine times a second; neither
    ever raises into the kernel.

    Args:
        operation: What to do.
        first: Events to take before it starts: what is known at once.
        displays: What shows it.
        make_clock: Gives, at the start of a run, its clock (seconds from 0).
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
        """Show the panel where a cell ends with the job, unless the cell shows it already."""
        number = cell()
        if number is None:
            sys.stdout.write(f"{self!r}\n")
        elif number != self._shown_in:
            sys.modules["IPython"].display.display(self.panel)

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
    def run_number(self) -> int:
        """Which run this is: 1, and one more with every retry."""
        return self._run.number

    @property
    def panel(self) -> Any:
        """The panel that shows this job, made now if there is none yet."""
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - only where one is shown

        with self._painter.lock:
            for display in self._painter.displays:
                if isinstance(display, Panel):
                    return display
            panel = Panel()
            self.attach(panel)
            return panel

    def cancel(self) -> None:
        """Ask it to stop. Returns at once; the engine stops within a second."""
        self._run.cancel()

    def retry(self) -> None:
        """Run it once more, in the same panel. Does nothing while it runs or if it succeeded."""
        with self._painter.lock:
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
        return waiting.wait(self._run, self._painter, timeout)

    def result(self, timeout: float | None = None) -> Image:
        """Wait for the image.

        Raises:
            DockerError: The operation failed or was cancelled.
            TimeoutError: It has not ended after `timeout` seconds; it goes on.
        """
        run = self._run
        if not waiting.wait(run, self._painter, timeout):
            raise TimeoutError(f"{self!r} has not ended after {timeout} s; it goes on.")
        return run.image()

    def __await__(self) -> Generator[Any, None, Image]:
        """Wait for the image without blocking the event loop; see :meth:`result`.

        A wait that is given up cancels the job, as one of `asyncio.wait_for` that times out.
        """
        return self._wait_async().__await__()

    def record(self, path: str | Path) -> Path:
        """Write the events of this run to `path`, those to come included.

        Replay them with :func:`imagewidget.replay`, with no Docker.

        Raises:
            OSError: The file cannot be written.
        """
        self._run.record(Path(path))
        return Path(path)

    def attach(self, display: Display) -> None:
        """Show the job in one more display, whatever it is doing."""
        with self._painter.lock:  # so that no retry comes between
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
