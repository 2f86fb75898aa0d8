"""Frames: what changed since the previous frame, numbered within a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagewidget.panel import wire
from imagewidget.progress.state import State


class Frames:
    """Remembers what the views know, and builds the frame that leads to the next state."""

    def __init__(self) -> None:
        self._run = 0
        self._seq = 0
        self._known: State | None = None

    @property
    def run(self) -> int:
        """The number of the run that is shown: 1, and one more with every :meth:`begin`."""
        return self._run

    @property
    def known(self) -> State | None:
        """The state that the views have after the last frame; None if the next is a snapshot."""
        return self._known

    def begin(self) -> None:
        """Begin another run, about which no view knows anything."""
        self._run += 1
        self._seq = 0
        self._known = None

    def forget(self) -> None:
        """Make the next frame a snapshot."""
        self._known = None

    def next(self, after: State, log: wire.Fields | None, *, idle: bool) -> wire.Message | None:
        """Return the frame that leads to `after`; None if it is not worth a message.

        Args:
            after: The state that the views will have.
            log: The part of the frame about the log; None if there is no budget for it. Then
                the frame leaves out even the log's length, or a view would request the lines
                that it lacks.
            idle: Whether a frame is not worth a message if only time has passed.
        """
        before = self._known
        if before is not None and log is None:
            after = replace(after, log_length=before.log_length)
        body = {**wire.changes(before, after), **(log or {})}
        if before is not None and (not body or (idle and wire.only_time_passed(body))):
            return None
        self._known = after
        self._seq += 1
        return self.message("snapshot" if before is None else "frame", seq=self._seq, **body)

    def snapshot(self, state: State, open_line: wire.Line | None) -> wire.Message:
        """Return everything that the frames so far contained, with the unfinished line."""
        body = wire.changes(None, state)
        if open_line is not None:
            body["open"] = open_line
        return self.message("snapshot", seq=self._seq, **body)

    def message(self, kind: str, **values: Any) -> wire.Message:
        """Return a message of this run."""
        return {"v": wire.VERSION, "type": kind, "run": self._run, **values}
