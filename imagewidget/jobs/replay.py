"""A recorded run as an operation: the same events at the same moments, with no Docker."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

from imagewidget.displays.recording import InvalidRecording, read
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, from_info
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    ENDS,
    CancelRequested,
    Event,
    Failed,
    Finished,
    Image,
    RunCancelled,
)

_FOREVER = 1e6
_AT_ONCE = 2.0


class Replay:
    """Plays the events of a recording, on the recording's own time.

    Args:
        path: The recording.
        speed: How many times as fast; `inf` does not wait at all.
        until: Seconds of the recording after which time stands still.

    Raises:
        InvalidRecording: It is not a recording, or breaks off with no `until`.
        OSError: The file cannot be read.
        ValueError: `speed` is not positive, or `until` no time.
    """

    def __init__(self, path: str | Path, speed: float, until: float | None) -> None:
        if until is not None and not until >= 0:
            raise ValueError(f"until is a time of the recording in seconds, not {until!r}")
        self._events = read(path)
        self._speed = speed
        self._until = until
        self._clock = ReplayClock(speed)
        self._arrived = threading.Event()
        if until is None and not (self._events and isinstance(self._events[-1][1], ENDS)):
            raise InvalidRecording(f"{path} breaks off before its end: give `until=` seconds.")

    def make_clock(self) -> Clock:
        """Give the clock of the next run."""
        self._clock = ReplayClock(self._speed)
        return self._clock

    def play(self, cancel: Cancellation, _clock: Clock) -> Generator[Event, None, Image]:
        """Yield every event when its time has come, and end as the recorded run did."""
        try:
            return (yield from self._play(cancel))
        finally:
            self._arrived.set()

    def settle(self) -> None:
        """Where no time passes, wait until it has ended or is held, at most 2 seconds.

        What a notebook then saves is the moment, not the way to it.
        """
        if self._speed == math.inf:
            self._arrived.wait(_AT_ONCE)

    def _play(self, cancel: Cancellation) -> Generator[Event, None, Image]:
        for seconds, event in self._events:
            if self._until is not None and seconds > self._until:
                break
            self._clock.wait_until(seconds, cancel.sleep)
            if isinstance(event, Finished):
                return event.image
            _raise_end(event)
            if not isinstance(event, CancelRequested):
                yield event
        self._clock.wait_until(self._until or 0.0, cancel.sleep)
        self._arrived.set()
        cancel.sleep(_FOREVER)
        raise Cancelled("The replay was held until nobody looked any more.")


def _raise_end(event: Event) -> None:
    if isinstance(event, Failed):
        raise from_info(event.error)
    if isinstance(event, RunCancelled):
        raise Cancelled("Cancelled.")


class ReplayClock:
    """The time of a recording: it runs `speed` times as fast and never passes an event.

    Args:
        speed: 2 is twice as fast; `inf` does not wait at all.
        monotonic: Real seconds.
    """

    def __init__(self, speed: float, monotonic: Clock = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be positive, not {speed!r}")
        self._speed = speed
        self._monotonic = monotonic
        self._from = (0.0, monotonic())
        self._until = 0.0

    def __call__(self) -> float:
        """Give the recording's seconds now."""
        recorded, real = self._from
        if recorded >= self._until or self._speed == math.inf:
            return self._until
        return min(recorded + (self._monotonic() - real) * self._speed, self._until)

    def wait_until(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Let time pass until the recording's `seconds`, sleeping by `sleep`."""
        recorded = self._until
        self._from = (recorded, self._monotonic())
        self._until = max(seconds, recorded)
        if (wait := (self._until - recorded) / self._speed) > 0:
            sleep(wait)
        self._from = (self._until, self._monotonic())
