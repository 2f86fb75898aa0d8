"""The messages between kernel and browser; `frontend/test/wire.test.ts` shares the fixtures."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from imagewidget.panel import view_requests, wire
from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    Diagnosis,
    ErrorInfo,
    Image,
    LayerPhase,
    SourceLine,
    StepStatus,
)
from imagewidget.progress.spool import LogLine
from imagewidget.progress.state import (
    Attempt,
    LayerState,
    Phase,
    State,
    StepState,
    TransferState,
)
from tests.fixtures import FIXTURES

WIRE = FIXTURES / "wire"
IMAGE = Image("sha256:" + "ab" * 32, "owner/env:1", "sha256:" + "cd" * 32, 1234, "ghcr.io")
FAILED_TRY = AttemptError("ghcr.io", "ghcr.io/owner/env:1", 1, "RegistryUnavailable", "500")

PULLING = State(
    reference="owner/env:1",
    engine="Docker Engine 26.1.5",
    source="ghcr.io",
    phase=Phase.PULLING,
    fraction=0.123456,
    bytes_done=100,
    bytes_total=1000,
    speed=1_234_567.8,
    eta=7.25,
    elapsed=1.26,
    attempts=(Attempt("ghcr.io", "ghcr.io/owner/env:1", 1, 3),),
    layers=(
        LayerState("0123456789ab", LayerPhase.CACHED),
        LayerState("ba9876543210", LayerPhase.DOWNLOADING, 100, 1000, speed=999.5),
    ),
)
RETRYING = replace(
    PULLING,
    phase=Phase.RETRYING,
    retry_in=1.96,
    speed=None,
    eta=None,
    attempts=(Attempt("ghcr.io", "ghcr.io/owner/env:1", 1, 3, FAILED_TRY),),
    layers=(PULLING.layers[0], replace(PULLING.layers[1], current=400, speed=None)),
)
DONE = replace(
    PULLING, phase=Phase.DONE, fraction=1.0, speed=None, eta=None, image=IMAGE, layers=()
)
STEP = StepState(
    "sha256:" + "01" * 32,
    "RUN pip install <script>",
    StepStatus.RUNNING,
    stage="base",
    number=3,
    count=7,
    started=1.04,
    duration=0.55,
    transfers=(TransferState("t0", "sha256:00", 5, 10, is_complete=False, in_bytes=True),),
)
BUILDING = State(
    operation="build", phase=Phase.BUILDING, builder="buildkit", steps=(STEP,), log_length=2
)
FAILED = replace(
    BUILDING,
    phase=Phase.FAILED,
    steps=(
        replace(
            STEP,
            status=StepStatus.FAILED,
            error="exit code: 1",
            warnings=1,
            transfers=(replace(STEP.transfers[0], current=10, is_complete=True),),
        ),
    ),
    warnings=(BuildWarned("Careful", step=STEP.id, dockerfile_line=2),),
    error=ErrorInfo(
        "BuildFailed",
        "It failed.",
        "Fix it.",
        log_tail=("last \x1b[31mline\x1b[0m",),
        step=STEP.name,
        exit_code=1,
        dockerfile_line=2,
        source_lines=(SourceLine(2, "RUN pip", is_failing=True),),
        attempts=(FAILED_TRY,),
        diagnosis=Diagnosis("no-command", "no command", "Install it.", "sh: x: not found"),
    ),
)
STORIES = {
    "pull": (PULLING, RETRYING, PULLING, DONE),
    "build": (BUILDING, FAILED),
}


def fixture(name: str) -> Any:
    return json.loads((WIRE / f"{name}.json").read_text())


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("name", STORIES)
def test_the_frames_of_a_story_equal_the_fixture(name: str) -> None:
    states: tuple[State | None, ...] = (None, *STORIES[name])
    frames = [
        as_json(wire.changes(before, after))
        for before, after in pairwise(states)
        if after is not None
    ]
    assert frames == [frame["changes"] for frame in fixture(name)]


@pytest.mark.parametrize("name", STORIES)
def test_a_snapshot_equals_all_frames_so_far_together(name: str) -> None:
    for frame, state in zip(fixture(name), STORIES[name], strict=True):
        assert as_json(wire.changes(None, state)) == frame["snapshot"]


def test_the_requests_of_the_fixture_are_read() -> None:
    for case in fixture("requests"):
        request = view_requests.read_request(case["message"])
        read = None if request is None else type(request).__name__
        assert read == case["read_as"], case
        for name, value in case.get("fields", {}).items():
            assert getattr(request, name) == value, case


@pytest.mark.parametrize("content", [None, 3, "cancel", [], {"v": 1}, {"v": 1, "type": None}])
def test_an_invalid_request_is_ignored(content: Any) -> None:
    assert view_requests.read_request(content) is None


def test_lines_leave_out_defaults() -> None:
    lines = [
        wire.line(LogLine(7, "plain"), -1),
        wire.line(LogLine(8, "of a step", "s"), 3),
        wire.line(LogLine(9, "on stderr", None, 2), -1),
    ]
    assert lines == fixture("lines")["lines"]


def test_a_very_long_line_is_cut_and_ends_with_the_number_of_missing_characters() -> None:
    _, text = wire.line(LogLine(0, "x" * 5_000), -1)
    assert text.startswith("x" * wire.LONGEST_LINE)
    assert text.endswith("… (+3000 characters)")


@pytest.mark.parametrize(
    ("speed", "sent"), [(None, None), (0.0, 0), (0.4, 0), (999.4, 999), (1_234_567.8, 1_230_000)]
)
def test_speeds_keep_three_digits(speed: float | None, sent: int | None) -> None:
    assert wire.significant(speed) == sent


def test_a_state_in_which_only_time_passed_is_recognised() -> None:
    older = replace(PULLING, elapsed=2.0, eta=6.0)
    assert wire.only_time_passed(wire.changes(PULLING, older))
    assert not wire.only_time_passed(wire.changes(PULLING, replace(older, bytes_done=101)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (replace(PULLING, stalled_for=9.0), replace(PULLING, stalled_for=9.1, elapsed=2.0)),
        (RETRYING, replace(RETRYING, retry_in=1.8)),
        (BUILDING, replace(BUILDING, steps=(replace(STEP, duration=0.7),), elapsed=2.0)),
    ],
    ids=["stalled", "retrying", "a silent step"],
)
def test_a_clock_that_moves_counts_as_time_passed(before: State, after: State) -> None:
    changes = wire.changes(before, after)
    assert changes
    assert wire.only_time_passed(changes)


def test_a_step_that_ends_or_transfers_bytes_counts_as_a_change() -> None:
    moved = replace(STEP, duration=0.7, transfers=(replace(STEP.transfers[0], current=6),))
    ended = replace(STEP, duration=0.7, status=StepStatus.DONE)
    for step in (moved, ended):
        assert not wire.only_time_passed(wire.changes(BUILDING, replace(BUILDING, steps=(step,))))


def test_digests_that_identify_steps_are_shortened_and_other_ids_are_not() -> None:
    assert wire.short_id("sha256:" + "0123456789abcdef" * 4) == "0123456789ab"
    assert wire.short_id("extracting sha256:" + "ab" * 32) == "extracting sha256:" + "ab" * 32
