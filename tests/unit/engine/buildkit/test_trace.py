"""BuildKit's trace becomes steps, transfers, logs and warnings."""

import base64
import json
from collections.abc import Iterable
from itertools import pairwise

import pytest

from imagewidget.engine.buildkit.proto.status_pb2 import (
    Position,
    ProgressGroup,
    Range,
    StatusResponse,
    Timestamp,
    Vertex,
    VertexLog,
    VertexStatus,
    VertexWarning,
)
from imagewidget.engine.buildkit.trace import Trace, in_order
from imagewidget.engine.buildkit.vertex import merged
from imagewidget.engine.masking import Masker
from imagewidget.progress.events import (
    BuildWarned,
    Event,
    LogWritten,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from tests.fixtures import STREAMS
from tests.unit.effort import bounded

OLD_FAILURE = (
    'RUN ["/bin/busybox","sh","-c","echo hello; echo oops >&2; exit 3"]',
    3,
    ["hello", "oops"],
)
NEW_FAILURE = ("RUN echo dying; exit 7", 7, ["dying"])
VERSIONS = ("20.10", "26.1", "28.5", "28.5-graphdriver", "29.7", "29.7-graphdriver")


def recorded(name: str) -> Iterable[tuple[float, bytes]]:
    for line in (STREAMS / name).read_text().splitlines():
        seconds, message = json.loads(line)
        if message.get("id") == "moby.buildkit.trace":
            yield seconds, base64.b64decode(message["aux"])


def replayed(name: str) -> list[Event]:
    now = 0.0
    trace = Trace(lambda: now)
    events: list[Event] = []
    for seconds, message in recorded(name):
        now = seconds
        events += trace.read(message)
    return [*events, *trace.finish()]


def at(seconds: float) -> Timestamp:
    whole = int(seconds)
    return Timestamp(seconds=whole, nanos=round((seconds - whole) * 1e9))


def vertex(name: str = "[2/3] RUN x", digest: str = "sha256:a", **fields: object) -> Vertex:
    times = {key: at(value) for key, value in fields.items() if key in ("started", "completed")}  # type: ignore[arg-type]
    if "error" in fields:
        fields["error"] = str(fields["error"]).encode()
    return Vertex(digest=digest, name=name.encode(), **{**fields, **times})  # type: ignore[arg-type]


def events_of(
    *messages: StatusResponse, clock: float = 0.0, masker: Masker | None = None
) -> list[Event]:
    trace = Trace(lambda: clock, masker)
    events: list[Event] = []
    for message in messages:
        events += trace.read(message.SerializeToString())
    return [*events, *trace.finish()]


def steps(events: Iterable[Event]) -> list[StepChanged]:
    return [event for event in events if isinstance(event, StepChanged)]


def text(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, LogWritten))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_build_ends_with_every_step_done(version: str) -> None:
    last = {step.id: step for step in steps(replayed(f"build-buildkit-{version}.jsonl"))}
    assert {step.status for step in last.values()} <= {StepStatus.DONE, StepStatus.CACHED}
    runs = (step for step in last.values() if step.name.startswith("RUN "))
    run = next(step for step in runs if step.stage in {"stage-0", "a"})
    assert (run.number, run.count) == (2, 2)
    assert run.duration is not None
    assert 0.6 < run.duration < 10


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_failure_names_its_step(version: str) -> None:
    events = replayed(f"build-buildkit-{version}-failed.jsonl")
    failed = [step for step in steps(events) if step.status is StepStatus.FAILED]
    is_old = version in ("20.10", "26.1")
    name, code, words = OLD_FAILURE if is_old else NEW_FAILURE
    assert [step.name for step in failed] == [name]
    assert failed[0].error is not None
    assert failed[0].error.endswith(f"exit code: {code}")
    lines = [e for e in events if isinstance(e, LogWritten) and e.step == failed[0].id]
    # Two streams: which comes first was the engine's choice.
    assert sorted(text(lines).split()) == words


