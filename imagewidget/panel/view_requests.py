"""The browser's requests to the kernel, read from JSON values.

The twin is `frontend/src/wire.ts`. A message that is not a valid request is ignored:
it must not raise in a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagewidget.panel import modules
from imagewidget.panel.wire import VERSION

MOST_LINES = 500
"""The most log lines in one answer."""


@dataclass(frozen=True)
class Hello:
    """A view has appeared and knows nothing, or it missed a frame."""


@dataclass(frozen=True)
class Follow:
    """A view shows the end of the log, or no longer does."""

    on: bool


@dataclass(frozen=True)
class Cancel:
    """A click on Cancel. It applies only to `run`, because a click may arrive late."""

    run: int


@dataclass(frozen=True)
class Retry:
    """A click on Retry. It applies only to `run`."""

    run: int


@dataclass(frozen=True)
class Lines:
    """A request for the log lines `[start, stop)`."""

    start: int
    stop: int


@dataclass(frozen=True)
class Find:
    """A search for the lines from `start` on that contain `query` and belong to a step.

    Attributes:
        id: Chosen by the browser, and repeated in the answer.
        query: The text to find, ignoring case; empty for every line.
        step: The index of a step; None for all.
        start: The first line to search.
    """

    id: int
    query: str
    step: int | None
    start: int


@dataclass(frozen=True)
class Download:
    """A request for one part of the whole log; part 0 starts a new download."""

    id: int
    part: int


@dataclass(frozen=True)
class Module:
    """A request for a module of the front end, which the page does not have yet."""

    name: str


Request = Hello | Follow | Cancel | Retry | Lines | Find | Download | Module


def read_request(content: Any) -> Request | None:
    """Read a message from the browser.

    Returns:
        The request; None if it is not valid, or of a kind this version does not know.
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


def _read_module(content: Mapping[str, Any]) -> Module:
    name = content["name"]
    if name not in modules.NAMES:
        raise ValueError(f"{name!r} is not a module")
    return Module(name)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a valid count")
    return value


_READERS: dict[str, Callable[[Mapping[str, Any]], Request]] = {
    "hello": lambda _: Hello(),
    "follow": lambda content: Follow(bool(content["on"])),
    "cancel": lambda content: Cancel(_count(content["run"])),
    "retry": lambda content: Retry(_count(content["run"])),
    "lines": _read_lines,
    "find": _read_find,
    "download": lambda content: Download(_count(content["id"]), _count(content["part"])),
    "module": _read_module,
}
