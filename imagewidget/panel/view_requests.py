"""What the browser asks of the kernel, read from JSON values.

The twin is `frontend/src/wire.ts`. Whatever comes from outside and does not fit
is no request: it is passed over, never an error in a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagewidget.panel.wire import VERSION

MOST_LINES = 500
"""How many log lines one answer holds."""


@dataclass(frozen=True)
class Hello:
    """A view is there and knows nothing, or missed a frame."""


@dataclass(frozen=True)
class Follow:
    """Somebody looks at the end of the log, or no longer does."""

    on: bool


@dataclass(frozen=True)
class Cancel:
    """The Cancel button; it means this run only, for a click may come late."""

    run: int


@dataclass(frozen=True)
class Retry:
    """The Retry button; it means this run only."""

    run: int


@dataclass(frozen=True)
class Lines:
    """The log lines `[start, stop)`, please."""

    start: int
    stop: int


@dataclass(frozen=True)
class Find:
    """Which lines from `start` on hold `query`, or belong to a step?

    Attributes:
        id: Chosen by the browser, comes back with the answer.
        query: Text to look for, in any case; empty for every line.
        step: The index of a step, None for all.
        start: The first line to look at.
    """

    id: int
    query: str
    step: int | None
    start: int


@dataclass(frozen=True)
class Download:
    """Part `part` of the whole log; part 0 begins a new download."""

    id: int
    part: int


Request = Hello | Follow | Cancel | Retry | Lines | Find | Download


def read_request(content: Any) -> Request | None:
    """Read a message from the browser.

    Returns:
        The request; None if it is none, or none that this version knows.
    """
    if not isinstance(content, Mapping) or content.get("v") != VERSION:
        return None
    reader = _READERS.get(str(content.get("type")))
    try:
        return reader(content) if reader else None
    except (KeyError, TypeError, ValueError):
        return None


def _read_lines(content: Mapping[str, Any]) -> Lines:
    start = _count(content["start"])
    stop = _count(content["stop"])
    return Lines(start, min(max(start, stop), start + MOST_LINES))


def _read_find(content: Mapping[str, Any]) -> Find:
    step = content.get("step")
    return Find(
        _count(content["id"]),
        str(content.get("query", "")),
        None if step is None else _count(step),
        _count(content.get("start", 0)),
    )


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"not a count: {value!r}")
    return value


_READERS: dict[str, Callable[[Mapping[str, Any]], Request]] = {
    "hello": lambda _: Hello(),
    "follow": lambda content: Follow(bool(content["on"])),
    "cancel": lambda content: Cancel(_count(content["run"])),
    "retry": lambda content: Retry(_count(content["run"])),
    "lines": _read_lines,
    "find": _read_find,
    "download": lambda content: Download(_count(content["id"]), _count(content["part"])),
}
