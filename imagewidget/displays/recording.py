"""Recordings: the events of a run with their times, one line of JSON each.

A line is `[seconds, event]`, with seconds since the run began and the event as
:func:`imagewidget.progress.event_json.to_json` gives it. The first line names the
version of the format.
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

from imagewidget.progress.event_json import from_json, to_json
from imagewidget.progress.events import ENDS, Event

VERSION = 1
_HEADER = {"event": "Recording", "version": VERSION}

_ODD = "backslashreplace"
"""A surrogate, as in a file's name that is no text, becomes what JSON itself has for it."""


class InvalidRecording(ValueError):
    """That file is not a recording, or one of a later version."""


class Recorder:
    """Keeps every event of a run in a temporary file, and copies of it on demand.

    Args:
        limit: Bytes after which the temporary file takes no more events.
    """

    def __init__(self, limit: int = 500_000_000) -> None:
        self._limit = limit
        self._spool = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - lives with the job
            max_size=1 << 20,
            mode="w+",
            encoding="utf-8",
            errors=_ODD,
            prefix="imagewidget-events-",
        )
        weakref.finalize(self, self._spool.close)
        self._is_open = True
        self._copies: list[IO[str]] = []
        self._spool.write(_line(0.0, _HEADER))

    def write(self, seconds: float, event: Event) -> None:
        """Take one event that happened `seconds` after the run began.

        A file that cannot be written takes no more: what is recorded is no
        reason to stop what is done.
        """
        line = _line(seconds, to_json(event))
        for copy in self._copies[:]:
            if not _written(copy, line):
                self._copies.remove(copy)
                with contextlib.suppress(OSError):
                    copy.close()
        if self._is_open and (isinstance(event, ENDS) or self._spool.tell() < self._limit):
            before = self._spool.tell()
            self._is_open = _written(self._spool, line)
            if not self._is_open:
                with contextlib.suppress(OSError):
                    self._spool.seek(before)
                    self._spool.truncate()

    def copy_to(self, path: Path, *, is_complete: bool) -> None:
        """Write the events so far to `path`, and those to come unless complete.

        Raises:
            OSError: The file cannot be written.
        """
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("w", encoding="utf-8", errors=_ODD))
            self._spool.seek(0)
            try:
                shutil.copyfileobj(self._spool, file)
            finally:
                self._spool.seek(0, os.SEEK_END)
            file.flush()
            if not is_complete:
                stack.pop_all()
                self._copies.append(file)

    def finish(self) -> None:
        """End every copy: nothing more will happen."""
        for file in self._copies:
            with contextlib.suppress(OSError):  # its disk is full
                file.close()
        self._copies.clear()


def _written(file: IO[str], line: str) -> bool:
    """Write a line; tell whether there was room for it."""
    try:
        file.write(line)
        file.flush()
    except OSError:
        return False
    return True


def read(path: str | Path) -> list[tuple[float, Event]]:
    """Read a recording: events with their seconds since the run began.

    Events of kinds this version does not know are left out.

    Raises:
        InvalidRecording: It is not a recording.
        OSError: The file cannot be read.
    """
    with Path(path).open(encoding="utf-8") as file:
        try:
            return list(_events(file, str(path)))
        except UnicodeDecodeError as error:
            raise InvalidRecording(f"{path} is not a recording: it is no text.") from error


def _events(file: IO[str], name: str) -> Iterator[tuple[float, Event]]:
    for number, line in enumerate(file, 1):
        try:
            seconds, values = json.loads(line)
            if number == 1:
                _check(values, name)
            event = from_json(values)
            seconds = _time(seconds)
        except InvalidRecording:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidRecording(
                f"{name}, line {number}: not an event of a recording: {error}"
            ) from error
        if event is not None:
            yield seconds, event


def _time(seconds: Any) -> float:
    if not math.isfinite(seconds):
        raise ValueError(f"{seconds} is no time")
    return float(seconds)


def _check(values: dict[str, Any], name: str) -> None:
    if values.get("event") != _HEADER["event"]:
        raise InvalidRecording(f"{name} is not a recording: its first line does not say so.")
    if values.get("version") != VERSION:
        raise InvalidRecording(
            f"{name} has version {values.get('version')!r}; this package reads {VERSION}. "
            "Update imagewidget to replay it."
        )


def _line(seconds: float, values: dict[str, Any]) -> str:
    return json.dumps([round(seconds, 4), values], ensure_ascii=False) + "\n"
