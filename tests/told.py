"""Run a few events through a tracker, for tests of displays."""

from imagewidget.progress.events import Event
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker


def told(*events: Event | float) -> tuple[State, Log]:
    """Return the state and the log after `events`; a float sets the time in seconds."""
    now = 0.0
    tracker = Tracker(lambda: now)
    for event in events:
        if isinstance(event, float):
            now = event
        else:
            tracker.apply(event)
    return tracker.state(), tracker.log
