"""The kernel's end of the wire: what is sent, when, and how much of it.

Frames come from the job's drawing thread; requests from the browser arrive on
the main thread or a subshell thread of the kernel. One lock keeps them apart.
It is never held while the job is called, so that it cannot take part in a
deadlock with the job's locks; only the log, which acquires no other lock, is
read under it.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

from imagewidget.panel import wire
from imagewidget.panel.budget import BURST, Budget
from imagewidget.panel.frames import Frames
from imagewidget.panel.keyframes import FIRST, Keyframes
from imagewidget.panel.log_cursor import LogCursor
from imagewidget.panel.log_download import Downloads
from imagewidget.panel.log_search import Found, find
from imagewidget.panel.view_requests import Download, Find, Follow, Hello, Lines, Request
from imagewidget.progress.clock import Clock
from imagewidget.progress.display import Watched
from imagewidget.progress.log import Log
from imagewidget.progress.state import State


class Send(Protocol):
    """Sends one message to every view, as `Widget.send` does."""

    def __call__(self, content: wire.Message, buffers: list[bytes] | None = None) -> None:
        """Send `content`, with binary `buffers` if there are any."""


class Channel:
    """Turns states into a few small messages, and answers views.

    It locks and sends. :class:`Frames` and :class:`LogCursor` decide what a message
    contains, :class:`Budget` and :class:`Keyframes` when it is sent.

    Args:
        send: Sends a message to the views.
        clock: Returns seconds, to decide when a message is due.
    """

    def __init__(self, send: Send, clock: Clock = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._state = State()
        now = clock()
        self._budget = Budget(now)
        self._keyframes = Keyframes(now)
        self._frames = Frames()
        self._cursor = LogCursor(Log(), follows=True)
        self._downloads = Downloads()

    @property
    def run(self) -> int:
        """The number of the run that is shown: 1, and one more with every :meth:`begin`."""
        return self._frames.run

    def begin(self, job: Watched) -> None:
        """Begin a run: the first, or another after Retry.

        The first run has no views yet: each requests a snapshot as soon as it appears.
        """
        state, log = job.state, job.log
        with self._lock:
            self._state = state
            self._frames.begin()
            self._cursor = LogCursor(log, follows=self._cursor.follows)
            self._downloads = Downloads()
            self._keyframes = Keyframes(self._clock() + FIRST)
            if self._frames.run > 1:
                self._send_frame(state)

    def update(self, state: State) -> None:
        """Send what changed, if that is worth a message now."""
        with self._lock:
            self._state = state
            now = self._clock()
            self._budget.earn(now)
            known, is_poor = self._frames.known, self._budget.is_poor
            is_urgent = known is None or state.phase is not known.phase
            if not is_urgent and self._budget.should_skip_frame(now):
                return
            if self._keyframes.is_due(now) and not is_poor:
                self._frames.forget()
            elif known is None:
                return
            self._send_frame(state, idle=self._budget.has_just_sent(now), with_log=not is_poor)

    def end(self, state: State) -> None:
        """Send the last frame; if none was sent before, a view will request it when it appears."""
        with self._lock:
            self._state = state
            if self._frames.known is not None or self._keyframes.is_heard:
                self._send_frame(state)

    def has_room(self) -> bool:
        """Return whether something else may be sent for this job now, in place of a frame."""
        with self._lock:
            return self._budget.has_room(self._clock())

    def spend(self, size: int) -> None:
        """Count bytes that were sent for this job past the channel; fewer frames are sent then."""
        with self._lock:
            self._budget.spend(self._clock(), size)

    def answer(self, request: Request) -> None:
        """Answer a view's request. The panel handles Cancel and Retry itself."""
        if not isinstance(request, Follow):
            with self._lock:
                self._budget.spend_answer(self._clock())
        if isinstance(request, Hello):
            self._answer_hello()
        elif isinstance(request, Follow):
            with self._lock:
                self._cursor.follow(on=request.on)
        elif isinstance(request, Lines):
            with self._lock:
                lines = self._cursor.lines(request.start, request.stop)
                answer = self._frames.message("lines", start=request.start, stop=request.stop)
            self._send({**answer, "lines": lines})
        elif isinstance(request, Find):
            self._answer_find(request)
        elif isinstance(request, Download):
            self._answer_download(request)

    def _answer_hello(self) -> None:
        with self._lock:
            self._keyframes.hear()
            known = self._frames.known
            if known is None:
                self._send_frame(self._state)
            else:
                self._send(self._snapshot(known))

    def _answer_find(self, request: Find) -> None:
        """Search without the lock, because it takes long; the answer names the run of that log."""
        with self._lock:
            log, steps = self._cursor.log, self._state.steps
            answer = self._frames.message("found", id=request.id, start=request.start)
        if request.step is not None and request.step >= len(steps):
            found = Found((), max(request.start, len(log)))  # a step of another run
        else:
            step = None if request.step is None else steps[request.step].id
            found = find(log, request.query, step, request.start)
        ranges = [list(span) for span in found.ranges]
        self._send({**answer, "stop": found.stop, "ranges": ranges})

    def _answer_download(self, request: Download) -> None:
        """Compress without the lock, as for a search."""
        with self._lock:
            log, downloads = self._cursor.log, self._downloads
            answer = self._frames.message("download", id=request.id, part=request.part)
        part = downloads.part(log, request.id, request.part)
        self._send({**answer, "last": part.is_last}, [part.data])

    def _snapshot(self, state: State) -> wire.Message:
        return self._frames.snapshot(state, self._cursor.open_line)

    def _send_frame(self, after: State, *, idle: bool = False, with_log: bool = True) -> None:
        """Send what changed since the previous frame, or a snapshot if there was none."""
        is_snapshot = self._frames.known is None
        self._cursor.learn_steps(after.steps)
        log = self._cursor.advance(BURST) if with_log else None
        message = self._frames.next(after, log, idle=idle)
        if message is None:
            return
        now = self._clock()
        if is_snapshot:
            self._keyframes.note_snapshot(now)
        self._budget.spend_frame(now, message)
        self._send(message)
