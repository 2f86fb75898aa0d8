"""The clock that is passed to everything that waits or measures time."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Returns seconds, from a starting point that the caller chooses."""
