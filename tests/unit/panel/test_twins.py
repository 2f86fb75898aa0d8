"""`wire.ts` and Python agree on the messages: fields, values, and initial values."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from imagewidget.panel import view_requests, wire
from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    ErrorInfo,
    Image,
    LayerPhase,
    SourceLine,
    StepStatus,
)
from imagewidget.progress.state import (
    Attempt,
    LayerState,
    Phase,
    State,
    StepState,
    TransferState,
)
from tests.unit.panel.peer import FakeJob, Wire

TWIN = Path(wire.__file__).parent / "frontend" / "src" / "wire.ts"
SOURCE = re.sub(r"//.*|/\*.*?\*/", "", TWIN.read_text(encoding="utf-8"))


def names(body: str) -> set[str]:
    """Return the fields of an interface, or of one line of a union."""
    return set(re.findall(r"(\w+)\??:", re.sub(r"\[.*?\]", "", body)))


def interface(name: str) -> set[str]:
    found = re.search(rf"export interface {name} (?:extends (\w+) )?{{(.*?)\n}}", SOURCE, re.DOTALL)
    assert found, f"wire.ts has no interface {name}"
    inherited, body = found.groups()
    return names(body) | (interface(inherited) if inherited else set())


def union(name: str) -> str:
    found = re.search(rf"export type {name} =(.*?;)\n\n", SOURCE, re.DOTALL)
    assert found, f"wire.ts has no type {name}"
    return found[1]


def empty(name: str) -> dict[str, Any]:
    """Return what the function `name` of `wire.ts` returns: literals only."""
    found = re.search(rf"{name} ?[=(].*?{{\n(?:  return {{\n)?(.*?)\n *}}", SOURCE, re.DOTALL)
    assert found, f"wire.ts has no function {name}"
    values = re.findall(r"(\w+): (.+),", found[1])
    return {field: json.loads(value) for field, value in values}


@pytest.mark.parametrize(
    ("name", "value"), [("VERSION", wire.VERSION), ("MOST_LINES", view_requests.MOST_LINES)]
)
def test_the_twins_have_the_same_constants(name: str, value: int) -> None:
    found = re.search(rf"const {name} = ([\d_]+);", SOURCE)
    assert found, f"wire.ts has no {name}"
    assert int(found[1]) == value


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Layer", LayerState),
        ("Transfer", TransferState),
        ("Step", StepState),
        ("AttemptError", AttemptError),
        ("Attempt", Attempt),
        ("Warning", BuildWarned),
        ("Image", Image),
        ("SourceLine", SourceLine),
        ("ErrorInfo", ErrorInfo),
        ("State", State),
    ],
)
def test_the_twins_have_the_same_fields(name: str, twin: type[Any]) -> None:
    assert interface(name) == {field.name for field in fields(twin)}


@pytest.mark.parametrize("twin", [Phase, LayerPhase, StepStatus])
def test_the_twins_have_the_same_enum_values(twin: type[Enum]) -> None:
    words = re.findall(r'"(\w+)"', union(twin.__name__))
    assert words == [word.value for word in twin]


def test_the_twins_have_the_same_requests() -> None:
    members = re.findall(r'{ type: "(\w+)"(.*?)}', union("Request"))
    requests = {kind: names(body) for kind, body in members}
    assert requests == {
        request.__name__.lower(): {field.name for field in fields(request)}
        for request in get_args(view_requests.Request)
    }


def test_the_twins_have_the_same_initial_values() -> None:
    assert empty("emptyLayer") == wire._EMPTY_LAYER
    assert empty("emptyTransfer") == wire._EMPTY_TRANSFER
    assert empty("emptyStep") == {**wire._EMPTY_STEP, "transfers": []}
    scalars = {name: wire._scalar(name, getattr(State(), name)) for name in wire._SCALARS}
    assert empty("emptyState") == json.loads(json.dumps({**scalars, "layers": [], "steps": []}))


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("LinesAnswer", {"type": "lines", "start": 0, "stop": 1}),
        ("FoundAnswer", {"type": "find", "id": 1, "query": "", "step": None, "start": 0}),
        ("DownloadAnswer", {"type": "download", "id": 1, "part": 0}),
    ],
)
def test_an_answer_has_the_fields_that_the_browser_expects(
    wire: Wire, job: FakeJob, name: str, request_: dict[str, Any]
) -> None:
    wire.open(job)
    assert set(wire.ask(**request_)) == interface(name)


def test_a_frame_has_the_fields_that_the_browser_expects() -> None:
    layer = LayerState("ab", LayerPhase.DOWNLOADING)
    step = StepState("sha256:one", "RUN one", StepStatus.RUNNING)
    body = wire.changes(None, State(phase=Phase.DONE, layers=(layer,), steps=(step,)))
    assert {"v", "type", "run", "seq", *body, "lines", "open"} == interface("Frame")
