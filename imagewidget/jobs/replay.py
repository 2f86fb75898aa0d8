"""A recorded run as an operation: the same events at the same times, without Docker."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator
from os import PathLike

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
from imagewidget.recordings import find

_AT_ONCE = 2.0
_LATEST = 1_000_000_000  # thirty years


class Replay:
    """Plays the events of a recording at their recorded times.

    Args:
        path: The recording: the path of a file, or the name of one in the package.
        speed: How many times as fast to play; `inf` does not wait at all.
        until: The time in the recording, in seconds, at which to pause.

    Raises:
        InvalidRecording: The file is not a recording, or is incomplete without `until`.
        OSError: The file cannot be read.
        TypeError: `path` is not a path, or `speed` or `until` is not a number.
        ValueError: `path` cannot be a path, `speed` is not positive, or `until` is negative
            or more than thirty years.
    """

    def __init__(self, path: str | PathLike[str], speed: float, until: float | None) -> None:
        speed = _number(speed, "speed")
        if until is not None:
            until = _number(until, "until")
            if not 0 <= until <= _LATEST:
                raise ValueError(
                    f"`until` must be between 0 and {_LATEST:,} seconds, not {until:g}."
                )
        self._events = read(find(path))
        self._speed = speed
        self._until = until
        self._clock = ReplayClock(speed)
        self._arrived = threading.Event()
        if until is None and not (self._events and isinstance(self._events[-1][1], ENDS)):
            raise InvalidRecording(
                f"{path} is incomplete: it stops before the end of the run. "
                "Set `until=` to the time in seconds at which to pause the replay."
            )

    def make_clock(self) -> Clock:
        """Return the clock of the next run."""
        self._clock = ReplayClock(self._speed)
        return self._clock

    def play(self, cancel: Cancellation, _clock: Clock) -> Generator[Event, None, Image]:
        """Yield every event at its time, and end as the recorded run did."""
        try:
            return (yield from self._play(cancel))
        finally:
            self._arrived.set()

    def settle(self) -> None:
        """With `speed=inf`, wait until the replay has ended or paused, at most 2 seconds.

        A notebook then saves that moment, not one on the way to it.
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
        until = self._until or 0.0
        self._clock.wait_until(until, cancel.sleep)
        self._arrived.set()
        cancel.rest(
            f"The replay is paused at `until={until:g}` and does not end by itself. "
            "Leave out `until` to play it to the end."
        )


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"`{name}` must be a number, not {type(value).__name__}.")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"`{name}` is an int that is too large for a float.") from None


def _raise_end(event: Event) -> None:
    if isinstance(event, Failed):
        raise from_info(event.error)
    if isinstance(event, RunCancelled):
        raise Cancelled("Cancelled.")


class ReplayClock:
    """The time in a recording: it runs `speed` times as fast and never passes an event.

    Args:
        speed: 2 is twice as fast; `inf` does not wait at all.
        monotonic: Returns real seconds.
    """

    def __init__(self, speed: float, monotonic: Clock = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError(f"`speed` must be greater than 0, not {speed:g}.")
        self._speed = speed
        self._monotonic = monotonic
        self._anchor = (0.0, monotonic())
        self._until = 0.0

    def __call__(self) -> float:
        """Return the current time in the recording, in seconds."""
        recorded, real = self._anchor
        if recorded >= self._until or self._speed == math.inf:
            return self._until
        return min(recorded + (self._monotonic() - real) * self._speed, self._until)

    def wait_until(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Advance to the time `seconds` in the recording, sleeping with `sleep`."""
        recorded = self._until
        self._anchor = (recorded, self._monotonic())
        self._until = max(seconds, recorded)
        if (wait := (self._until - recorded) / self._speed) > 0:
            sleep(min(wait, threading.TIMEOUT_MAX))
        self._anchor = (self._until, self._monotonic())