@pytest.mark.parametrize("version", VERSIONS[2:])
@pytest.mark.parametrize("end", ["", "-failed"])
def test_the_warnings_of_a_recorded_build_are_reported(version: str, end: str) -> None:
    events = replayed(f"build-buildkit-{version}{end}.jsonl")
    found = [event.message.partition(":")[0] for event in events if isinstance(event, BuildWarned)]
    assert found == ["FromAsCasing", "WorkdirRelativePath", "JSONArgsRecommended"]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_step_starts_again_after_it_has_ended(version: str) -> None:
    over: set[str] = set()
    for step in steps(replayed(f"build-buildkit-{version}.jsonl")):
        assert step.id not in over or step.status.is_final
        # Newer engines look a source up, in no time, before they load it.
        if step.status.is_final and step.duration != pytest.approx(0, abs=0.001):
            over.add(step.id)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("[builder  3/12] RUN make", ("builder", 3, 12, "RUN make")),
        ("[2/3] COPY . /", ("", 2, 3, "COPY . /")),
        ("[ 2/12] COPY . /", ("", 2, 12, "COPY . /")),
        (f"[1/{'9' * 5_000}] RUN x", ("", None, None, f"[1/{'9' * 5_000}] RUN x")),
        ("[linux/amd64 stage-1 2/4] RUN x", ("linux/amd64 stage-1", 2, 4, "RUN x")),
        ("[internal] load .dockerignore", ("", None, None, "[internal] load .dockerignore")),
        ("exporting to image", ("", None, None, "exporting to image")),
    ],
)
def test_a_step_name_is_parsed(name: str, parts: tuple[str, int | None, int | None, str]) -> None:
    (step,) = steps(events_of(StatusResponse(vertexes=[vertex(name)])))
    assert (step.stage, step.number, step.count, step.name) == parts


def test_steps_come_in_the_order_in_which_they_run() -> None:
    """Newer engines announce the last step first."""
    events = events_of(
        StatusResponse(
            vertexes=[
                vertex("[3/3] RUN b", "c", inputs=["b"]),
                vertex("[2/3] RUN a", "b", inputs=["a", "elsewhere"]),
                vertex("[1/3] FROM x", "a"),
                vertex("[internal] load build context", "d"),
            ]
        )
    )
    assert [step.name for step in steps(events)] == [
        "FROM x",
        "RUN a",
        "RUN b",
        "[internal] load build context",
    ]


def test_vertices_in_a_cycle_come_once() -> None:
    vertexes = [vertex("one", "a", inputs=["b"]), vertex("two", "b", inputs=["a"])]
    assert sorted(in_order(vertexes)) == ["a", "b"]


def test_ordering_takes_time_in_proportion_to_the_vertices() -> None:
    names = [str(number) for number in range(10_000)]
    chain = [vertex("x", name, inputs=[after]) for name, after in pairwise(names)]
    with bounded(30):
        assert in_order(chain) == names[-2::-1]


@pytest.mark.parametrize("name", ["[" + "a " * 20_000, "[a" + " " * 20_000])
def test_parsing_a_name_takes_time_in_proportion_to_it(name: str) -> None:
    with bounded(30):
        assert steps(events_of(StatusResponse(vertexes=[vertex(name)])))[0].name == name


def test_a_step_goes_through_its_states() -> None:
    events = events_of(
        StatusResponse(vertexes=[vertex()]),
        StatusResponse(vertexes=[vertex(started=100)]),
        StatusResponse(vertexes=[vertex(started=100, completed=103.5)]),
    )
    assert [step.status for step in steps(events)] == [
        StepStatus.PENDING,
        StepStatus.RUNNING,
        StepStatus.DONE,
    ]
    assert steps(events)[-1].duration == pytest.approx(3.5)


def test_the_duration_of_two_runs_excludes_the_pause() -> None:
    events = events_of(
        StatusResponse(vertexes=[vertex(started=100, completed=101)]),
        StatusResponse(vertexes=[vertex(started=105, completed=107)]),
    )
    assert steps(events)[-1].duration == pytest.approx(3)


@pytest.mark.parametrize(("start", "end"), [(2, 5), (5, 5.00001)])
def test_an_end_lost_by_the_engine_does_not_leave_a_step_running(start: float, end: float) -> None:
    """Seen on Docker 20.10: the next run began before the end of the first had been sent."""
    events = events_of(
        StatusResponse(vertexes=[vertex(started=1)]),
        StatusResponse(vertexes=[vertex(started=start)]),
        StatusResponse(vertexes=[vertex(started=start, completed=end)]),
    )
    assert steps(events)[-1].status is StepStatus.DONE


