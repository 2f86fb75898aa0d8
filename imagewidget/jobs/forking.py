"""What becomes of jobs in a child of `os.fork()`: they go on in the parent only.

A fork copies a job but none of its threads, and a lock that one of them holds at that
moment is never released in the copy.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """Something that threads work on."""

    def leave_to_parent(self) -> None:
        """Replace the locks, and end every wait for those threads. Called in the child."""
        ...


_known: weakref.WeakSet[Forked] = weakref.WeakSet()


def watch(work: Forked) -> None:
    """Call `work.leave_to_parent()` in every child that this process forks, while `work` lives."""
    _known.add(work)


def _leave_to_parent() -> None:
    for work in tuple(_known):
        work.leave_to_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_leave_to_parent)
