"""Every event can be written to JSON and read back unchanged."""

import json
from typing import Any, get_args

import pytest

from imagewidget.engine.failure.errors import BuildFailed, DockerError, PullFailed, from_info
from imagewidget.progress.event_json import from_json, to_json
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    CancelRequested,
    CheckingLocal,
    ContextSent,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RetryScheduled,
    RunCancelled,
    SourceLine,
    Started,
    StepChanged,
    StepStatus,
    TransferChanged,
)

TRY = AttemptError("ghcr.io", "ghcr.io/a/b:1", 2, "RegistryUnavailable", "answered 500")
ERROR = ErrorInfo(
    kind="BuildFailed",
    message="RUN x failed",
    hint="look at the log",
    log_tail=("one", "two"),
    step="RUN x",
    exit_code=3,
    dockerfile_line=2,
    source_lines=(SourceLine(2, "RUN x", is_failing=True),),
    attempts=(TRY,),
)
EVENTS: list[Event] = [
    Started("pull", "a/b:1", "Docker Engine 26.1.5"),
    CheckingLocal("a/b:1"),
    AttemptStarted("ghcr.io", "ghcr.io/a/b:1", 1, 3),
    AttemptFailed(TRY),
    RetryScheduled(2.0),
    LayerChanged("0123456789ab", LayerPhase.DOWNLOADING, 10, 100),
    BuildStarted("buildkit"),
    ContextSent(10, 100),
    StepChanged("a", "RUN x", StepStatus.FAILED, "base", 2, 3, 1.0, 2.0, 1.0, "exit code: 3"),
    TransferChanged("a", "b", "layer", 10, 100, is_complete=True),
    LogWritten("text\r\n\x1b[31m€", "a", 2),
    BuildWarned("casing", "detail", "https://example.org", "a", 3),
    Finished(Image("sha256:1", "a/b:1", "sha256:2", 10, "ghcr.io")),
    Failed(ERROR),
    CancelRequested(),
    RunCancelled(),
]


def test_every_event_is_among_them() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_can_be_written_to_json_and_read_back(event: Event) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_the_names_of_events_in_recordings_do_not_change() -> None:
    assert to_json(RunCancelled()) == {"event": "Cancelled"}
    assert from_json({"event": "RunCancelled"}) is None


def test_an_event_of_a_later_version_is_ignored() -> None:
    assert from_json({"event": "Teleported", "to": "moon"}) is None


def test_a_field_of_a_later_version_is_ignored() -> None:
    event = from_json({"event": "RetryScheduled", "delay": 1.0, "mood": "hopeful"})
    assert event == RetryScheduled(1.0)


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (Started("pull", "env:1"), {"operation": "push"}),
        (Started("pull", "env:1"), {"reference": None}),
        (LayerChanged("a", LayerPhase.DONE), {"phase": "molten"}),
        (LayerChanged("a", LayerPhase.DONE), {"current": "5"}),
        (LayerChanged("a", LayerPhase.DONE), {"total": True}),
        (RetryScheduled(1.0), {"delay": float("nan")}),
        (ContextSent(1), {"is_complete": 1}),
        (Finished(Image("sha256:1", "env:1", None, 1, "build")), {"image": "sha256:1"}),
        (Failed(ERROR), {"error": {"kind": "BuildFailed", "message": "x", "log_tail": "one"}}),
        (Failed(ERROR), {"error": {"kind": "BuildFailed", "message": "x", "attempts": [1]}}),
    ],
)
def test_an_invalid_value_is_refused(event: Event, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        from_json({**to_json(event), **change})


def test_a_time_may_be_an_int() -> None:
    assert from_json({"event": "RetryScheduled", "delay": 2}) == RetryScheduled(2.0)


@pytest.mark.parametrize(
    "error",
    [
        BuildFailed("RUN x failed", step="RUN x", exit_code=3, log_tail=("a",)),
        PullFailed("no registry", attempts=(TRY,)),
        *(kind("message", hint="hint") for kind in DockerError.__subclasses__()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_can_be_restored_from_plain_data(error: DockerError) -> None:
    again = from_info(error.info())
    assert type(again) is type(error)
    assert again.info() == error.info()
    assert str(again) == str(error)
