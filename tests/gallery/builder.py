"""Writes what BuildKit says of a build, and reads it with the package's own parser."""

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
    """BuildKit, as far as a trace shows it.

    Args:
        dockerfile: The text that is built.
    """

    def __init__(self, dockerfile: str) -> None:
        self.events: list[tuple[float, Event]] = []
        self._request = BuildRequest.of(dockerfile=dockerfile, environ={})
        self._now = 0.0
        self._trace = Trace(lambda: self._now)
        self._names: dict[str, str] = {}
        self._started: dict[str, float] = {}

    def announce(self, now: float, *steps: str) -> None:
        """Name steps that will come."""
        self._say(now, vertexes=[self._vertex(step) for step in steps])

    def start(self, now: float, *steps: str) -> None:
        """Begin steps."""
        self._started.update(dict.fromkeys(steps, now))
        self._say(now, vertexes=[self._vertex(step) for step in steps])

    def end(self, now: float, *steps: str, error: str = "") -> None:
        """End steps, well or with an error."""
        ended = [self._vertex(step, completed=now, error=error) for step in steps]
        self._say(now, vertexes=ended)

    def cached(self, now: float, *steps: str) -> None:
        """Tell steps whose result is there already."""
        self._started.update(dict.fromkeys(steps, now))
        self._say(
            now, vertexes=[self._vertex(step, completed=now, is_cached=True) for step in steps]
        )

    def log(self, now: float, step: str, text: str, stream: int = 1) -> None:
        """Print something in a step."""
        vertex = _digest(step)
        logs = [VertexLog(vertex=vertex, timestamp=_at(now), stream=stream, msg=text.encode())]
        self._say(now, logs=logs)

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
        """Move bytes in a step; without a total, nobody knows how many there are."""
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
        self._say(now, statuses=[status])

    def warn(self, now: float, step: str, line: int, *, short: str, detail: str, url: str) -> None:
        """Find something to mend."""
        place = Range(start=Position(line=line), end=Position(line=line))
        warning = VertexWarning(
            vertex=_digest(step),
            level=1,
            short=short.encode(),
            detail=[detail.encode()],
            url=url.encode(),
            ranges=[place],
        )
        self._say(now, warnings=[warning])

    def fail(self, now: float, text: str) -> None:
        """End the build with what the engine says of it."""
        error = failure(text, self._request, self._trace)
        self.events.append((now, Failed(error.info())))

    def _say(self, now: float, **told: list[object]) -> None:
        self._now = now
        message = StatusResponse(**told).SerializeToString()
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
    """Round instants, and shorten ids: a recording is read by people, too."""
    if isinstance(event, StepChanged):
        instants = {
            name: None if value is None else round(value, 3)
            for name in ("started", "completed", "duration")
            for value in [getattr(event, name)]
        }
        event = replace(event, **instants)
    return event


def shortened(events: list[tuple[float, Event]]) -> Iterator[tuple[float, Event]]:
    """Give short names to steps, for long digests are most of a build's recording."""
    names: dict[str, str] = {}
    for seconds, event in events:
        changes = {}
        for field in ("id", "step"):
            value = getattr(event, field, None)
            if isinstance(value, str) and value.startswith("sha256:"):
                changes[field] = names.setdefault(value, f"step-{len(names) + 1}")
        yield seconds, replace(event, **changes) if changes else event
