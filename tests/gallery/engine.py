"""A scripted engine that sends given messages at given times."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.info import Storage
from imagewidget.engine.connection.login import Login
from imagewidget.engine.image.inspected import LocalImage, Variant
from imagewidget.engine.image.platform import Platform
from imagewidget.progress.events import Image
from tests.fixtures import STREAMS

Message = dict[str, Any]
Timed = tuple[float, Message]

DIGEST = "sha256:" + sha256(b"manifest").hexdigest()
"""The digest of every simulated image."""


def recorded(name: str) -> list[Timed]:
    """Return the messages that a real engine sent, each with its time in seconds."""
    lines = (STREAMS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(float(seconds), message) for seconds, message in map(json.loads, lines)]


_OWN = Platform("linux", "amd64")


class ScriptEnded(Exception):
    """The script has ended in the middle of an answer."""


class ScriptedCancellation(Cancellation):
    """A cancellation whose `sleep` only advances a clock."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def sleep(self, seconds: float) -> None:
        """Advance the clock by `seconds`."""
        self._advance(seconds)


class ScriptedEngine:
    """The part of an engine that :func:`imagewidget.engine.pull.pull.pull` uses, scripted.

    Args:
        image: The image that the pull results in.
        answers: The messages of each answer to a pull request, in order.
        is_cut: Whether the script stops after the last answer without ending it.
    """

    def __init__(self, image: Image, *answers: Sequence[Timed], is_cut: bool = False) -> None:
        self.now = 0.0
        self.endpoint = Endpoint("unix:///var/run/docker.sock")
        self._image = image
        self._left = len(answers)
        self._is_cut = is_cut
        self._answers = iter(answers)

    def advance(self, seconds: float) -> None:
        """Advance the clock by `seconds`."""
        self.now += seconds

    @contextmanager
    def operation(self, _cancel: Cancellation) -> Iterator[ScriptedEngine]:
        """Yield the engine itself, in place of a connection."""
        yield self

    def login(self, _host: str, _cancel: Cancellation) -> Login:
        """Return no login."""
        return Login(None)

    def post_stream(self, *_request: object) -> Iterator[Message]:
        """Yield the messages of the next answer."""
        start = self.now
        self._left -= 1
        for seconds, message in next(self._answers):
            self.now = start + seconds
            yield message
        if self._is_cut and not self._left:
            raise ScriptEnded

    def tag(self, *_names: str, **_options: object) -> None:
        """Do nothing: there is no image to tag."""

    def local_image(self, reference: str, **_options: object) -> LocalImage:
        """Return the image."""
        image = self._image
        return LocalImage(
            reference, image.id, image.digest, image.size, (Variant(_OWN),), is_complete=True
        )

    def platform(self, **_options: object) -> Platform:
        """Return the engine's own platform."""
        return _OWN

    def storage(self, **_options: object) -> Storage:
        """Return a disk that has room for every image."""
        return Storage("graphdriver", None)


@dataclass
class Layer:
    """A layer: its id, its size in bytes, and whether the engine has it already."""

    id: str
    size: int
    is_cached: bool = False


@dataclass
class Daemon:
    """A simulated dockerd that pulls layers by the rules of its graphdriver store.

    Three layers are downloaded at a time, in image order; downloaded layers are
    unpacked one by one (moby `distribution/xfer`).

    Attributes:
        layers: The layers of the image, in order.
        bandwidth: Bytes per second of all downloads together.
        unpacking: Bytes per second when unpacking.
        tick: Seconds between two messages for one layer.
    """

    layers: Sequence[Layer]
    bandwidth: float = 24e6
    unpacking: float = 60e6
    tick: float = 0.5
    _down: dict[str, int] = field(default_factory=dict)
    _unpacked: dict[str, int] = field(default_factory=dict)

    def pull(self, tag: str, *, seconds: float = math.inf) -> Iterator[Timed]:
        """Yield the messages of the first `seconds`, or of the whole pull if it ends before."""
        yield 0.1, {"status": "Pulling from owner/env", "id": tag}
        for layer in self.layers:
            yield 0.1, _message(layer, "Already exists" if layer.is_cached else "Pulling fs layer")
        for layer in self._missing[3:]:
            yield 0.1, _message(layer, "Waiting")
        yield from self.resume(tag, 0.1, seconds=seconds)

    def resume(self, tag: str, now: float, *, seconds: float = math.inf) -> Iterator[Timed]:
        """Yield the messages that follow what was done before, from `now` until `seconds`."""
        missing = self._missing
        while now < seconds and len(self._finished(missing)) < len(missing):
            now = round(now + self.tick, 3)
            for message in (*self._download(missing), *self._unpack(missing)):
                yield now, message
        if len(self._finished(missing)) == len(missing):
            yield now, {"status": f"Digest: {DIGEST}"}
            yield now, {"status": f"Status: Downloaded newer image for owner/env:{tag}"}

    @property
    def _missing(self) -> list[Layer]:
        return [layer for layer in self.layers if not layer.is_cached]

    def _finished(self, layers: Sequence[Layer]) -> list[Layer]:
        return [layer for layer in layers if self._unpacked.get(layer.id) == layer.size]

    def _download(self, layers: Sequence[Layer]) -> Iterator[Message]:
        moving = [layer for layer in layers if self._down.get(layer.id) != layer.size][:3]
        for place, layer in enumerate(moving):
            share = (0.45, 0.33, 0.22)[place] * self.bandwidth * self.tick
            here = min(layer.size, self._down.get(layer.id, 0) + int(share))
            self._down[layer.id] = here
            yield _message(layer, "Downloading", here)
            if here == layer.size:
                yield _message(layer, "Verifying Checksum")
                yield _message(layer, "Download complete")

    def _unpack(self, layers: Sequence[Layer]) -> Iterator[Message]:
        layer = next((one for one in layers if self._unpacked.get(one.id) != one.size), None)
        if layer is None or self._down.get(layer.id) != layer.size:
            return
        here = min(layer.size, self._unpacked.get(layer.id, 0) + int(self.unpacking * self.tick))
        self._unpacked[layer.id] = here
        yield _message(layer, "Extracting", here)
        if here == layer.size:
            yield _message(layer, "Pull complete")


def _message(layer: Layer, status: str, current: int | None = None) -> Message:
    detail = {} if current is None else {"current": current, "total": layer.size}
    return {"status": status, "progressDetail": detail, "id": layer.id}


def sized(image: Image, layers: Sequence[Layer]) -> Image:
    """Return the image with the size of its unpacked layers."""
    return replace(image, size=sum(int(layer.size * 2.6) for layer in layers))
