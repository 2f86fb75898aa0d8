"""Turn BuildKit's trace into events.

Each message from the engine is one `StatusResponse`: vertices that changed, the
progress of their transfers, pieces of log, warnings. The engine's clock may differ
from ours, so times are converted to the job's clock (:class:`_Skew`).
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby

from imagewidget.engine.buildkit.proto.status_pb2 import (
    StatusResponse,
    Timestamp,
    Vertex,
    VertexLog,
    VertexStatus,
    VertexWarning,
)
from imagewidget.engine.buildkit.vertex import Part, Step
from imagewidget.engine.failure.log_tail import TAIL_LINES, LogTail
from imagewidget.engine.masking import Masker
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    BuildWarned,
    Event,
    LogWritten,
    StepStatus,
    TransferChanged,
)

_UTF8 = codecs.getincrementaldecoder("utf-8")

_IN_BYTES = (b"transferring", b"downloading")
"""Names of statuses that count bytes, even while they report 0."""

_OPTIONAL = "importing cache manifest from "

_MOST_WARNINGS = 100

_Stream = tuple[str, int]


class Trace:
    """Converts the trace messages of one build to events, and keeps its steps and log tails.

    Args:
        clock: Seconds since the job began.
        masker: Masks known secrets in names, errors and logs.

    Attributes:
        steps: Every step by id, in the order in which the steps first appeared.
        warnings: The latest warnings.
    """

    def __init__(self, clock: Clock, masker: Masker | None = None) -> None:
        self.steps: dict[str, Step] = {}
        self.warnings: deque[BuildWarned] = deque(maxlen=_MOST_WARNINGS)
        self._groups: dict[str, str] = {}
        self._masker = masker or Masker()
        self._skew = _Skew(clock)
        self._decoders: dict[_Stream, codecs.IncrementalDecoder] = {}
        self._tails: dict[str, LogTail] = {}
        self._held: dict[str, Step] = {}
        self._known: dict[str, tuple[StepStatus, float | None]] = {}

    def read(self, message: bytes) -> Iterator[Event]:
        """Yield the events in one serialized `StatusResponse`.

        Raises:
            google.protobuf.message.DecodeError: `message` is not a `StatusResponse`.
        """
        response = StatusResponse.FromString(message)
        self._skew.learn(response)
        for vertex in response.vertexes:
            self._update(vertex)
        named = dict.fromkeys(map(self._step_of, in_order(response.vertexes)))
        changed = {name: self.steps[name] for name in named}
        self._held = {name: step for name, step in self._held.items() if name not in changed}
        yield from self._release()
        over = [step for step in changed.values() if step.status.is_final]
        for step in changed.values():
            if step not in over:
                yield from self._report(step)
        # A step's logs and transfers come before its end, whatever their order in the message.
        yield from self._logs(response.logs)
        yield from map(self._transfer, response.statuses)
        yield from map(self._warning, response.warnings)
        for step in over:
            yield from self._end_of(step.id)
            if step.looks_unstarted:
                self._held[step.id] = step
            else:
                yield from self._report(step)

    def finish(self) -> Iterator[Event]:
        """Yield what was held back: half a character, half a secret, a very short step."""
        yield from self._release()
        for step in dict.fromkeys(step for step, _ in self._decoders):
            yield from self._end_of(step)

    def mask(self, text: str) -> str:
        """Return `text` with known secrets masked."""
        return self._masker.mask(text)

    def failed(self, message: str) -> Step | None:
        """Return the step that ended the build, or None.

        Several steps may have failed: stages that ran in parallel, and a cache
        import, whose failure does not stop BuildKit.

        Args:
            message: The engine's final error message, masked; it quotes the step's error.
        """
        failed = [
            step
            for step in self.steps.values()
            if step.status is StepStatus.FAILED and not step.full_name.startswith(_OPTIONAL)
        ]
        for step in failed:
            if step.error in message:
                return step
        numbered = [step for step in failed if step.event(0.0).number is not None]
        return next(reversed(numbered or failed), None)

    def tail(self, step: str, lines: int = TAIL_LINES) -> tuple[str, ...]:
        """Return the last lines that a step wrote."""
        tail = self._tails.get(step)
        return tail.lines(lines) if tail else ()

    def _update(self, vertex: Vertex) -> None:
        """Record the state of one vertex."""
        group = vertex.progressGroup
        identity, name = (group.id, group.name) if group.id else (vertex.digest, vertex.name)
        self._groups[vertex.digest] = identity
        step = self.steps.get(identity)
        if step is None:
            step = self.steps[identity] = Step(identity, self._shown(name))
        part = step.parts.setdefault(vertex.digest, Part())
        if vertex.HasField("started"):
            end = _seconds(vertex.completed) if vertex.HasField("completed") else None
            part.ran(_seconds(vertex.started), end)
        if vertex.HasField("started") or not part.intervals:
            # A vertex that another build shares is announced again, with no state.
            part.is_cached = vertex.cached
            part.error = self._shown(vertex.error)

    def _release(self) -> Iterator[Event]:
        """Report the end of steps that did not start again in the next message."""
        held, self._held = self._held, {}
        for step in held.values():
            yield from self._report(step)

    def _report(self, step: Step) -> Iterator[Event]:
        """Yield a step's state, unless it is unchanged since the last event."""
        event = step.event(self._skew.offset)
        duration = None if event.duration is None else round(event.duration, 2)
        key = (event.status, duration)
        if self._known.get(step.id) != key:
            self._known[step.id] = key
            yield event

    def _transfer(self, status: VertexStatus) -> Event:
        identity = self._shown(status.ID)
        return TransferChanged(
            step=self._step_of(status.vertex),
            id=identity,
            name=identity.removesuffix(":"),
            current=max(0, status.current),
            total=status.total if status.total > 0 else None,
            is_complete=status.HasField("completed"),
            in_bytes=status.current > 0 or status.total > 0 or status.name in _IN_BYTES,
        )

    def _warning(self, warning: VertexWarning) -> Event:
        lines = [place.start.line for place in warning.ranges if place.HasField("start")]
        event = BuildWarned(
            message=self._shown(warning.short),
            detail=self._shown(b"\n".join(warning.detail)),
            url=self._shown(warning.url),
            step=self._step_of(warning.vertex) or None,
            dockerfile_line=lines[0] if lines and lines[0] > 0 else None,
        )
        self.warnings.append(event)
        return event

    def _logs(self, logs: Iterable[VertexLog]) -> Iterator[Event]:
        """Yield one event for each run of pieces from the same stream."""
        for (vertex, stream), pieces in groupby(logs, key=lambda log: (log.vertex, log.stream)):
            step = self._step_of(vertex)
            decoder = self._decoders.get((step, stream))
            if decoder is None:
                decoder = self._decoders[step, stream] = _UTF8("replace")
            text = decoder.decode(b"".join(piece.msg for piece in pieces))
            yield from self._written(self._masker.feed(text, (step, stream)), step, stream)

    def _end_of(self, step: str) -> Iterator[Event]:
        """Yield what is left of a step's logs."""
        for key in [key for key in self._decoders if key[0] == step]:
            text = self._decoders.pop(key).decode(b"", final=True)
            rest = self._masker.feed(text, key) + self._masker.flush(key)
            yield from self._written(rest, *key)

    def _written(self, text: str, step: str, stream: int) -> Iterator[Event]:
        if text:
            self._tails.setdefault(step, LogTail()).write(text)
            yield LogWritten(text, step, stream)

    def _shown(self, text: bytes) -> str:
        """Decode bytes from the engine, with known secrets masked."""
        return self._masker.mask(text.decode("utf-8", "replace"))

    def _step_of(self, vertex: str) -> str:
        return self._groups.get(vertex, vertex)