def test_a_run_that_has_ended_does_not_resume() -> None:
    ended = StatusResponse(vertexes=[vertex(started=1, completed=3)])
    late = StatusResponse(vertexes=[vertex(started=1)])
    assert [step.status for step in steps(events_of(ended, late))] == [StepStatus.DONE]


def test_overlapping_runs_are_merged() -> None:
    assert merged([(5, 7), (1, 3), (2, 4)]) == [(1, 4), (5, 7)]
    assert merged([(1, None), (2, 3)]) == [(1, None)]


def test_a_cache_lookup_is_not_reported_as_an_end() -> None:
    looked_up = vertex(started=100, completed=100.0002)
    events = events_of(
        StatusResponse(vertexes=[looked_up]),
        StatusResponse(vertexes=[vertex(started=100.001)]),
        StatusResponse(vertexes=[vertex(started=100.001, completed=102)]),
    )
    assert [step.status for step in steps(events)] == [StepStatus.RUNNING, StepStatus.DONE]


def test_a_very_short_step_is_reported_at_the_end() -> None:
    events = events_of(StatusResponse(vertexes=[vertex(started=100, completed=100.0002)]))
    assert [step.status for step in steps(events)] == [StepStatus.DONE]


def test_a_cached_step_is_cached() -> None:
    (step,) = steps(
        events_of(StatusResponse(vertexes=[vertex(started=1, completed=1, cached=True)]))
    )
    assert step.status is StepStatus.CACHED


def test_a_step_stopped_by_the_failure_of_another_is_cancelled() -> None:
    stopped = vertex(started=1, completed=2, error="process did not complete: context canceled")
    (step,) = steps(events_of(StatusResponse(vertexes=[stopped])))
    assert step.status is StepStatus.CANCELLED


def test_a_repeated_announcement_does_not_reset_a_step() -> None:
    events = events_of(
        StatusResponse(vertexes=[vertex(started=100, completed=103)]),
        StatusResponse(vertexes=[vertex()]),
    )
    assert [step.status for step in steps(events)] == [StepStatus.DONE]


def test_a_group_is_one_step() -> None:
    group = ProgressGroup(id="copy", name=b"[2/2] COPY --link a b /")
    one = vertex("internal 1", "sha256:1", started=10, completed=11, progressGroup=group)
    two = vertex("internal 2", "sha256:2", progressGroup=group)
    begun = events_of(StatusResponse(vertexes=[one, two]))
    assert [(step.id, step.status) for step in steps(begun)] == [("copy", StepStatus.RUNNING)]
    two = vertex("internal 2", "sha256:2", started=11, completed=13, progressGroup=group)
    log = VertexLog(vertex="sha256:2", stream=1, msg=b"linked\n")
    ended = events_of(StatusResponse(vertexes=[one, two], logs=[log]))
    assert steps(ended)[-1].duration == pytest.approx(3)
    assert [event.step for event in ended if isinstance(event, LogWritten)] == ["copy"]


def test_the_engines_clock_may_differ() -> None:
    """If the engine's clock is an hour ahead, times are still on the job's clock."""
    now = 7.0
    trace = Trace(lambda: now)
    begun = list(trace.read(StatusResponse(vertexes=[vertex(started=3600)]).SerializeToString()))
    now = 9.5
    ended = list(
        trace.read(
            StatusResponse(vertexes=[vertex(started=3600, completed=3602)]).SerializeToString()
        )
    )
    assert steps(begun)[0].started == pytest.approx(7.0)
    assert steps(ended)[0].completed == pytest.approx(9.0)


def test_a_transfer_belongs_to_its_step() -> None:
    status = VertexStatus(
        ID=b"transferring context:",
        vertex="sha256:a",
        name=b"transferring",
        current=2_000,
        total=5_000,
        started=at(1),
    )
    events = events_of(StatusResponse(vertexes=[vertex(started=1)], statuses=[status]))
    assert [event for event in events if isinstance(event, TransferChanged)] == [
        TransferChanged("sha256:a", "transferring context:", "transferring context", 2_000, 5_000)
    ]


