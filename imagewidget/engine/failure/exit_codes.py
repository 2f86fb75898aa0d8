"""What the end of a command says of why it failed, whichever builder ran it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.failure.errors import DiskFull

_HINTS = {
    126: "The command is there, but it cannot be run: check its permissions and its first line.",
    127: "The image has no such command: check its spelling, or install it in an earlier step.",
    137: "Exit code 137 means that it was killed, most often because memory ran out.",
    139: "It crashed: the program may be for another processor than the image's platform.",
}
_READ_THE_LOG = "The last lines of its log say why."
_SILENT = "It printed nothing: `RUN set -x; …` shows how far it comes."
_NO_MEMORY = re.compile(r"cannot allocate memory|out of memory", re.IGNORECASE)
_NO_ROOM = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def exit_hint(code: int, tail: Sequence[str]) -> str:
    """Say what to do about a command that failed.

    Args:
        code: Its exit code.
        tail: The last lines that it printed.
    """
    if any(map(_NO_ROOM.search, tail)):
        return DiskFull.default_hint
    return _HINTS.get(code, _READ_THE_LOG if tail else _SILENT)


def reason_hint(reason: str, tail: Sequence[str]) -> str:
    """Say what to do about a command that ended without an exit code.

    Args:
        reason: What the engine says in place of it.
        tail: The last lines that it printed.
    """
    if _NO_MEMORY.search(reason):
        return _HINTS[137]
    if any(map(_NO_ROOM.search, (reason, *tail))):
        return DiskFull.default_hint
    return _READ_THE_LOG if tail else ""
