"""Run a job in the foreground: show it, wait for it, and turn its end into an exit code.

As with `podman pull` and `uv`, progress and errors go to standard error, and standard
output has the result alone: the image's id, or with `--json` the events.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from imagewidget.cli import exit_codes
from imagewidget.cli.outlet import Outlet
from imagewidget.cli.refusals import refusals
from imagewidget.cli.stopping import Stop, stop_on_signals
from imagewidget.cli.wording import InWords
from imagewidget.engine.failure.errors import EngineUnavailable
from imagewidget.jobs.job import Job
from imagewidget.progress.display import Display
from imagewidget.progress.state import Phase, State

_GLANCE_SECONDS = 0.1


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
        start: Starts it; called with `display=`.
        output: How to show it.
        has_result: Whether the id of its image is the command's result.

    Raises:
        Refusal: The job was not started: an argument is invalid.
    """
    out, progress = Outlet(sys.stdout), Outlet(sys.stderr)
    with stop_on_signals() as stop:
        with refusals():
            display = InWords(_display(output, progress))
            job = start(display=display)
        if output.is_json:
            with contextlib.suppress(OSError):  # which the outlet keeps
                job.record(out.text)
        _wait(job, display, stop, (out, progress))
    state = job.state
    if state.image is not None and has_result and not output.is_json:
        out.try_to_write(f"{state.image.id}\n")
    if error := out.error or progress.error:
        return _unwritable(error)
    return _exit_code(state, stop)


def _unwritable(error: OSError) -> int:
    """Return the exit code for output that was lost; quietly if nobody reads it any more."""
    if isinstance(error, BrokenPipeError):
        return exit_codes.BROKEN_PIPE
    Outlet(sys.stderr).try_to_write(f"✗ The output cannot be written: {error.strerror}.\n")
    return exit_codes.FAILED


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


def _wait(job: Job, display: InWords, stop: Stop, outlets: tuple[Outlet, ...]) -> None:
    """Wait for the job; cancel it after a signal, or when nobody reads its output any more.

    It is not cancelled in the signal's handler, which may interrupt this thread at any
    point, or by the outlet, which is called while the job is locked. On Windows a handler
    only runs between two waits.
    """
    while not display.has_ended.wait(_GLANCE_SECONDS):
        if any(outlet.error for outlet in outlets):
            for outlet in outlets:
                outlet.is_muted = True  # nobody asked for the end of a cancelled job
            job.cancel()
        elif stop.signal is not None:
            job.cancel()
    job.wait()


def _exit_code(state: State, stop: Stop) -> int:
    if state.phase is Phase.DONE:
        return exit_codes.SUCCESS
    if state.phase is Phase.CANCELLED:
        return stop.exit_code
    if state.error is not None and state.error.kind == EngineUnavailable.__name__:
        return exit_codes.NO_ENGINE
    return exit_codes.FAILED
