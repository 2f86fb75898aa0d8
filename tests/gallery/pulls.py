"""The gallery's recordings of pulls."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, cast

from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.pull.pull import pull
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.events import (
    CancelRequested,
    CheckingLocal,
    Event,
    Failed,
    Finished,
    Image,
    RunCancelled,
    Started,
)
from tests.gallery.engine import (
    DIGEST,
    Daemon,
    Layer,
    Message,
    ScriptedCancellation,
    ScriptedEngine,
    ScriptEnded,
    Timed,
    recorded,
    sized,
)

Recorded = Iterator[tuple[float, Event]]

REFERENCE = "owner/env:1"
ENGINE = "Docker Engine 26.1.5"
_BOTH = ("ghcr.io", "docker.io")
_SIZES = (
    29_780_000,
    3_510_000,
    12_100_000,
    248,
    213_900_000,
    48_720_000,
    1_640,
    96_400_000,
    830_000,
)
_IMAGE = Image(
    "sha256:" + sha256(b"image").hexdigest(),
    REFERENCE,
    DIGEST,
    0,
    "ghcr.io",
)

_NOT_FOUND = {
    "errorDetail": {"message": "manifest for ghcr.io/owner/env:1 not found: manifest unknown"}
}
_UNAVAILABLE = {
    "errorDetail": {"message": "received unexpected HTTP status: 503 Service Unavailable"}
}
_DENIED = {
    "errorDetail": {
        "message": "pull access denied for owner/env, repository does not exist or may require "
        "'docker login': denied: requested access to the resource is denied"
    }
}


def layers(sizes: Sequence[int], cached: int = 0) -> list[Layer]:
    """Make layers with distinct ids; the first `cached` are in the local cache."""
    return [
        Layer(sha256(f"layer {number}".encode()).hexdigest()[:12], size, number < cached)
        for number, size in enumerate(sizes)
    ]


def _pull(
    *answers: Sequence[Timed],
    image: Image = _IMAGE,
    registries: tuple[str, ...] = ("ghcr.io",),
    engine_name: str = ENGINE,
    is_cut: bool = False,
) -> Recorded:
    """Run the package's own pull against a scripted engine."""
    random.seed(1)  # the waits between tries have random jitter
    engine = ScriptedEngine(image, *answers, is_cut=is_cut)
    yield 0.0, Started("pull", REFERENCE, engine_name)
    events = pull(
        cast("Any", engine),
        REFERENCE,
        registries=registries,
        retry=RetryPolicy(attempts=3, first_delay=4.0),
        cancel=ScriptedCancellation(engine.advance),
    )
    engine.now = 0.05
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            yield engine.now + 0.1, Finished(end.value)
            return
        except ScriptEnded:
            return
        except DockerError as error:
            yield engine.now, Failed(error.info())
            return
        yield engine.now, event


def queued() -> Recorded:
    """A provision job that starts, and finds the image in the local cache."""
    yield 0.0, Started("provision", REFERENCE)
    yield 0.5, CheckingLocal(REFERENCE)
    yield 0.6, Finished(replace(sized(_IMAGE, layers(_SIZES)), source="local"))


def many_layers() -> Recorded:
    """Nine layers being pulled."""
    return _pulled(Daemon(layers(_SIZES)))


def cached() -> Recorded:
    """Six of nine layers are in the local cache."""
    return _pulled(Daemon(layers(_SIZES, cached=6)))


def retrying() -> Recorded:
    """A registry that is unavailable for the second time."""
    failing = [(0.4, _UNAVAILABLE)]
    return _pull(failing, failing, failing)


def fallback() -> Recorded:
    """The second registry serves the image."""
    return _pulled(Daemon(layers(_SIZES)), [(0.4, _NOT_FOUND)], registries=_BOTH)


def stalled() -> Recorded:
    """Nothing arrives for 48 seconds after the first ten; then the network is faster."""
    daemon = Daemon(layers(_SIZES), bandwidth=9e6)
    before = list(daemon.pull("1", seconds=10.0))
    daemon.bandwidth, daemon.tick = 36e6, 1.0
    return _pull([*before, *daemon.resume("1", 58.0)], image=sized(_IMAGE, daemon.layers))


def _pulled(
    daemon: Daemon,
    *failing: Sequence[Timed],
    registries: tuple[str, ...] = ("ghcr.io",),
) -> Recorded:
    """Pull a whole image, after answers that fail."""
    image = sized(_IMAGE, daemon.layers)
    return _pull(*failing, list(daemon.pull("1")), image=image, registries=registries)


def failed() -> Recorded:
    """The first registry is unavailable, the second denies access."""
    failing = [(0.4, _UNAVAILABLE)]
    return _pull(failing, failing, failing, [(0.6, _DENIED)], registries=_BOTH)


def eighty() -> Recorded:
    """Eighty layers; the engine reports more often after the moment that the gallery shows."""
    sizes = [(number * 7_919 % 23 + 1) * 1_310_000 for number in range(80)]
    daemon = Daemon(layers(sizes), unpacking=40e6, tick=4.0)
    before = list(daemon.pull("1", seconds=40.0))
    daemon.bandwidth, daemon.tick = 40e6, 1.5
    return _pull([*before, *daemon.resume("1", 40.1)], image=sized(_IMAGE, daemon.layers))


def cancelled() -> Recorded:
    """A pull that was cancelled."""
    yield from _pull(list(Daemon(layers(_SIZES)).pull("1", seconds=5.0)), is_cut=True)
    yield 5.6, CancelRequested()
    yield 5.8, RunCancelled()


def done() -> Recorded:
    """Recorded from Docker Engine 20.10 pulling from a registry on the same machine."""
    stream = [
        (seconds, _renamed(message)) for seconds, message in recorded("pull-graphdriver-20.10")
    ]
    known = {
        message.get("id"): message["progressDetail"]["total"]
        for _, message in stream
        if (message.get("progressDetail") or {}).get("total")
    }
    image = sized(_IMAGE, [Layer(str(name), total) for name, total in known.items()])
    return _pull(stream, image=image, engine_name="Docker Engine 20.10.24")


def _renamed(message: Message) -> Message:
    """Rename the image of the recorded stream to the gallery's reference."""
    text = json.dumps(message).replace("127.0.0.1:5000/big:1", "ghcr.io/owner/env:1")
    known: Message = json.loads(text.replace("Pulling from big", "Pulling from owner/env"))
    return known
