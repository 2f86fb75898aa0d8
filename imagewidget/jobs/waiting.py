"""Waiting for the end of a run, as suits the thread that waits.

A thread of a script blocks. A notebook's cell lets the notebook's other tasks run
(:mod:`imagewidget.jupyter.waiting`). In Colab it draws meanwhile, because Colab
shows nothing that another thread sends (googlecolab/colabtools#3373). An observer of
a display, which is called while the job is being drawn, waits only for the work.
"""

from __future__ import annotations

import threading
import time
from functools import partial

from imagewidget.jobs.painter import FRAME_SECONDS, Painter
from imagewidget.jobs.run import Run
from imagewidget.jupyter.kernel import is_colab, kernel

_GRACE_SECONDS = 5.0


def wait(run: Run, painter: Painter, timeout: float | None) -> bool:
    """Wait until every display shows the end of `run`; return whether they do.

    An interrupt cancels the run.

    Args:
        run: The run.
        painter: The painter that draws it.
        timeout: Seconds; None waits forever.
    """
    if run.ended.is_set():
        return True
    if painter.is_calling:
        return run.wait(timeout)  # called by an observer, which would wait for itself
    try:
        if is_colab():
            return _draw_meanwhile(run, painter, timeout)
        return _wait(run.ended, timeout)
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

    is_abandoned = True
    try:
        await wait_async(partial(painter.when_ended, run))
        is_abandoned = False
    finally:
        if is_abandoned:
            run.cancel()


def _wait(ended: threading.Event, timeout: float | None) -> bool:
    if kernel() is not None and threading.current_thread() is threading.main_thread():
        from imagewidget.jupyter.waiting import wait_in_kernel  # noqa: PLC0415 - likewise

        return wait_in_kernel(ended, timeout)
    return ended.wait(timeout)


def _draw_meanwhile(run: Run, painter: Painter, timeout: float | None) -> bool:
    """Draw on this thread, for Colab, instead of waiting for the drawing thread."""
    end = None if timeout is None else time.monotonic() + timeout
    with painter.turn(-1 if timeout is None else timeout) as is_taken:
        if not is_taken:
            return run.ended.is_set()
        while not run.wait(FRAME_SECONDS):
            painter.update(run)
            if end is not None and time.monotonic() >= end:
                return False
        painter.end(run)
    return True