def test_a_string_that_is_not_utf8_does_not_lose_the_rest() -> None:
    step = Vertex(digest="sha256:a", name=b"[1/1] RUN \xff", started=at(1), completed=at(2))
    step.error = b"\xfe failed"
    logs = [VertexLog(vertex="sha256:a", stream=1, msg=b"said\n")]
    warnings = [VertexWarning(vertex="sha256:a", short=b"w", url=b"https://\xff")]
    events = events_of(StatusResponse(vertexes=[step], logs=logs, warnings=warnings))
    assert LogWritten("said\n", "sha256:a", 1) in events
    assert [(one.name, one.error) for one in steps(events)] == [("RUN \ufffd", "\ufffd failed")]
    assert [one.url for one in events if isinstance(one, BuildWarned)] == ["https://\ufffd"]


def test_a_character_is_never_split() -> None:
    halves = "é\n".encode()
    logs = [
        StatusResponse(logs=[VertexLog(vertex="sha256:a", stream=1, msg=halves[:1])]),
        StatusResponse(logs=[VertexLog(vertex="sha256:a", stream=2, msg=b"between\n")]),
        StatusResponse(logs=[VertexLog(vertex="sha256:a", stream=1, msg=halves[1:])]),
    ]
    events = events_of(*logs)
    assert [(e.text, e.stream) for e in events if isinstance(e, LogWritten)] == [
        ("between\n", 2),
        ("é\n", 1),
    ]


def test_half_a_character_at_the_end_is_replaced() -> None:
    log = VertexLog(vertex="sha256:a", stream=1, msg=b"ab\xc3")
    assert text(events_of(StatusResponse(logs=[log]))) == "ab\ufffd"


def test_consecutive_pieces_of_one_stream_make_one_event_in_order() -> None:
    logs = [
        VertexLog(vertex="sha256:a", stream=1, msg=b"1\n"),
        VertexLog(vertex="sha256:a", stream=1, msg=b"2\n"),
        VertexLog(vertex="sha256:b", stream=1, msg=b"other\n"),
        VertexLog(vertex="sha256:a", stream=1, msg=b"3\n"),
    ]
    events = events_of(StatusResponse(logs=logs))
    assert [event.text for event in events if isinstance(event, LogWritten)] == [
        "1\n2\n",
        "other\n",
        "3\n",
    ]


def test_the_log_of_a_step_comes_before_its_end() -> None:
    message = StatusResponse(
        vertexes=[vertex(started=1, completed=2)],
        logs=[VertexLog(vertex="sha256:a", stream=1, msg=b"last words\n")],
    )
    assert [type(event) for event in events_of(message)] == [LogWritten, StepChanged]


def test_a_secret_is_masked_in_names_errors_and_across_pieces_of_log() -> None:
    failed = vertex("[1/1] RUN login hunter22", started=1, completed=2, error="hunter22 refused")
    events = events_of(
        StatusResponse(logs=[VertexLog(vertex="sha256:a", stream=1, msg=b"pass hunt")]),
        StatusResponse(logs=[VertexLog(vertex="sha256:a", stream=1, msg=b"er22 ok\n")]),
        StatusResponse(vertexes=[failed]),
        masker=Masker(["hunter22"]),
    )
    (step,) = steps(events)
    assert (step.name, step.error) == ("RUN login ***", "*** refused")
    assert text(events) == "pass *** ok\n"


def test_a_warning_has_its_line_and_url() -> None:
    warning = VertexWarning(
        vertex="sha256:a",
        short=b"Empty continuation line",
        detail=[b"one", b"two"],
        url=b"https://docs.docker.com/go/dockerfile/rule/",
        ranges=[Range(start=Position(line=4), end=Position(line=4))],
    )
    events = events_of(StatusResponse(vertexes=[vertex()], warnings=[warning]))
    assert events[-1] == BuildWarned(
        "Empty continuation line",
        "one\ntwo",
        "https://docs.docker.com/go/dockerfile/rule/",
        "sha256:a",
        4,
    )


def test_the_tail_of_a_step_is_bounded() -> None:
    trace = Trace(lambda: 0.0)
    for number in range(2_000):
        log = VertexLog(vertex="sha256:a", stream=1, msg=b"%06d of a long log\n" % number)
        list(trace.read(StatusResponse(logs=[log]).SerializeToString()))
    assert trace.tail("sha256:a", 2) == ("001998 of a long log", "001999 of a long log")
    assert len(trace.tail("sha256:a", 10_000)) < 1_000
