"""The interface between a job and its displays."""

from __future__ import annotations

from typing import Protocol, cast

from imagewidget.progress.log import Log
from imagewidget.progress.state import State


class Watched(Protocol):
    """What a display may read from a job and ask of it, from any thread."""

    @property
    def state(self) -> State:
        """The current state."""

    @property
    def log(self) -> Log:
        """The log of the current run."""

    def cancel(self) -> object:
        """Ask the job to stop; return at once."""

    def retry(self) -> None:
        """Run a failed or cancelled job again; return at once."""


class Display(Protocol):
    """Shows one job; called from only one thread at a time."""

    def begin(self, job: Watched) -> None:
        """Start showing `job`; called again when the job is retried."""

    def update(self, state: State) -> None:
        """Show the current state; called at most nine times a second."""

    def end(self, state: State) -> None:
        """Show the final state; nothing changes after that."""


def check_job(value: object) -> Watched:
    """Return `value` if a display can show it.

    Raises:
        TypeError: It is not a job.
    """
    names = ("state", "log", "cancel", "retry")
    if isinstance(value, type) or not all(hasattr(value, name) for name in names):
        raise TypeError(f"`job` must be a job, not {_kind(value)}.")
    return cast("Watched", value)


def check_display(value: object, wanted: str = "a display") -> Display:
    """Return `value` if it is a display.

    Args:
        value: The argument `display`.
        wanted: What it must be, for the error message.

    Raises:
        TypeError: It is not a display, or it is a class of displays.
    """
    names = ("begin", "update", "end")
    is_one = all(callable(getattr(value, name, None)) for name in names)
    if isinstance(value, type):
        advice = f" Write `{value.__name__}()`." if is_one else ""
        raise TypeError(f"`display` must be {wanted}, not {_kind(value)}.{advice}")
    if not is_one:
        raise TypeError(f"`display` must be {wanted}, not {_kind(value)}.")
    return cast("Display", value)


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
