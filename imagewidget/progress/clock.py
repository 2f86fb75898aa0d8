"""The clock of a job, which whatever measures time is given."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since the job began."""
