"""The time that is passed in, wherever something waits or measures."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds; since when is the caller's business."""
