"""Displays that remember what they were shown, or fail to show it."""

import threading

from imagewidget.progress.display import Watched
from imagewidget.progress.state import State


class Witness:
    """A display that remembers what it was shown, and by which thread."""

    def __init__(self) -> None:
        self.opened = 0
        self.states: list[State] = []
        self.closed: list[State] = []
        self.threads: set[int] = set()

    def begin(self, job: Watched) -> None:
        assert job.state.phase is not None
        self.opened += 1

    def update(self, state: State) -> None:
        self.threads.add(threading.get_ident())
        self.states.append(state)

    def end(self, state: State) -> None:
        self.threads.add(threading.get_ident())
        self.closed.append(state)


class Faulty(Witness):
    def begin(self, job: Watched) -> None:
        raise RuntimeError(job)

    def update(self, state: State) -> None:
        raise RuntimeError(state)

    def end(self, state: State) -> None:
        raise RuntimeError(state)
