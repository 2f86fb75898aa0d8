"""Which display suits where the code runs, and how it is shown there."""

from __future__ import annotations

import atexit
import sys
import weakref
from collections.abc import Iterable

from imagewidget.jobs.job import Job
from imagewidget.jupyter.kernel import cell, is_headless, kernel
from imagewidget.progress.display import Display

DisplayArgument = bool | Display | Iterable[Display] | None
"""What shows a job: None decides by itself, False is nothing."""

# The threads of a job that runs keep it here; one that has ended may be forgotten.
_of_script: weakref.WeakSet[Job] = weakref.WeakSet()


def choose(display: DisplayArgument) -> tuple[Display, ...]:
    """Decide what shows a job.

    Args:
        display: None or True for what suits the place: the panel in a notebook,
            live bars on a terminal, plain lines elsewhere. False for nothing.
            Or displays of the caller's own.

    Raises:
        TypeError: That is no display.
    """
    if display is False:
        return ()
    if display is None or display is True:
        return (_suitable(),)
    chosen = tuple(display) if isinstance(display, Iterable) else (display,)
    for each in chosen:
        if not all(callable(getattr(each, how, None)) for how in ("begin", "update", "end")):
            raise TypeError(f"`display` is None, False or a display, not {display!r}.")
    return chosen


def show(job: Job, displays: tuple[Display, ...], *, may_outlive: bool = False) -> None:
    """Put the panel under the cell, and keep the job's life in mind where nobody else does.

    A script, and a notebook that is run headless, end before a job in the
    background does: there the job is waited for, unless it `may_outlive` them.
    A script that ends by an exception cancels it.
    """
    if kernel() is None:
        if not may_outlive:
            _of_script.add(job)
            atexit.unregister(_end_with_script)
            atexit.register(_end_with_script)  # last, to come before the job's files are closed
        return
    for shown in displays:
        if _is_for_cells(shown):
            from IPython.display import display  # noqa: PLC0415 - there is a kernel, so it is here

            display(shown)
    if is_headless() and not may_outlive:
        job.wait()


def cell_of(displays: Iterable[Display]) -> int | None:
    """Return the number of the cell in which :func:`show` would put any of them."""
    return cell() if any(map(_is_for_cells, displays)) else None


def _end_with_script() -> None:
    jobs = tuple(_of_script)
    # What was raised last and not caught. At a prompt that ended one line only.
    if getattr(sys, "last_value", None) is not None and not hasattr(sys, "ps1"):
        for job in jobs:
            job.cancel()
    for job in jobs:
        job.wait()


def _suitable() -> Display:
    if kernel() is not None:
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - only in a notebook

        panel: Display = Panel()
        return panel
    from imagewidget.displays.terminal import LiveTerminal, PlainTerminal  # noqa: PLC0415 - loads rich

    encoding = getattr(sys.stdout, "encoding", None) or ""
    can_draw = sys.stdout.isatty() and encoding.lower().startswith("utf")
    return LiveTerminal() if can_draw else PlainTerminal()


def _is_for_cells(display: Display) -> bool:
    return hasattr(display, "_repr_mimebundle_")
