"""Recordings: the events of a run with their times, one line of JSON each.

A line is `[seconds, event]`, with the seconds since the run started and the event as
:func:`imagewidget.progress.event_json.to_json` returns it. The first line is a header
with the version of the format.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from imagewidget.displays.event_stream import EventStream
from imagewidget.progress.event_json import from_json, to_json
from imagewidget.progress.events import ENDS, Event

VERSION = 1
_HEADER = {"event": "Recording", "version": VERSION}

_LINES_AT_ONCE = 500

_NOT_AN_EVENT = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,  # a whole number that no float can hold
    RecursionError,
)


class InvalidRecording(ValueError):
    """The file is not a recording, or its version is not supported."""


class Recorder:
    """Writes every event of a run to a temporary file, and on demand to copies and streams.

    Only :meth:`drain` is thread-safe.

    Args:
        limit: Bytes after which only the final event is added to the temporary file.
    """

    def __init__(self, limit: int = 500_000_000) -> None:
        self._limit = limit
        self._spool = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - lives with the job
            max_size=1 << 20, prefix="imagewidget-events-"
        )
        weakref.finalize(self, self._spool.close)
        self._is_open = True
        self._copies: list[IO[bytes]] = []
        self._streams: list[EventStream] = []
        self._spool.write(_line(0.0, _HEADER))

    def write(self, seconds: float, event: Event) -> None:
        """Record an event that happened `seconds` after the run started.

        A file that cannot be written to is given up: a failing recording must not
        stop the run.
        """
        line = _line(seconds, to_json(event))
        for copy in self._copies[:]:
            if not _written(copy, line):
                self._copies.remove(copy)
                with contextlib.suppress(OSError):
                    copy.close()
        for stream in self._streams:
            stream.put(line.decode())
        if self._is_open and (isinstance(event, ENDS) or self._spool.tell() < self._limit):
            before = self._spool.tell()
            self._is_open = _written(self._spool, line)
            if not self._is_open:
                with contextlib.suppress(OSError):
                    self._spool.seek(before)
                    self._spool.truncate()

    def copy_to(self, path: Path, *, is_complete: bool) -> None:
        """Write the events so far to `path`, and those to come unless `is_complete`.

        Raises:
            OSError: The file cannot be written.
        """
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("wb"))
            self._spool.seek(0)
            try:
                shutil.copyfileobj(self._spool, file)
            finally:
                self._spool.seek(0, os.SEEK_END)
            file.flush()
            if not is_complete:
                stack.pop_all()
                self._copies.append(file)

    def follow(self, stream: EventStream, *, is_complete: bool) -> int:
        """Queue the events to come for a stream, unless `is_complete`.

        Returns:
            The size in bytes of what has been recorded before, for :meth:`lines`.
        """
        if not is_complete:
            self._streams.append(stream)
        return self._spool.tell()

    def lines(self, start: int, stop: int) -> tuple[list[str], int]:
        """Return some of the lines between two places in the recording, and where they end."""
        self._spool.seek(start)
        try:
            found: list[str] = []
            while self._spool.tell() < stop and len(found) < _LINES_AT_ONCE:
                found.append(self._spool.readline().decode())
            return found, self._spool.tell()
        finally:
            self._spool.seek(0, os.SEEK_END)

    def drain(self) -> None:
        """Write what is queued for the streams. This may block, so hold no lock."""
        for stream in tuple(self._streams):
            stream.drain()

    def finish(self) -> None:
        """Close every copy, and forget the streams: no more events will come."""
        for file in self._copies:
            with contextlib.suppress(OSError):  # the disk is full
                file.close()
        self._copies.clear()
        self._streams.clear()


def _written(file: IO[bytes], line: bytes) -> bool:
    """Write a line; return whether that succeeded."""
    try:
        file.write(line)
        file.flush()
    except OSError:
        return False
    return True


def read(path: str | Path) -> list[tuple[float, Event]]:
    """Return the events of a recording with their seconds since the run started.

    Events of kinds this version does not know are left out.

    Raises:
        InvalidRecording: The file is not a recording, or its version is not supported.
        OSError: The file cannot be read.
    """
    with Path(path).open(encoding="utf-8") as file:
        try:
            return list(_events(file, str(path)))
        except UnicodeDecodeError as error:
            raise InvalidRecording(f"{path} is not a recording: it is not UTF-8 text.") from error


def _events(file: IO[str], name: str) -> Iterator[tuple[float, Event]]:
    number = 0
    for number, line in enumerate(file, 1):
        try:
            seconds, values = json.loads(line)
            if number == 1:
                _check(values, name)
            event = from_json(values)
            seconds = _time(seconds)
        except InvalidRecording:
            raise
        except _NOT_AN_EVENT as error:
            if number == 1:
                raise _without_header(name) from error
            raise InvalidRecording(f"{name}, line {number}: not a valid event: {error}") from error
        if event is not None:
            yield seconds, event
    if number == 0:
        raise InvalidRecording(f"{name} is not a recording: the file is empty.")


def _time(seconds: Any) -> float:
    if not math.isfinite(seconds):
        raise ValueError(f"{seconds} is not a valid time")
    return float(seconds)


def _check(values: dict[str, Any], name: str) -> None:
    if values.get("event") != _HEADER["event"]:
        raise _without_header(name)
    version = values.get("version")
    if version != VERSION:
        raise InvalidRecording(
            f"{name} is a recording in version {version!r:.80} of the format, but this "
            f"imagewidget can only read version {VERSION}. Update imagewidget to replay it."
        )


def _without_header(name: str) -> InvalidRecording:
    return InvalidRecording(f"{name} is not a recording: its first line is not a recording header.")


def _line(seconds: float, values: dict[str, Any]) -> bytes:
    line = json.dumps([round(seconds, 4), values], ensure_ascii=False) + "\n"
    # A lone surrogate, as in a file name that cannot be decoded, becomes a JSON escape.
    return line.encode("utf-8", "backslashreplace")
