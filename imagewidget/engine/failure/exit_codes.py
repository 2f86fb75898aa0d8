"""Explain a command that failed, from its exit code and last lines, for both builders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imagewidget.engine.failure.diagnosis import diagnose
from imagewidget.engine.failure.errors import Remedy, remedy_of
from imagewidget.engine.failure.messages import explain
from imagewidget.progress.events import Diagnosis

_KILLED = 137
_HINTS = {
    126: "Check the command's permissions and its `#!` line; it exists but cannot be executed.",
    127: "Check the command's spelling, or install it in an earlier step; the image lacks it.",
    137: "Give the engine more memory; the command was killed, probably because memory ran out.",
    139: "Check the program and its libraries; it crashed with a segmentation fault.",
}
_READ_THE_LOG = "See the last lines of its log for the cause."
_SILENT = "Run it as `RUN set -x; …` to see how far it gets; it printed nothing."
_NO_MEMORY = re.compile(r"cannot allocate memory|out of memory", re.IGNORECASE)


@dataclass(frozen=True)
class Explanation:
    """Why a command failed.

    Attributes:
        ending: The end of the sentence about the failure, with its full stop.
        hint: What to do.
        diagnosis: What the log says of the cause; None if that is not known.
    """

    ending: str
    hint: str
    diagnosis: Diagnosis | None = None


def explain_exit(code: int, tail: Sequence[str]) -> Explanation:
    """Explain a command that failed.

    Args:
        code: Its exit code.
        tail: The last lines of its output.
    """
    # What was killed had no time to write why.
    return _explanation(
        None if code == _KILLED else diagnose(tail),
        _HINTS.get(code, _READ_THE_LOG if tail else _SILENT),
    )


def explain_reason(reason: str, tail: Sequence[str]) -> Explanation:
    """Explain a command that ended without an exit code.

    Args:
        reason: The engine's message in place of an exit code.
        tail: The last lines of its output.
    """
    if _NO_MEMORY.search(reason):
        return Explanation(".", _HINTS[_KILLED])
    cause = explain(reason)
    if remedy_of(cause) is Remedy.NONE:  # the engine's machine is the cause
        return Explanation(".", cause.hint)
    return _explanation(diagnose((*tail, reason)), _READ_THE_LOG if tail else "")


def _explanation(found: Diagnosis | None, hint: str) -> Explanation:
    if found is None:
        return Explanation(".", hint)
    return Explanation(f": {found.summary}.", found.advice, found)
