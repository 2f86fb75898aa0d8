"""An engine's words during a pull → events.

Three engines tell three stories (recorded in `tests/fixtures/streams/`):

- Docker's graphdriver store counts bytes down and bytes unpacked for every layer
  (moby `daemon/internal/distribution/xfer/download.go`).
- Docker's containerd store counts bytes down (`daemon/containerd/progress.go`); up
  to engine 27 it unpacks in silence, from 28 it counts *seconds* of unpacking.
- Podman names layers that begin and layers that are here, and counts bytes down only
  for those that take longer than a second. It names the image's configuration, whose
  id is the image's own, as if it were one more layer.

Every field of every message may be missing, and none is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imagewidget.engine.failure.messages import explain
from imagewidget.progress.events import Event, LayerChanged, LayerPhase, LogWritten

_LAYER_ID = re.compile(r"[0-9a-f]{12}")
_LARGEST = 2**53 - 1  # what a browser's number still holds exactly
_LONGEST = 4096

_PHASES = {
    "Pulling fs layer": LayerPhase.QUEUED,
    "Waiting": LayerPhase.QUEUED,
    "Downloading": LayerPhase.DOWNLOADING,
    "Verifying Checksum": LayerPhase.VERIFYING,
    "Download complete": LayerPhase.DOWNLOADED,
    "Extracting": LayerPhase.EXTRACTING,
    "Pull complete": LayerPhase.DONE,
    "Already exists": LayerPhase.CACHED,
}


def events_of(messages: Iterable[Any]) -> Iterator[Event]:
    """Read the messages of one pull as they come.

    Args:
        messages: The decoded JSON of the engine's stream. They are data: what
            cannot be read as progress becomes text for the log, or nothing.

    Yields:
        :class:`LayerChanged` for layers, :class:`LogWritten` for the rest.

    Raises:
        DockerError: The engine reported an error in the stream.
    """
    cached: set[str] = set()
    for message in messages:
        if not isinstance(message, Mapping):
            continue
        error = _error_in(message)
        if error:
            raise explain(error)
        change = _layer_in(message)
        if change:
            yield _settled(change, message, cached)
        else:
            yield from _text_in(message)


def digest_in(text: str) -> str | None:
    """Find the manifest's digest in a line of the log: `Digest: sha256:…`."""
    found = re.fullmatch(r"Digest: (sha256:[0-9a-f]{64})\s*", text)
    return found.group(1) if found else None


def _settled(change: LayerChanged, message: Mapping[str, Any], cached: set[str]) -> LayerChanged:
    """Put right what `Already exists` means in the containerd store.

    There it says that the layer's content is here, packed; unpacking may still
    come, or be done already. Its messages bear `hidecounts`, the graphdriver
    store's do not, for which the layer is complete.
    """
    if change.phase is LayerPhase.CACHED and _detail(message).get("hidecounts"):
        cached.add(change.id)
    elif change.id in cached:
        if change.phase is LayerPhase.DONE:
            return LayerChanged(change.id, LayerPhase.CACHED)
        cached.discard(change.id)
    return change


def _error_in(message: Mapping[str, Any]) -> str:
    """Find the words of an error; `error` is the older form of `errorDetail`."""
    detail = message.get("errorDetail")
    if isinstance(detail, Mapping) and detail.get("message"):
        return str(detail["message"])[:_LONGEST]
    error = message.get("error")
    if error:
        return str(error)[:_LONGEST]
    return "The engine reported an error without a reason." if detail else ""


def _layer_in(message: Mapping[str, Any]) -> LayerChanged | None:
    layer, status = message.get("id"), message.get("status")
    if not isinstance(layer, str) or not isinstance(status, str):
        return None
    phase = _PHASES.get(status)
    if phase is None and re.fullmatch(r"Retrying in \d+ seconds?", status):
        phase = LayerPhase.RETRYING
    # The id of `Pulling from …` is the tag, which may look like a layer's.
    if phase is None or not _LAYER_ID.fullmatch(layer):
        return None
    current, total = _counts(_detail(message))
    return LayerChanged(layer, phase, current, total)


def _detail(message: Mapping[str, Any]) -> Mapping[str, Any]:
    detail = message.get("progressDetail")
    return detail if isinstance(detail, Mapping) else {}


def _counts(detail: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Read bytes done and bytes in all; None for what is missing or no count of bytes."""
    if detail.get("units"):
        return None, None
    current, total = _count(detail.get("current")), _count(detail.get("total")) or None
    if current is not None and total is not None:
        current = min(current, total)
    return current, total


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST else None


def _text_in(message: Mapping[str, Any]) -> Iterator[LogWritten]:
    """Give the line that the docker CLI would print."""
    parts = [message.get("id"), message.get("status") or message.get("stream")]
    line = ": ".join(part.strip("\r\n") for part in parts if isinstance(part, str) and part)
    if line and isinstance(parts[1], str):
        yield LogWritten(line[:_LONGEST] + "\n")
