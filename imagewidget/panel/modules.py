"""The modules of the front end, which a page receives once for all panels of a kernel."""

from __future__ import annotations

import functools
import os
import threading
from pathlib import Path

from imagewidget.progress.state import Phase, State

STATIC = Path(__file__).parent / "static"

CORE = "core"
"""What every panel needs."""

DETAILS = "details"
"""What a panel shows besides the progress: attempts, errors, warnings, steps and an open log."""

NAMES = (CORE, DETAILS)

_lock = threading.Lock()
_sent: set[str] = set()


def is_due(name: str) -> bool:
    """Return whether this kernel has never sent a module; from then on, it has.

    The first panel that needs a module sends it unasked, because a page cannot ask while
    the kernel is running a cell. Every other page and panel has it already, or asks.
    """
    with _lock:
        if name in _sent:
            return False
        _sent.add(name)
        return True


def has_details(state: State) -> bool:
    """Return whether there is more to show than the progress and the heading of the log.

    `frontend/src/store/store.ts` agrees. A page asks for the log when the reader opens it.
    """
    return bool(
        state.steps
        or state.warnings
        or any(attempt.error for attempt in state.attempts)
        or state.phase in (Phase.FAILED, Phase.CANCELLED)
    )


def source(name: str) -> bytes:
    """Return the text of a module, in UTF-8."""
    if os.environ.get("ANYWIDGET_HMR") == "1":  # the front end is being worked on
        _sources.cache_clear()
    return _sources()[name]


@functools.cache
def _sources() -> dict[str, bytes]:
    """Read all modules at once: those of another version do not fit a stub that was sent."""
    return {name: (STATIC / f"{name}.js").read_bytes() for name in NAMES}
