"""Frames: what changed since the frame before, numbered within a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagewidget.panel import wire
from imagewidget.progress.state import State


class Frames:
    """Remembers what the views know, and says how the next state differs from it."""

    def __init__(self) -> None:
        self._run = 0
        self._seq = 0
        self._known: State | None = None

    @property
    def run(self) -> int:
        """Which run is shown: 1, and one more with every :meth:`begin`."""
        return self._run

    @property
    def known(self) -> State | None:
        """What the last frame said; None if the next one is a snapshot."""
        return self._known

    def begin(self) -> None:
        """Begin another run, of which no view knows anything."""
        self._run += 1
        self._seq = 0
        self._known = None

    def forget(self) -> None:
        """Let the next frame be a snapshot."""
        self._known = None

    def next(self, after: State, log: wire.Fields | None, *, idle: bool) -> wire.Message | None:
        """Return the frame that leads to `after`; None if it is not worth a message.

        Args:
            after: What the views shall know.
            log: What the frame says of the log; None if it can pay for none. Then it does
                not even say the log's length: a view would ask for the lines that it lacks.
            idle: Whether a frame that says only that time passed is not worth a message.
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
        """Return all that the frames so far said, with the line that is being written."""
        body = wire.changes(None, state)
        if open_line is not None:
            body["open"] = open_line
        return self.message("snapshot", seq=self._seq, **body)

    def message(self, kind: str, **values: Any) -> wire.Message:
        """Return a message of this run."""
        return {"v": wire.VERSION, "type": kind, "run": self._run, **values}
