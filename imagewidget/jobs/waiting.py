"""Waiting for the end of a run, as suits the thread that waits.

A thread of a script blocks. A notebook's cell lets the notebook's other tasks run
(:mod:`imagewidget.jupyter.waiting`). In Colab it draws meanwhile, because Colab
shows nothing that another thread sends (googlecolab/colabtools#3373). An observer of
a display, which is called while the job is being drawn, waits only for the work.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from numbers import Real
from typing import Any

from imagewidget.jobs.painter import FRAME_SECONDS, Painter, call_each
from imagewidget.jobs.run import Run
from imagewidget.jupyter.kernel import is_colab, kernel

_GRACE_SECONDS = 5.0


def wait(run: Run, painter: Painter, timeout: float | None) -> bool:
    """Wait until every display shows the end of `run`; return whether they do.

    Return at once while the run is paused. An interrupt cancels the run.

    Args:
        run: The run.
        painter: The painter that draws it.
        timeout: Seconds; None waits forever, and a negative number does not wait.

    Raises:
        TypeError: `timeout` is not a number.
        ValueError: `timeout` is NaN.
    """
    timeout = _seconds(timeout)
    if run.ended.is_set():
        return True
    if painter.is_calling:
        return run.wait_unless_paused(timeout)  # called by an observer, which would wait for itself
    try:
        if is_colab():
            return _draw_meanwhile(run, painter, timeout)
        _wait(run.at_rest, timeout)
        return run.ended.is_set()
    except KeyboardInterrupt:
        run.cancel()
        if is_colab():
            _draw_meanwhile(run, painter, _GRACE_SECONDS)
        else:
            run.ended.wait(_GRACE_SECONDS)
        raise


async def wait_without_blocking(run: Run, painter: Painter) -> None:
    """Wait like :func:`wait`, without blocking the event loop; cancelling it cancels the run."""
    from imagewidget.jupyter.waiting import wait_async  # noqa: PLC0415 - asyncio costs a fifth of the import

    def wake_later(wake: Callable[[], None]) -> None:
        painter.when_ended(run, wake, is_first=True)
        run.when_paused(wake)

    is_abandoned = True
    try:
        await wait_async(wake_later)
        is_abandoned = False
    finally:
        if is_abandoned:
            run.cancel()


def _seconds(timeout: Any) -> float | None:
    """Return a timeout that every lock accepts."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, Real):
        raise TypeError(f"`timeout` must be a number or None, not {type(timeout).__name__}.")
    # In this order NaN remains NaN, and an int that is too large for a float is cut first.
    limited: Any = max(min(timeout, threading.TIMEOUT_MAX), 0)
    seconds = float(limited)
    if math.isnan(seconds):
        raise ValueError("`timeout` must be a number of seconds, not NaN.")
    return None if seconds == threading.TIMEOUT_MAX else seconds


def _wait(at_rest: threading.Event, timeout: float | None) -> None:
    if kernel() is not None and threading.current_thread() is threading.main_thread():
        from imagewidget.jupyter.waiting import wait_in_kernel  # noqa: PLC0415 - likewise

        wait_in_kernel(at_rest, timeout)
    else:
        at_rest.wait(timeout)


def _draw_meanwhile(run: Run, painter: Painter, timeout: float | None) -> bool:
    """Draw on this thread, for Colab, instead of waiting for the drawing thread."""
    end = None if timeout is None else time.monotonic() + timeout
    with painter.turn(-1 if timeout is None else timeout) as is_taken:
        if not is_taken:
            return run.ended.is_set()
        while not run.wait(FRAME_SECONDS):
            painter.update(run)
            if run.paused or (end is not None and time.monotonic() >= end):
                return False
        callbacks = painter.end(run)
    call_each(callbacks)
    return True
