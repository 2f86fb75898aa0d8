"""The seam between a job and whatever shows it."""

from __future__ import annotations

from typing import Protocol

from imagewidget.progress.log import Log
from imagewidget.progress.state import State


class Watched(Protocol):
    """What a display may know of a job and ask of it, from any thread."""

    @property
    def state(self) -> State:
        """What is known now."""

    @property
    def log(self) -> Log:
        """The log of the run that is shown."""

    def cancel(self) -> None:
        """Ask the job to stop; returns at once."""

    def retry(self) -> None:
        """Run a failed or cancelled job once more; returns at once."""


class Display(Protocol):
    """Shows one job; only ever called from one thread at a time."""

    def begin(self, job: Watched) -> None:
        """Begin to show `job`; called again when the job is retried."""

    def update(self, state: State) -> None:
        """Show what is known now; at most nine times a second."""

    def end(self, state: State) -> None:
        """Show the final state; nothing will change any more."""
