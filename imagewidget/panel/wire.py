"""The messages between kernel and browser, as JSON values.

The twin of this file is `frontend/src/wire.ts`; `tests/fixtures/wire/` has
messages with which both are tested. Every message is an object with `v`, the
version of this protocol, and `type`.

From the kernel:

`snapshot`, `frame`
    What changed since the previous frame; a snapshot is a frame that follows an
    empty :class:`~imagewidget.progress.state.State`. `run` counts the runs of the
    job and `seq` the frames of a run: a browser that misses one requests a
    snapshot. `set` has the plain fields of the state; `layers` and `steps` (and
    `transfers` in a step) are lists of `[index, {field: value}]`, with their new
    length in a separate field if it changed. Field names are those of the state;
    the digests that identify steps are shortened.
    `lines` are log lines `[number, text, step index or -1, stream]`, without
    defaults at the end; `open` is the line that is not finished yet.
`lines`
    The log lines that were requested, except for those that were dropped.
`found`
    The numbers of the lines that match a query or belong to a step.
`download`
    One part of the whole log, gzipped, as the message's only buffer.
`module`
    The source of a module of the front end, as the message's only buffer. It has no `run`.

From the browser: see :mod:`imagewidget.panel.view_requests`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

from imagewidget.progress.events import BuildWarned, LayerPhase, StepStatus
from imagewidget.progress.spool import LogLine
from imagewidget.progress.state import LayerState, State, StepState, TransferState
from imagewidget.progress.text.sgr import head

VERSION = 1

Message = dict[str, Any]
Fields = dict[str, Any]
Line = list[Any]

LONGEST_LINE = 2_000
"""Characters of a log line that are sent; the download has all of them."""

_DIGEST = "sha256:"
_DIGEST_LENGTH = 12

_EMPTY = State()
_LISTS = ("layers", "steps")
_CLOCKS = {"elapsed", "eta", "retry_in", "stalled_for"}
_SCALARS = tuple(field.name for field in fields(State) if field.name not in _LISTS)

Item = TypeVar("Item")
Encode = Callable[[Item], Fields]
Row = tuple[int, Fields]


def changes(before: State | None, after: State) -> Message:
    """Return the part of a frame that describes how `after` differs from `before`.

    Args:
        before: The state that the browser has; None for none.
        after: The state that it will have.

    Returns:
        `set`, `layers`, `layer_count`, `steps` and `step_count`, each only if
        it has changes.
    """
    old = before or _EMPTY
    body: Message = {}
    plain = {
        name: value
        for name in _SCALARS
        if (value := _scalar(name, getattr(after, name))) != _scalar(name, getattr(old, name))
    }
    if plain:
        body["set"] = plain
    layers = _rows(old.layers, after.layers, _layer, _EMPTY_LAYER)
    if layers:
        body["layers"] = layers
    if len(old.layers) != len(after.layers):
        body["layer_count"] = len(after.layers)
    steps = _step_rows(old.steps, after.steps)
    if steps:
        body["steps"] = steps
    if len(old.steps) != len(after.steps):
        body["step_count"] = len(after.steps)
    return body


def only_time_passed(body: Message) -> bool:
    """Return whether nothing in a frame has changed but clocks."""
    rows = body.get("steps", ())
    return (
        set(body) <= {"set", "steps"}
        and set(body.get("set", ())) <= _CLOCKS
        and all(set(changed) == {"duration"} for _, changed in rows)
    )


def line(entry: LogLine, step_index: int) -> Line:
    """Return a log line as it is sent."""
    text = entry.text
    if len(text) > LONGEST_LINE:
        text = f"{head(text, LONGEST_LINE)} … (+{len(text) - LONGEST_LINE} characters)"
    if entry.stream != 1:
        return [entry.number, text, step_index, entry.stream]
    return [entry.number, text, step_index] if step_index >= 0 else [entry.number, text]


def size(content: Any) -> int:
    """Return the size in bytes of a message, or of a part of one, as Jupyter encodes it."""
    return len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))


def short_id(name: str) -> str:
    """Shorten the digest that identifies a step; enough is left to distinguish steps."""
    digest = name.removeprefix(_DIGEST)
    return name if digest == name else digest[:_DIGEST_LENGTH]


def significant(value: float | None) -> int | None:
    """Round a speed to three digits: more would be noise and cost bytes."""
    return None if value is None else int(float(f"{value:.3g}"))


def _scalar(name: str, value: Any) -> Any:
    encode = _ENCODERS.get(name)
    return value if encode is None or value is None else encode(value)


def _tenth(seconds: float) -> float:
    return round(seconds, 1)


def _dicts(items: Sequence[Any]) -> list[Fields]:
    return [asdict(item) for item in items]


def _warnings(warnings: Sequence[BuildWarned]) -> list[Fields]:
    return [{**asdict(one), "step": one.step and short_id(one.step)} for one in warnings]


_ENCODERS: dict[str, Callable[[Any], Any]] = {
    "phase": lambda phase: phase.value,
    "fraction": lambda fraction: round(fraction, 4),
    "speed": significant,
    "eta": _tenth,
    "elapsed": _tenth,
    "retry_in": _tenth,
    "stalled_for": _tenth,
    "attempts": _dicts,
    "warnings": _warnings,
    "image": asdict,
    "error": asdict,
}


def _layer(layer: LayerState) -> Fields:
    values = vars(layer).copy()  # the fastest way, for up to 64 layers nine times a second
    values["phase"] = layer.phase.value
    values["speed"] = significant(layer.speed)
    return values


def _transfer(transfer: TransferState) -> Fields:
    values = vars(transfer).copy()
    values["id"] = short_id(transfer.id)
    return values


def _step(step: StepState) -> Fields:
    """Return a step without its transfers, of which a frame has only the changes."""
    values = vars(step).copy()
    del values["transfers"]
    values["id"] = short_id(step.id)
    values["status"] = step.status.value
    for name in ("started", "duration"):
        if values[name] is not None:
            values[name] = _tenth(values[name])
    return values


# The browser's initial values of a new item: `emptyLayer` and the like in `wire.ts`.
_EMPTY_LAYER = _layer(LayerState("", LayerPhase.QUEUED))
_EMPTY_TRANSFER = _transfer(TransferState("", "", 0, None, is_complete=False, in_bytes=True))
_EMPTY_STEP = _step(StepState("", "", StepStatus.PENDING))


def _rows(
    old: Sequence[Item], new: Sequence[Item], encode: Encode[Item], empty: Fields
) -> list[Row]:
    found: list[Row] = []
    for index, item in enumerate(new):
        known = old[index] if index < len(old) else None
        if item is known:
            continue
        base = empty if known is None else encode(known)
        changed = _changed(base, encode(item))
        if changed:
            found.append((index, changed))
    return found


def _step_rows(old: Sequence[StepState], new: Sequence[StepState]) -> list[Row]:
    found = dict(_rows(old, new, _step, _EMPTY_STEP))
    for index, step in enumerate(new):
        before = old[index].transfers if index < len(old) else ()
        if step.transfers is before:
            continue
        rows = _rows(before, step.transfers, _transfer, _EMPTY_TRANSFER)
        extra: Fields = {"transfers": rows} if rows else {}
        if len(before) != len(step.transfers):
            extra["transfer_count"] = len(step.transfers)
        if extra:
            found[index] = {**found.get(index, {}), **extra}
    return sorted(found.items())


def _changed(before: Fields, after: Fields) -> Fields:
    return {name: value for name, value in after.items() if value != before[name]}