def in_order(vertexes: Iterable[Vertex]) -> list[str]:
    """Sort the vertices of one message in the order in which they can run.

    Newer engines announce the last step first.

    Returns:
        The digests, each once and after the digests of its inputs.
    """
    inputs = {vertex.digest: vertex.inputs for vertex in vertexes}
    ordered: dict[str, None] = {}
    waiting = [iter(inputs)]
    path: dict[str, None] = {}
    while waiting:
        digest = next(waiting[-1], None)
        if digest is None:
            waiting.pop()
            if path:
                ordered[path.popitem()[0]] = None
        elif digest in inputs and digest not in ordered and digest not in path:
            path[digest] = None
            waiting.append(iter(inputs[digest]))
    return list(ordered)


class _Skew:
    """The difference between the engine's clock and the job's.

    A message reports what has already happened, so its newest timestamp is at most
    the present. The smallest difference seen is closest to the true one: any excess
    is the time that a message spent in transit.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: float | None = None

    @property
    def offset(self) -> float:
        """Seconds to add to a timestamp of the engine."""
        return self._known or 0.0

    def learn(self, response: StatusResponse) -> None:
        """Compare the newest timestamp in a message with the job's clock."""
        newest = max(
            (
                _seconds(instant)
                for items in (response.vertexes, response.statuses)
                for one in items
                for instant in (one.started, one.completed)
                if instant.seconds
            ),
            default=None,
        )
        if newest is not None:
            offset = self._clock() - newest
            self._known = offset if self._known is None else min(self._known, offset)


def _seconds(instant: Timestamp) -> float:
    return instant.seconds + instant.nanos / 1e9
