"""Choosing the display that suits the environment, and showing it there."""

from __future__ import annotations

import atexit
import sys
import weakref
from collections.abc import Iterable

from imagewidget.jobs import painter
from imagewidget.jobs.job import Job
from imagewidget.jupyter.kernel import cell, is_headless, kernel
from imagewidget.progress.display import Display, check_display

DisplayArgument = bool | Display | Iterable[Display] | None
"""The display of a job: None chooses a suitable one, False shows nothing."""

# Weak: a running job is kept alive by its threads, and one that has ended is not needed.
_of_script: weakref.WeakSet[Job] = weakref.WeakSet()


def choose(display: DisplayArgument) -> tuple[Display, ...]:
    """Return the displays that show a job.

    Args:
        display: None or True for the one that suits the environment: the panel in a
            notebook, live bars on a terminal, plain lines elsewhere. False for none.
            Or one or more displays of the caller's.

    Raises:
        TypeError: One of them is not a display.
    """
    if display is False:
        return ()
    if display is None or display is True:
        return (_suitable(),)
    chosen = tuple(display) if isinstance(display, Iterable) else (display,)
    wanted = "None, True, False, a display or an iterable of displays"
    return tuple(check_display(each, wanted) for each in chosen)


def show(job: Job, displays: tuple[Display, ...], *, may_outlive: bool = False) -> None:
    """Display the panel, and wait for the job where the process would otherwise end first.

    A script, and a notebook that is run headless, would end before a job in the
    background does. They wait for the job, unless it `may_outlive` them; a script
    that dies of an exception cancels it.
    """
    if kernel() is None:
        if not may_outlive:
            _of_script.add(job)
            atexit.unregister(_end_with_script)
            atexit.register(_end_with_script)  # last, so it runs before the job's files are closed
        return
    for shown in displays:
        if _is_for_cells(shown):
            from IPython.display import display  # noqa: PLC0415 - always present in a kernel

            display(shown)
    if is_headless() and not may_outlive:
        job.wait()


def cell_of(displays: Iterable[Display]) -> int | None:
    """Return the number of the cell in which :func:`show` displays any of them, or None."""
    return cell() if any(map(_is_for_cells, displays)) else None


def _end_with_script() -> None:
    jobs = tuple(_of_script)
    # `sys.last_value`: the script died of this exception. At a prompt only one statement failed.
    if getattr(sys, "last_value", None) is not None and not hasattr(sys, "ps1"):
        for job in jobs:
            job.cancel()
    for job in jobs:
        job.wait()
    painter.join(jobs)  # the callbacks of a job run when those who waited for it are awake already


def _suitable() -> Display:
    if kernel() is not None:
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - only in a notebook

        panel: Display = Panel()
        return panel
    from imagewidget.displays import terminal  # noqa: PLC0415 - loads rich

    return terminal.LiveTerminal() if terminal.can_draw(sys.stdout) else terminal.PlainTerminal()


def _is_for_cells(display: Display) -> bool:
    return hasattr(display, "_repr_mimebundle_")
