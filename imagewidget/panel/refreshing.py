"""When the HTML of a running job is written into its outputs again.

It is what the notebook's file has if it is saved now, and what a page without a live
panel shows. It costs bytes, and the front end builds the whole output again.
"""

from __future__ import annotations

FIRST = 1.0
"""Seconds from the start of a run to the first refresh."""

LONGEST = 10.0
"""The longest pause in seconds, unless the HTML is large; each is twice as long as the last."""

BYTES_PER_SECOND = 3_000
"""What refreshing may cost on average."""


class Refreshing:
    """Decides when a refresh is due.

    Args:
        now: The current time, in seconds on any clock.
    """

    def __init__(self, now: float) -> None:
        self._due_at = now + FIRST
        self._pause = FIRST

    def is_due(self, now: float) -> bool:
        """Return whether the outputs should be refreshed now."""
        return now >= self._due_at

    def note(self, now: float, size: int) -> None:
        """Record that the outputs were refreshed, with this many bytes."""
        self._pause = min(2 * self._pause, LONGEST)
        self._due_at = now + max(self._pause, size / BYTES_PER_SECOND)
