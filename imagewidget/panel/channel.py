"""The kernel's end of the wire: what is sent, when, and how much of it.

Frames come from the job's drawing thread; questions from the browser come on
the main thread or a subshell thread of the kernel. One lock keeps them apart.
It is never held while the job is called, so that it cannot take part in a
deadlock with the job's own locks; only the log, which locks nothing else, is
read under it.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from itertools import accumulate
from typing import Any, Protocol

from imagewidget.panel import wire
from imagewidget.panel.answers import Downloads, Found, find
from imagewidget.panel.view_requests import Download, Find, Follow, Hello, Lines, Request
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Watched
from imagewidget.progress.log import Log, LogLine
from imagewidget.progress.state import State

BYTES_PER_SECOND = 28_000
"""What frames may cost over a while: 2 MB a minute with room for answers."""

TAIL_LINES = 60
"""Log lines a frame may push: more than a view shows at once."""

KEPT_BYTES = 12_000
"""What the last log lines may take in the final snapshot: every saved notebook carries it."""

ANSWERS_PER_SECOND = 3.0
"""Answers that go beside nine frames; each one more takes the place of a frame."""

_BURST = 4 * BYTES_PER_SECOND
_ENVELOPE = 700  # what Jupyter's own headers add to a message
_HEARTBEAT = 1.0
_FIRST_KEYFRAME = 0.5
_LAST_KEYFRAME = 8.0


class Send(Protocol):
    """Sends one message to every view, as `Widget.send` does."""

    def __call__(self, content: wire.Message, buffers: list[bytes] | None = None) -> None:
        """Send `content`, with binary `buffers` beside it."""


class Channel:
    """Turns states into few and small messages, and answers views.

    Args:
        send: Where messages go.
        clock: Seconds, for what is due when.
    """

    def __init__(self, send: Send, clock: Clock = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._log: Log = Log()
        self._downloads = Downloads()
        self._run = 0
        self._seq = 0
        self._state = State()
        self._sent: State | None = None
        self._steps: dict[str, int] = {}
        self._follows = True
        self._open_line: list[Any] | None = None
        self._next_line = 0
        self._is_heard = False
        self._sent_at = self._earned_at = clock()
        self._keyframe_after = _FIRST_KEYFRAME
        self._keyframe_at = self._sent_at
        self._allowance = float(_BURST)
        self._answers = ANSWERS_PER_SECOND

    @property
    def run(self) -> int:
        """Which run is shown: 1, and one more with every :meth:`begin`."""
        return self._run

    def begin(self, job: Watched) -> None:
        """Begin a run: the first, or another after Retry.

        The first has no views yet: each asks for its snapshot as soon as it is there.
        """
        state, log = job.state, job.log
        with self._lock:
            self._run += 1
            self._seq = 0
            self._state, self._sent = state, None
            self._log = log
            self._downloads = Downloads()
            self._steps = {}
            self._open_line = None
            self._next_line = max(0, len(log) - TAIL_LINES)
            self._is_heard = False
            self._keyframe_after = _FIRST_KEYFRAME
            self._keyframe_at = self._clock() + _FIRST_KEYFRAME
            if self._run > 1:
                self._send_frame(state)

    def update(self, state: State) -> None:
        """Send what changed, if it is worth a message now."""
        with self._lock:
            self._state = state
            now = self._clock()
            since = now - self._sent_at
            self._earn(now)
            is_poor = self._allowance < 0  # and then only what is short is said, once a second
            is_urgent = self._sent is None or state.phase is not self._sent.phase
            if not is_urgent and (self._gives_way() or (is_poor and since < _HEARTBEAT)):
                return
            if not self._is_heard and now >= self._keyframe_at and not is_poor:
                self._sent = None
            elif self._sent is None:
                return
            self._send_frame(state, idle=since < _HEARTBEAT, with_log=not is_poor)

    def _earn(self, now: float) -> None:
        passed, self._earned_at = now - self._earned_at, now
        self._allowance = min(_BURST, self._allowance + passed * BYTES_PER_SECOND)
        self._answers = min(ANSWERS_PER_SECOND, self._answers + passed * ANSWERS_PER_SECOND)

    def _gives_way(self) -> bool:
        """Whether a frame makes room for an answer that was sent before it."""
        if self._answers >= 0:
            return False
        self._answers += 1
        return True

    def end(self, state: State) -> wire.Message:
        """Send the last frame, unless none was sent before: then a view asks for it when it comes.

        Returns:
            The final snapshot, for the views and the saved notebook. It brings the last log
            lines, and no frame does.
        """
        with self._lock:
            self._state = state
            self._learn_steps(state)
            length = self._next_line = len(self._log)
            lines = self._encode(self._log.lines(length - TAIL_LINES, length))
            if self._sent is not None or self._is_heard:
                self._send_frame(state)
            return {**self._snapshot(state), "lines": _last_of(lines, KEPT_BYTES)}

    def answer(self, request: Request) -> None:
        """Answer a view. Cancel and Retry are the panel's business."""
        if not isinstance(request, Follow):
            with self._lock:
                self._answers -= 1
        if isinstance(request, Hello):
            with self._lock:
                self._is_heard = True
                if self._sent is None:
                    self._send_frame(self._state)
                else:
                    self._send(self._snapshot(self._sent))
        elif isinstance(request, Follow):
            with self._lock:
                if request.on and not self._follows:
                    self._next_line = len(self._log)
                self._follows = request.on
        elif isinstance(request, Lines):
            with self._lock:
                lines = self._encode(self._log.lines(request.start, request.stop))
                answer = self._message("lines", start=request.start, stop=request.stop)
            self._send({**answer, "lines": lines})
        elif isinstance(request, Find):
            self._answer_find(request)
        elif isinstance(request, Download):
            with self._lock:
                log, downloads = self._log, self._downloads
                answer = self._message("download", id=request.id, part=request.part)
            part = downloads.part(log, request.id, request.part)
            self._send({**answer, "last": part.is_last}, [part.data])

    def _answer_find(self, request: Find) -> None:
        """Search outside of the lock, for it takes long; the answer names the log's own run."""
        with self._lock:
            log, steps = self._log, self._state.steps
            answer = self._message("found", id=request.id, start=request.start)
        if request.step is not None and request.step >= len(steps):
            found = Found((), max(request.start, len(log)))  # a step of another run
        else:
            step = None if request.step is None else steps[request.step].id
            found = find(log, request.query, step, request.start)
        ranges = [list(span) for span in found.ranges]
        self._send({**answer, "stop": found.stop, "ranges": ranges})

    def _message(self, kind: str, **values: Any) -> wire.Message:
        return {"v": wire.VERSION, "type": kind, "run": self._run, **values}

    def _snapshot(self, state: State) -> wire.Message:
        """Say all that the frames before said, with the line that is being written."""
        body = wire.changes(None, state)
        if self._open_line is not None:
            body["open"] = self._open_line
        return self._message("snapshot", seq=self._seq, **body)

    def _send_frame(self, after: State, *, idle: bool = False, with_log: bool = True) -> None:
        """Send what changed since the frame before; if there was none, a snapshot.

        A frame that can pay for no log says nothing of it, not even its length: a view would
        ask for the lines that it lacks.
        """
        before = self._sent
        if before and not with_log:
            after = replace(after, log_length=before.log_length)
        body = wire.changes(before, after)
        self._learn_steps(after)
        lines, open_line = self._new_lines() if with_log else ([], self._open_line)
        if lines:
            body["lines"] = lines
        if open_line != self._open_line:
            body["open"] = open_line
        is_snapshot = before is None
        if not is_snapshot and (not body or (idle and wire.only_time_passed(body))):
            return
        self._open_line = open_line
        self._sent = after
        self._sent_at = self._clock()
        if is_snapshot:
            self._keyframe_at = self._sent_at + self._keyframe_after
            self._keyframe_after = min(2 * self._keyframe_after, _LAST_KEYFRAME)
        self._seq += 1
        kind = "snapshot" if is_snapshot else "frame"
        message = self._message(kind, seq=self._seq, **body)
        self._allowance -= _size(message) + _ENVELOPE
        self._send(message)

    def _new_lines(self) -> tuple[list[list[Any]], list[Any] | None]:
        if not self._follows:
            return [], None
        length = len(self._log)
        start = max(self._next_line, length - TAIL_LINES)
        self._next_line = length
        lines = self._encode(self._log.lines(start, length)) if start < length else []
        lines = _last_of(lines, _BURST)
        unfinished = self._log.open
        return lines, None if unfinished is None else self._encode([unfinished])[0]

    def _learn_steps(self, state: State) -> None:
        for index in range(len(self._steps), len(state.steps)):
            self._steps[state.steps[index].id] = index

    def _encode(self, lines: list[LogLine]) -> list[list[Any]]:
        return [
            wire.line(entry, self._steps.get(entry.step, -1) if entry.step else -1)
            for entry in lines
        ]


def _size(content: Any) -> int:
    """Give the bytes of a message, as Jupyter packs it."""
    return len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))


def _last_of(lines: list[list[Any]], size: int) -> list[list[Any]]:
    """Give so many of the last lines as there is room for."""
    sizes = accumulate(_size(line) for line in reversed(lines))
    return lines[len(lines) - sum(taken <= size for taken in sizes) :]
