"""Turn the messages of an engine's pull stream into events.

Engines report progress in three ways (recorded in `tests/fixtures/streams/`):

- Docker's graphdriver store reports bytes downloaded and bytes unpacked for every
  layer (moby `daemon/internal/distribution/xfer/download.go`).
- Docker's containerd store reports bytes downloaded (`daemon/containerd/progress.go`);
  up to engine 27 it does not report unpacking, from 28 it reports *seconds* of unpacking.
- Podman reports when a layer begins and when it is complete, and bytes downloaded
  only for layers that take longer than a second. It reports the image's
  configuration, whose id is the image's id, as if it were another layer.

Every field of every message may be missing, and none is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from imagewidget.engine.failure.messages import explain
from imagewidget.progress.events import Event, LayerChanged, LayerPhase, LogWritten

_LAYER_ID = re.compile(r"[0-9a-f]{12}")
_LARGEST = 2**53 - 1  # the largest integer that a JavaScript number represents exactly
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
    """Yield the events of one pull as its messages arrive.

    Args:
        messages: The decoded JSON values of the engine's stream. A message that is not
            progress becomes text for the log, or is ignored.

    Yields:
        :class:`LayerChanged` for layers, :class:`LogWritten` for the rest.

    Raises:
        DockerError: The engine reported an error in the stream.
    """
    corrected = _Corrected()
    for message in messages:
        if not isinstance(message, Mapping):
            continue
        error = _error_in(message)
        if error:
            raise explain(error)
        change = _layer_in(message)
        if change:
            yield corrected(change, _detail(message))
        else:
            yield from _text_in(message)


def digest_in(text: str) -> str | None:
    """Return the manifest's digest from a line of the log: `Digest: sha256:…`."""
    found = re.fullmatch(r"Digest: (sha256:[0-9a-f]{64})\s*", text)
    return found.group(1) if found else None


class _Corrected:
    """Corrects what layers of the containerd store report, which differs from the other stores.

    Its messages have `hidecounts` or `units`; those of the graphdriver store do not.
    """

    def __init__(self) -> None:
        self._cached: set[str] = set()
        self._complete: dict[str, int] = {}

    def __call__(self, change: LayerChanged, detail: Mapping[str, Any]) -> LayerChanged:
        """Return the change with the phase and the position that it means."""
        if not (detail.get("hidecounts") or detail.get("units")):
            if change.phase is not LayerPhase.CACHED:
                self._cached.discard(change.id)
            return change
        return self._placed(change.phase, self._in_phase(change))

    def _in_phase(self, change: LayerChanged) -> LayerChanged:
        """Correct `Already exists`, after which the layer may be unpacked or still packed."""
        if change.phase is LayerPhase.CACHED:
            self._cached.add(change.id)
        elif change.id in self._cached:
            if change.phase is LayerPhase.DONE:
                return replace(change, phase=LayerPhase.CACHED)
            self._cached.discard(change.id)
        return change

    def _placed(self, reported: LayerPhase, change: LayerChanged) -> LayerChanged:
        """Add the position: layers are announced in any order, but unpacked in the image's.

        The engine looks ten times a second. It may report that it unpacks a layer before it
        reports that the one below is complete.
        """
        following = len(self._complete) + 1
        if reported is LayerPhase.EXTRACTING:
            return replace(change, position=following)
        if reported is LayerPhase.DONE:
            return replace(change, position=self._complete.setdefault(change.id, following))
        return change


def _error_in(message: Mapping[str, Any]) -> str:
    """Return the message of an error, if any; `error` is the older form of `errorDetail`."""
    detail = message.get("errorDetail")
    if isinstance(detail, Mapping) and detail.get("message"):
        return str(detail["message"])[:_LONGEST]
    error = message.get("error")
    if error:
        return str(error)[:_LONGEST]
    return "The engine reported an error without giving a reason." if detail else ""


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
    detail = _detail(message)
    current, total = _counts(detail)
    is_timed = phase is LayerPhase.EXTRACTING and detail.get("units") == "s"
    return LayerChanged(
        layer, phase, current, total, seconds=_count(detail.get("current")) if is_timed else None
    )


def _detail(message: Mapping[str, Any]) -> Mapping[str, Any]:
    detail = message.get("progressDetail")
    return detail if isinstance(detail, Mapping) else {}


def _counts(detail: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return bytes done and bytes in total; None for a count that is missing or not in bytes."""
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
    """Yield the line that the docker CLI would print, if any."""
    parts = [message.get("id"), message.get("status") or message.get("stream")]
    line = ": ".join(part.strip("\r\n") for part in parts if isinstance(part, str) and part)
    if line and isinstance(parts[1], str):
        yield LogWritten(line[:_LONGEST] + "\n")
