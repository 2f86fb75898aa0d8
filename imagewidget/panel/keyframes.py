"""When a whole snapshot is sent though nobody asked for one."""

from __future__ import annotations

FIRST = 0.5
"""Seconds from the beginning of a run to its first keyframe."""

LONGEST = 8.0
"""Seconds between two keyframes at most: each waits twice as long as the one before."""


class Keyframes:
    """Repeats the whole state to views that may have missed its beginning.

    A view that comes up asks for a snapshot, but what it asks may reach the kernel
    only when a cell has ended. Until one was heard, snapshots heal what was lost.

    Args:
        due_at: When the first is due, in seconds on any clock.
    """

    def __init__(self, due_at: float) -> None:
        self._due_at = due_at
        self._pause = FIRST
        self._is_heard = False

    @property
    def is_heard(self) -> bool:
        """Whether a view has spoken in this run."""
        return self._is_heard

    def hear(self) -> None:
        """Note that a view has spoken: no keyframe is needed any more."""
        self._is_heard = True

    def is_due(self, now: float) -> bool:
        """Return whether the next frame is to be a snapshot."""
        return not self._is_heard and now >= self._due_at

    def note_snapshot(self, now: float) -> None:
        """Put the next keyframe off: a snapshot is sent now."""
        self._due_at = now + self._pause
        self._pause = min(2 * self._pause, LONGEST)
