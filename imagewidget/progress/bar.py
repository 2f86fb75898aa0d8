"""The overall progress bar and the estimated time left."""

from __future__ import annotations

from imagewidget.progress.layers import Work
from imagewidget.progress.rate import Rate

_NEARLY = 0.99
_HISTORY = 2.0
_STILL = 5.0
_LONGEST = 360_000.0


class Bar:
    """A fraction that never decreases and reaches 1 only at the end.

    The known amount of work may grow: a large layer is announced, or another
    registry is tried. The bar then stays where it is, and the rest of it
    represents the rest of the work.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self._anchor = (0.0, 0.0)
        self._last = 0.0

    def move(self, fraction: float | None) -> None:
        """Update the bar with the part of the known work that is done, 0 to 1; None if unknown."""
        if fraction is None:
            return
        fraction = min(_NEARLY, max(0.0, fraction))
        if fraction < self._last:
            self._anchor = (self.value or 0.0, fraction)
        self._last = fraction
        bar, work = self._anchor
        self.value = max(self.value or 0.0, bar + (1.0 - bar) * (fraction - work) / (1.0 - work))

    def restart(self) -> None:
        """Start over with new work."""
        if self.value is not None:
            self._anchor = (self.value, 0.0)
        self._last = 0.0

    def end(self) -> None:
        """Fill the bar: all work is done."""
        self.value = 1.0


class Pace:
    """An estimate of the time left, from the recent speed of the work."""

    def __init__(self) -> None:
        self._rate = Rate(half_life=5.0, shortest_history=_HISTORY)
        self._left = 0.0
        self._done = -1.0
        self._last_progress_at = 0.0

    def update(self, now: float, work: Work) -> None:
        """Record the progress of the work at `now`, in seconds."""
        if work.done != self._done:
            self._done, self._last_progress_at = work.done, now
        self._left = work.total - work.done
        self._rate.update(now, work.done)

    def seconds_left(self, now: float) -> float | None:
        """Return an estimate; None if there is too little history, or nothing is moving."""
        pace = self._rate.per_second
        if pace is None or now - self._last_progress_at > _STILL or pace * _LONGEST < self._left:
            return None
        return self._left / pace
