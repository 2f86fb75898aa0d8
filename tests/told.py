"""What a tracker makes of a few events, for tests that only want to show it."""

from imagewidget.progress.events import Event
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker


def told(*events: Event | float) -> tuple[State, Log]:
    """Give the state and the log after `events`; a number is the time that comes to be."""
    now = 0.0
    tracker = Tracker(lambda: now)
    for event in events:
        if isinstance(event, float):
            now = event
        else:
            tracker.apply(event)
    return tracker.state(), tracker.log
