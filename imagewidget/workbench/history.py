"""The list of jobs that the workbench started, newest first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import ipywidgets

from imagewidget.displays import words
from imagewidget.displays.room import shown
from imagewidget.jobs.job import Job
from imagewidget.jupyter.routing import answer_while_busy
from imagewidget.progress.display import Watched
from imagewidget.progress.state import State

_LONGEST, _LONGEST_ERROR = 90, 160


class Entry:
    """One job in the list: a button, and a display that keeps its label up to date.

    Args:
        job: The job.
        key: What was started; two jobs with the same key do the same work.
        chosen: Called when the button is clicked.
        changed: Called, on the job's threads, when the job has started and when it has ended.
        updated: Called, on the job's threads, several times a second in between.
    """

    def __init__(
        self,
        job: Job,
        key: Hashable,
        chosen: Callable[[Entry], None],
        changed: Callable[[Entry], None],
        updated: Callable[[], None],
    ) -> None:
        self.job = job
        self.key = key
        self.is_running = True
        self._changed = changed
        self._updated = updated
        self.button: Any = ipywidgets.Button(tooltip="Show this job", layout={"width": "auto"})
        self.button.add_class("iw-wb-entry")
        self.button.on_click(lambda _button: chosen(self))
        answer_while_busy(self.button)

    @property
    def outcome(self) -> str:
        """One line about the job: how it ended and why, or what it is doing."""
        state = self.job.state
        line = _line(state, words.ending(state))
        return f"{line}: {shown(state.error.message, _LONGEST_ERROR)}" if state.error else line

    def begin(self, job: Watched) -> None:
        """Start following the job; called again after a retry."""
        self.is_running = True
        self._show(job.state)
        self._changed(self)

    def update(self, state: State) -> None:
        """Show the job's phase; nothing is sent to the front end while it is unchanged."""
        self._show(state)
        self._updated()

    def end(self, state: State) -> None:
        """Show how the job ended."""
        self.button.description = _line(state, words.ending(state))
        self.is_running = False
        self._changed(self)

    def mark(self, *, is_shown: bool) -> None:
        """Highlight the button if its job is the one on display."""
        act = self.button.add_class if is_shown else self.button.remove_class
        act("iw-wb-shown")

    def _show(self, state: State) -> None:
        self.button.description = _line(state, state.phase.value)


def _line(state: State, ending: str) -> str:
    name = shown(state.reference or "untagged", _LONGEST)
    return f"{words.mark(state)} {state.operation} {name} · {ending}"
