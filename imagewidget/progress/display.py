"""The interface between a job and its displays."""

from __future__ import annotations

from typing import Protocol

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

    def cancel(self) -> None:
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
