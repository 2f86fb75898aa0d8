"""Hints for a command that failed, from its exit code and last lines, for both builders."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.failure.errors import (
    DiskFull,
    default_hint,
)

_HINTS = {
    126: "Check the command's permissions and its `#!` line; it exists but cannot be executed.",
    127: "Check the command's spelling, or install it in an earlier step; the image lacks it.",
    137: "Give the engine more memory; the command was killed, probably because memory ran out.",
    139: "Check that the program is built for the image's platform; it crashed.",
}
_READ_THE_LOG = "See the last lines of its log for the cause."
_SILENT = "Run it as `RUN set -x; …` to see how far it gets; it printed nothing."
_NO_MEMORY = re.compile(r"cannot allocate memory|out of memory", re.IGNORECASE)
_NO_ROOM = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def exit_hint(code: int, tail: Sequence[str]) -> str:
    """Return a hint for a command that failed.

    Args:
        code: Its exit code.
        tail: The last lines of its output.
    """
    if any(map(_NO_ROOM.search, tail)):
        return default_hint(DiskFull)
    return _HINTS.get(code, _READ_THE_LOG if tail else _SILENT)


def reason_hint(reason: str, tail: Sequence[str]) -> str:
    """Return a hint for a command that ended without an exit code.

    Args:
        reason: The engine's message in place of an exit code.
        tail: The last lines of its output.
    """
    if _NO_MEMORY.search(reason):
        return _HINTS[137]
    if any(map(_NO_ROOM.search, (reason, *tail))):
        return default_hint(DiskFull)
    return _READ_THE_LOG if tail else ""
