"""Run a job in the foreground: show it, wait for it, and turn its end into an exit code.

As with `podman pull` and `uv`, progress and errors go to standard error, and standard
output has the result alone: the image's id, or with `--json` the events.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from imagewidget.cli import exit_codes
from imagewidget.cli.outlet import Outlet, unwritable
from imagewidget.cli.refusals import refusals
from imagewidget.cli.stopping import Stop, stop_on_signals
from imagewidget.cli.wording import InWords
from imagewidget.engine.failure.errors import EngineUnavailable
from imagewidget.jobs.job import Job
from imagewidget.progress.display import Display
from imagewidget.progress.state import Phase, State

_GLANCE_SECONDS = 0.1
# How long a cancelled job may take to end, and one that has not started to start.
PATIENCE_SECONDS = 5.0
_START_SECONDS = 0.5


@dataclass(frozen=True)
class Output:
    """How a command shows a job.

    Attributes:
        is_plain: Plain lines, also on a terminal.
        is_json: Events on standard output, and no progress.
        is_quiet: No progress.
    """

    is_plain: bool = False
    is_json: bool = False
    is_quiet: bool = False


def run(start: Callable[..., Job], output: Output, *, has_result: bool) -> int:
    """Start a job, wait for its end, and return the exit code.

    Args:
        start: Starts it; called with `display=`, on another thread.
        output: How to show it.
        has_result: Whether the id of its image is the command's result.

    Raises:
        Refusal: The job was not started: an argument is invalid.
    """
    out, progress = Outlet(sys.stdout), Outlet(sys.stderr)
    display = InWords(_display(output, progress))
    work = _Work(partial(start, display=display), display, out if output.is_json else None)
    with stop_on_signals() as stop:
        state = _wait(work, stop, (out, progress)).state
    if state.image is not None and has_result and not output.is_json:
        out.try_to_write(f"{state.image.id}\n")
    if error := out.error or progress.error:
        return unwritable(error)
    return _exit_code(state, stop)


class _Work:
    """All that can block: starting the job, writing its events, and waiting for its end.

    Attributes:
        job: The job, once it has been started.
    """

    def __init__(self, start: Callable[[], Job], display: InWords, events: Outlet | None) -> None:
        self.job: Job | None = None
        self._start = start
        self._display = display
        self._events = events

    def run(self) -> Job:
        """Do all of it, and return the job, which has ended.

        Raises:
            Refusal: It was not started.
        """
        with refusals():
            self.job = job = self._start()
        if self._events is not None:
            with contextlib.suppress(OSError):  # which the outlet keeps
                job.record(self._events.text)
        self._display.has_ended.wait()
        job.wait()
        return job


def _display(output: Output, progress: Outlet) -> Display:
    # Loads rich, which `--help` does not need.
    from imagewidget.displays.terminal import (  # noqa: PLC0415
        FailureOnly,
        LiveTerminal,
        PlainTerminal,
        can_draw,
        screen_on,
    )

    if output.is_quiet or output.is_json:
        return FailureOnly(progress.text)
    if output.is_plain or not can_draw(sys.stderr):
        return PlainTerminal(progress.text)
    return LiveTerminal(screen_on(sys.stderr))


def _wait(work: _Work, stop: Stop, outlets: tuple[Outlet, ...]) -> Job:
    """Do the work; cancel it after a signal, or when nobody reads its output any more.

    Nothing here can block, so that a signal ends the process even while other threads
    write what nobody reads. The job is not cancelled in the signal's handler, which may
    interrupt this thread at any point, or by the outlet, which is called while the job
    is locked. On Windows a handler only runs between two waits.
    """
    pool = ThreadPoolExecutor(1, "imagewidget-command")
    done = pool.submit(work.run)
    pool.shutdown(wait=False)
    waited = 0.0
    while not futures.wait([done], _GLANCE_SECONDS).done:
        is_lost = any(outlet.error for outlet in outlets)
        for outlet in outlets:
            outlet.is_muted |= is_lost  # nobody asked for the end of a cancelled job
        if work.job is not None and (is_lost or stop.signal is not None):
            work.job.cancel()
        if stop.signal is not None:
            waited += _GLANCE_SECONDS
            if waited > (_START_SECONDS if work.job is None else PATIENCE_SECONDS):
                stop.leave()
    return done.result()


def _exit_code(state: State, stop: Stop) -> int:
    if state.phase is Phase.DONE:
        return exit_codes.SUCCESS
    if state.phase is Phase.CANCELLED:
        return stop.exit_code
    if state.error is not None and state.error.kind == EngineUnavailable.__name__:
        return exit_codes.NO_ENGINE
    return exit_codes.FAILED
