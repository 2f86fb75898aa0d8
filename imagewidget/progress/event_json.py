"""Conversion of events to JSON values and back, for recordings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from imagewidget.progress.events import Event, RunCancelled

# The names of events in recordings. They stay the same even if a class is renamed.
_NAMES: dict[type[Any], str] = {kind: kind.__name__ for kind in get_args(Event)}
_NAMES[RunCancelled] = "Cancelled"
# Fields of the most frequent event that few engines report; without a value they are left out.
_RARE = ("seconds", "position")
_KINDS = {name: kind for kind, name in _NAMES.items()}


def to_json(event: Event) -> dict[str, Any]:
    """Return an event as JSON values, with its name in recordings under `event`."""
    values = asdict(event)
    rare = [name for name in _RARE if name in values and values[name] is None]
    for name in rare:
        del values[name]
    return {"event": _NAMES[type(event)], **values}


def from_json(values: Mapping[str, Any]) -> Event | None:
    """Read an event that :func:`to_json` wrote.

    Returns:
        The event, or None for a kind this version does not know. Unknown fields
        are ignored, so that newer recordings can be read.

    Raises:
        TypeError: A required field is missing.
        ValueError: The value of a field is not valid.
    """
    kind = _KINDS.get(str(values.get("event")))
    if kind is None:
        return None
    event: Event = _made(kind, values)
    return event


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    known = _hints(kind)
    given = {name: _read(name, known[name], values[name]) for name in known if name in values}
    return kind(**given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(name: str, hint: Any, value: Any) -> Any:
    """Convert a JSON value to the type of an event's field."""
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
    elif get_origin(hint) is tuple:
        if isinstance(value, list):
            return tuple(_read(name, get_args(hint)[0], each) for each in value)
    elif NoneType in get_args(hint):
        [other] = set(get_args(hint)) - {NoneType}
        return None if value is None else _read(name, other, value)
    elif is_dataclass(hint):
        if isinstance(value, Mapping):
            return _made(hint, value)
    elif issubclass(hint, Enum):
        return hint(value)
    elif _is(hint, value):
        return value
    raise ValueError(f"{value!r:.80} is not a valid `{name}`")


def _is(kind: type[Any], value: Any) -> bool:
    """Return whether a number or a str is of type `kind`; an int is a float too."""
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    if kind is float:
        return isinstance(value, (int, float)) and math.isfinite(value)
    return isinstance(value, kind)
