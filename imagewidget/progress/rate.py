"""How fast a counter grows, smoothed over the last few seconds."""

from __future__ import annotations

import math

_SHORTEST_SAMPLE = 0.1


class Rate:
    """The growth of a counter per second, as an exponentially weighted mean.

    Old samples lose half their weight every `half_life` seconds, and the first
    ones are not biased towards zero (the weights are normalised, as Adam does
    with its moments). If the counter decreases, the measurement starts over.

    Args:
        half_life: Seconds after which a sample counts half.
        shortest_history: Seconds of samples needed before there is a rate.
    """

    def __init__(self, half_life: float = 3.0, *, shortest_history: float = 0.5) -> None:
        self._decay = math.log(2) / half_life
        self._shortest_history = shortest_history
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._time: float | None = None
        self._count = 0.0
        self._sum = 0.0
        self._weight = 0.0
        self._seconds = 0.0

    def update(self, now: float, count: float) -> None:
        """Record the counter's value at `now`, in seconds on any clock."""
        if self._time is None or count < self._count:
            self.reset()
            self._time, self._count = now, count
            return
        elapsed = now - self._time
        if elapsed < _SHORTEST_SAMPLE:
            return
        weight = -math.expm1(-self._decay * elapsed)
        self._sum += weight * ((count - self._count) / elapsed - self._sum)
        self._weight += weight * (1 - self._weight)
        self._seconds += elapsed
        self._time, self._count = now, count

    @property
    def per_second(self) -> float | None:
        """The smoothed rate; None until there is enough history."""
        if self._seconds < self._shortest_history:
            return None
        return self._sum / self._weight
