"""Run a pull on a real engine, and keep its events."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import docker.errors

from imagewidget.engine.connection.client import Client, new_client
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.pull.pull import pull
from imagewidget.progress.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RetryScheduled,
)
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker
from tests.rig.engine import Engine


@dataclass
class Pulled:
    """The events of a pull, the states that a display would have shown, and the result."""

    events: list[Event] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    image: Image | None = None
    error: DockerError | None = None
    seconds: float = 0.0

    @property
    def log(self) -> list[str]:
        """Every line of the log."""
        return "".join(e.text for e in self.events if isinstance(e, LogWritten)).splitlines()

    @property
    def attempts(self) -> list[tuple[str, int]]:
        """The registry and the number of each try."""
        return [(e.registry, e.number) for e in self.events if isinstance(e, AttemptStarted)]

    @property
    def failures(self) -> list[tuple[str, str]]:
        """The registry and the kind of error of each failed try."""
        failed = (e.error for e in self.events if isinstance(e, AttemptFailed))
        return [(error.registry, error.kind) for error in failed]

    @property
    def waits(self) -> list[float]:
        """The seconds between the tries, as reported by the events."""
        return [e.delay for e in self.events if isinstance(e, RetryScheduled)]

    @property
    def layers(self) -> dict[str, list[LayerChanged]]:
        """The events of each layer."""
        found: dict[str, list[LayerChanged]] = {}
        for event in self.events:
            if isinstance(event, LayerChanged):
                found.setdefault(event.id, []).append(event)
        return found

    @property
    def phases(self) -> dict[str, set[LayerPhase]]:
        """The phases that each layer went through."""
        return {name: {each.phase for each in line} for name, line in self.layers.items()}


def try_pull(
    engine: Engine,
    reference: str,
    *,
    client: Client | None = None,
    **options: Any,
) -> Pulled:
    """Pull, and keep the error if it fails."""
    pulled = Pulled()
    start = time.monotonic()
    tracker = Tracker(lambda: time.monotonic() - start)
    events = pull(client or new_client(engine.url), reference, **options)
    try:
        for event in _until_done(events, pulled):
            pulled.events.append(event)
            tracker.apply(event)
            pulled.states.append(tracker.state())
    except DockerError as error:
        pulled.error = error
        tracker.apply(Failed(error.info()))
    if pulled.image:
        tracker.apply(Finished(pulled.image))
    pulled.states.append(tracker.state())
    pulled.seconds = time.monotonic() - start
    return pulled


def _until_done(events: Generator[Event, None, Image], pulled: Pulled) -> Iterator[Event]:
    pulled.image = yield from events


def must_pull(engine: Engine, reference: str, **options: Any) -> tuple[Pulled, Image]:
    """Pull, and fail the test if the pull fails."""
    pulled = try_pull(engine, reference, **options)
    if pulled.error is not None:
        raise pulled.error
    assert pulled.image is not None
    return pulled, pulled.image


def forget(engine: Engine, *references: str) -> None:
    """Remove images, if they exist."""
    with engine.api() as api:
        for reference in references:
            with contextlib.suppress(docker.errors.NotFound):
                api.remove_image(reference, force=True)
