"""Explain a command that failed, from its exit code and last lines, for both builders."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.failure.errors import DiskFull, Remedy, default_hint, remedy_of
from imagewidget.engine.failure.messages import explain
from imagewidget.engine.failure.rules import NO_ROOM

_HINTS = {
    126: "Check the command's permissions and its `#!` line; it exists but cannot be executed.",
    127: "Check the command's spelling, or install it in an earlier step; the image lacks it.",
    137: "Give the engine more memory; the command was killed, probably because memory ran out.",
    139: "Check the program and its libraries; it crashed with a segmentation fault.",
}
_READ_THE_LOG = "See the last lines of its log for the cause."
_SILENT = "Run it as `RUN set -x; …` to see how far it gets; it printed nothing."
_OTHER_MACHINE = (
    "Check that the image and the program are built for the engine's platform, or set `platform=`; "
    "this machine cannot execute them."
)
_NO_MEMORY = re.compile(r"cannot allocate memory|out of memory", re.IGNORECASE)
# As a cause: after a colon or the number of the error, or at the end of the line. A test that
# passed may have such a name.
_FILLED = re.compile(
    rf"(: |errno 28\] ?|\b28: )({NO_ROOM})\b|({NO_ROOM})( \(os error 28\))?[\s)\]\"'.]*$",
    re.IGNORECASE,
)
_OTHER_FORMAT = re.compile(r"exec format error(: '[^']*')?[\s)\"'.]*$", re.IGNORECASE)
_LIBRARY = re.compile(r"(?<!\S)([\w.+-]{1,80}\.so[\w.]{0,20}): cannot open shared object file")


def exit_hint(code: int, tail: Sequence[str]) -> str:
    """Return a hint for a command that failed.

    Args:
        code: Its exit code.
        tail: The last lines of its output.
    """
    return _hint_in(tail) or _HINTS.get(code, _READ_THE_LOG if tail else _SILENT)


def reason_hint(reason: str, tail: Sequence[str]) -> str:
    """Return a hint for a command that ended without an exit code.

    Args:
        reason: The engine's message in place of an exit code.
        tail: The last lines of its output.
    """
    if _NO_MEMORY.search(reason):
        return _HINTS[137]
    cause = explain(reason)
    if remedy_of(cause) is Remedy.NONE:  # the engine's machine is the cause
        return cause.hint
    return _hint_in((reason, *tail)) or (_READ_THE_LOG if tail else "")


def _hint_in(lines: Sequence[str]) -> str:
    """Return a hint for what the lines report, if that is known."""
    if any(map(_FILLED.search, lines)):
        return default_hint(DiskFull)
    if any(map(_OTHER_FORMAT.search, lines)):
        return _OTHER_MACHINE
    libraries = [found[1] for line in lines if (found := _LIBRARY.search(line))]
    if libraries:
        return f"Install `{libraries[-1]}` in an earlier step; the program needs this library."
    return ""
