"""Waiting for a job in a notebook's cell without stopping the notebook's other tasks.

A cell that blocks stops the kernel's event loop, and with it every task that
earlier cells left running. So the wait runs that loop nested in the cell, using
`nest-asyncio2`, which ipykernel itself depends on. Cells queued meanwhile run
after this one, in their order (`nest_asyncio` 1.6 loses them).

The main shell still cannot handle a click meanwhile: ipykernel 7 runs whatever
arrives there in the context that the waiting cell has entered. Clicks get through
on a subshell (JupyterLab ≥4.4, Notebook ≥7.4), over the control channel (see
`jupyter.routing`), and while a cell runs `await job` (ipykernel ≥7.4). Elsewhere
there is only ■, which cancels.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

_PAUSE = 0.02


def wait_in_kernel(ended: threading.Event, timeout: float | None) -> bool:
    """Wait until `ended` is set, at most `timeout` seconds; return whether it is set."""
    loop = _running_loop()
    if loop is None or not _can_nest(loop):
        return ended.wait(timeout)
    end = None if timeout is None else time.monotonic() + timeout
    return loop.run_until_complete(_until(ended.is_set, end))


async def wait_async(when_ended: Callable[[Callable[[], None]], None]) -> None:
    """Wait without blocking the running loop.

    Args:
        when_ended: Takes a function, and calls it from any thread once the job has ended.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(ended.set)

    when_ended(wake)
    await ended.wait()


async def _until(is_set: Callable[[], bool], end: float | None) -> bool:
    while not is_set():
        if end is not None and time.monotonic() >= end:
            return is_set()
        await asyncio.sleep(_PAUSE)
    return True


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs this code, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _can_nest(loop: asyncio.AbstractEventLoop) -> bool:
    import nest_asyncio2  # noqa: PLC0415 - changes asyncio, so only where it is needed

    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # not one of asyncio's loops, but for example uvloop's
        return False
    return True
