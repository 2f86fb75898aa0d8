"""Simulate BuildKit's status messages, and parse them with the package's own parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from imagewidget.engine.buildkit.failure import failure
from imagewidget.engine.buildkit.proto.status_pb2 import (
    Position,
    Range,
    StatusResponse,
    Timestamp,
    Vertex,
    VertexLog,
    VertexStatus,
    VertexWarning,
)
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import Event, Failed, StepChanged

_ENGINE_EPOCH = 1_000  # seconds on the engine's clock when the job began


class Builder:
    """A simulated BuildKit that collects the events of a build.

    Args:
        dockerfile: The text of the Dockerfile.
    """

    def __init__(self, dockerfile: str) -> None:
        self.events: list[tuple[float, Event]] = []
        self._request = BuildRequest.of(dockerfile=dockerfile, environ={})
        self._now = 0.0
        self._trace = Trace(lambda: self._now)
        self._names: dict[str, str] = {}
        self._started: dict[str, float] = {}

    def announce(self, now: float, *steps: str) -> None:
        """Announce steps that will run later."""
        self._send(now, vertexes=[self._vertex(step) for step in steps])

    def start(self, now: float, *steps: str) -> None:
        """Start steps."""
        self._started.update(dict.fromkeys(steps, now))
        self._send(now, vertexes=[self._vertex(step) for step in steps])

    def end(self, now: float, *steps: str, error: str = "") -> None:
        """End steps, successfully or with an error."""
        ended = [self._vertex(step, completed=now, error=error) for step in steps]
        self._send(now, vertexes=ended)

    def cached(self, now: float, *steps: str) -> None:
        """Report steps whose result is cached."""
        self._started.update(dict.fromkeys(steps, now))
        self._send(
            now, vertexes=[self._vertex(step, completed=now, is_cached=True) for step in steps]
        )

    def log(self, now: float, step: str, text: str, stream: int = 1) -> None:
        """Write to the log of a step."""
        vertex = _digest(step)
        logs = [VertexLog(vertex=vertex, timestamp=_at(now), stream=stream, msg=text.encode())]
        self._send(now, logs=logs)

    def transfer(
        self,
        now: float,
        step: str,
        name: str,
        current: int,
        total: int = 0,
        *,
        is_complete: bool = False,
    ) -> None:
        """Report transferred bytes in a step; a total of 0 is unknown."""
        status = VertexStatus(
            ID=name.encode(),
            vertex=_digest(step),
            name=b"downloading" if total else b"transferring",
            current=current,
            total=total,
            timestamp=_at(now),
            started=_at(self._started[step]),
            completed=_at(now) if is_complete or (total and current >= total) else None,
        )
        self._send(now, statuses=[status])

    def warn(self, now: float, step: str, line: int, *, short: str, detail: str, url: str) -> None:
        """Report a warning for a line of the Dockerfile."""
        place = Range(start=Position(line=line), end=Position(line=line))
        warning = VertexWarning(
            vertex=_digest(step),
            level=1,
            short=short.encode(),
            detail=[detail.encode()],
            url=url.encode(),
            ranges=[place],
        )
        self._send(now, warnings=[warning])

    def fail(self, now: float, text: str) -> None:
        """Fail the build with the engine's error message."""
        error = failure(text, self._request, self._trace)
        self.events.append((now, Failed(error.info())))

    def _send(self, now: float, **fields: list[object]) -> None:
        self._now = now
        message = StatusResponse(**fields).SerializeToString()
        self.events += [(now, _tidy(event)) for event in self._trace.read(message)]

    def _vertex(
        self, step: str, *, completed: float | None = None, error: str = "", is_cached: bool = False
    ) -> Vertex:
        started = self._started.get(step)
        return Vertex(
            digest=_digest(step),
            name=step.encode(),
            cached=is_cached,
            started=_at(started) if started is not None else None,
            completed=_at(completed) if completed is not None else None,
            error=error.encode(),
        )


def _digest(step: str) -> str:
    return f"sha256:{sha256(step.encode()).hexdigest()}"


def _at(seconds: float) -> Timestamp:
    return Timestamp(seconds=_ENGINE_EPOCH + int(seconds), nanos=round(seconds % 1 * 1e9))


def _tidy(event: Event) -> Event:
    """Round times to milliseconds: people read recordings, too."""
    if isinstance(event, StepChanged):
        times = {
            name: None if value is None else round(value, 3)
            for name in ("started", "completed", "duration")
            for value in [getattr(event, name)]
        }
        event = replace(event, **times)
    return event


def shortened(events: list[tuple[float, Event]]) -> Iterator[tuple[float, Event]]:
    """Replace the digests of steps by short names, to keep recordings small."""
    names: dict[str, str] = {}
    for seconds, event in events:
        changes = {}
        for field in ("id", "step"):
            value = getattr(event, field, None)
            if isinstance(value, str) and value.startswith("sha256:"):
                changes[field] = names.setdefault(value, f"step-{len(names) + 1}")
        yield seconds, replace(event, **changes) if changes else event
