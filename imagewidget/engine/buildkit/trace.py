"""BuildKit's trace → events.

Each message of the engine is one `StatusResponse`: vertices that changed, bytes
that moved inside them, pieces of log, warnings. Clocks differ between machines:
instants are told on the job's clock (:class:`_Skew`).
"""

from __future__ import annotations

import codecs
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
from imagewidget.engine.request.masking import Masker
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
"""What a status is called that counts bytes, also before the first."""

_OPTIONAL = "importing cache manifest from "

_Stream = tuple[str, int]


class Trace:
    """Folds the messages of one build.

    Args:
        clock: Seconds since the job began.
        masker: Keeps known secrets out of names, errors and logs.

    Attributes:
        steps: Every step in the order in which it was first named, by id.
    """

    def __init__(self, clock: Clock, masker: Masker | None = None) -> None:
        self.steps: dict[str, Step] = {}
        self._groups: dict[str, str] = {}
        self._masker = masker or Masker()
        self._skew = _Skew(clock)
        self._decoders: dict[_Stream, codecs.IncrementalDecoder] = {}
        self._tails: dict[str, LogTail] = {}
        self._held: dict[str, Step] = {}
        self._known: dict[str, tuple[StepStatus, float | None]] = {}

    def read(self, message: bytes) -> Iterator[Event]:
        """Give what one serialized `StatusResponse` says.

        Raises:
            google.protobuf.message.DecodeError: It is none.
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
                yield from self._told(step)
        # What a step wrote and moved comes before its end, wherever it stands in the message.
        yield from self._logs(response.logs)
        yield from map(self._transfer, response.statuses)
        yield from map(self._warning, response.warnings)
        for step in over:
            yield from self._end_of(step.id)
            if step.looks_unstarted:
                self._held[step.id] = step
            else:
                yield from self._told(step)

    def finish(self) -> Iterator[Event]:
        """Give what was held back: half a character, half a secret, a very short step."""
        yield from self._release()
        for step in dict.fromkeys(step for step, _ in self._decoders):
            yield from self._end_of(step)

    def mask(self, text: str) -> str:
        """Keep known secrets out of a text."""
        return self._masker.mask(text)

    def failed(self, words: str) -> Step | None:
        """Give the step that ended the build, if one did.

        Several may have failed: stages side by side, and a cache that could not
        be had, without which BuildKit builds on.

        Args:
            words: What the engine says of the end, masked: it quotes the step's error.
        """
        failed = [
            step
            for step in self.steps.values()
            if step.status is StepStatus.FAILED and not step.full_name.startswith(_OPTIONAL)
        ]
        for step in failed:
            if step.error in words:
                return step
        numbered = [step for step in failed if step.event(0.0).number is not None]
        return next(reversed(numbered or failed), None)

    def tail(self, step: str, lines: int = TAIL_LINES) -> tuple[str, ...]:
        """Give the last lines that a step wrote."""
        tail = self._tails.get(step)
        return tail.lines(lines) if tail else ()

    def _update(self, vertex: Vertex) -> None:
        """Take what is told of one vertex."""
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
            # A vertex is announced anew, with nothing known, when another build shares it.
            part.is_cached = vertex.cached
            part.error = self._shown(vertex.error)

    def _release(self) -> Iterator[Event]:
        """Tell the end of steps that did not begin again with the next message."""
        held, self._held = self._held, {}
        for step in held.values():
            yield from self._told(step)

    def _told(self, step: Step) -> Iterator[Event]:
        """Tell of a step, unless that was told before."""
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
        return BuildWarned(
            message=self._shown(warning.short),
            detail=self._shown(b"\n".join(warning.detail)),
            url=self._shown(warning.url),
            step=self._step_of(warning.vertex) or None,
            dockerfile_line=lines[0] if lines and lines[0] > 0 else None,
        )

    def _logs(self, logs: Iterable[VertexLog]) -> Iterator[Event]:
        """Give one event for each run of pieces from the same stream."""
        for (vertex, stream), pieces in groupby(logs, key=lambda log: (log.vertex, log.stream)):
            step = self._step_of(vertex)
            decoder = self._decoders.get((step, stream))
            if decoder is None:
                decoder = self._decoders[step, stream] = _UTF8("replace")
            text = decoder.decode(b"".join(piece.msg for piece in pieces))
            yield from self._written(self._masker.feed(text, (step, stream)), step, stream)

    def _end_of(self, step: str) -> Iterator[Event]:
        """Give what is left of a step's logs."""
        for key in [key for key in self._decoders if key[0] == step]:
            text = self._decoders.pop(key).decode(b"", final=True)
            rest = self._masker.feed(text, key) + self._masker.flush(key)
            yield from self._written(rest, *key)

    def _written(self, text: str, step: str, stream: int) -> Iterator[Event]:
        if text:
            self._tails.setdefault(step, LogTail()).write(text)
            yield LogWritten(text, step, stream)

    def _shown(self, text: bytes) -> str:
        """Give a text of the engine as it may be seen."""
        return self._masker.mask(text.decode("utf-8", "replace"))

    def _step_of(self, vertex: str) -> str:
        return self._groups.get(vertex, vertex)


def in_order(vertexes: Iterable[Vertex]) -> list[str]:
    """Put the vertices of one message in the order in which they can run.

    Newer engines announce the last step first.

    Returns:
        Their digests, each once and after those that it needs.
    """
    inputs = {vertex.digest: vertex.inputs for vertex in vertexes}
    ordered: dict[str, None] = {}
    waiting = [iter(inputs)]
    path: list[str] = []
    while waiting:
        digest = next(waiting[-1], None)
        if digest is None:
            waiting.pop()
            if path:
                ordered[path.pop()] = None
        elif digest in inputs and digest not in ordered and digest not in path:
            path.append(digest)
            waiting.append(iter(inputs[digest]))
    return list(ordered)


class _Skew:
    """The difference between the engine's clock and the job's.

    A message tells of what just happened, so its newest instant is at most now.
    The smallest difference seen is the nearest to the truth: whatever is more,
    a message spent on its way.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: float | None = None

    @property
    def offset(self) -> float:
        """Seconds to add to an instant of the engine."""
        return self._known or 0.0

    def learn(self, response: StatusResponse) -> None:
        """Compare the newest instant in a message with now."""
        newest = max(
            (
                _seconds(instant)
                for told in (response.vertexes, response.statuses)
                for one in told
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
