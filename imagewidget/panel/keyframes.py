"""When a whole snapshot is sent although no view requested one."""

from __future__ import annotations

FIRST = 0.5
"""Seconds from the start of a run to its first keyframe."""

LONGEST = 8.0
"""The longest pause between two keyframes in seconds; each is twice as long as the last."""


class Keyframes:
    """Repeats the whole state for views that may have missed the beginning.

    A new view requests a snapshot, but its request may reach the kernel only when a
    cell has ended. Until a request has arrived, keyframes replace what was missed.

    Args:
        due_at: When the first keyframe is due, in seconds on any clock.
    """

    def __init__(self, due_at: float) -> None:
        self._due_at = due_at
        self._pause = FIRST
        self._is_heard = False

    @property
    def is_heard(self) -> bool:
        """Whether a request from a view has arrived in this run."""
        return self._is_heard

    def hear(self) -> None:
        """Record that a view's request has arrived: no more keyframes are needed."""
        self._is_heard = True

    def is_due(self, now: float) -> bool:
        """Return whether the next frame should be a snapshot."""
        return not self._is_heard and now >= self._due_at

    def note_snapshot(self, now: float) -> None:
        """Postpone the next keyframe: a snapshot is sent now."""
        self._due_at = now + self._pause
        self._pause = min(2 * self._pause, LONGEST)
