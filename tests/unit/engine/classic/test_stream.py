"""Events from the messages of classic builders, recorded from real ones."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from imagewidget.engine.classic.stream import ClassicStream
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import (
    BuildFailed,
    DiskFull,
    default_hint,
)
from imagewidget.engine.failure.log_tail import TAIL_LINES
from imagewidget.progress.events import (
    BuildWarned,
    Event,
    LogWritten,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from tests.fixtures import STREAMS

BUILDERS = ("20.10", "26.1", "podman-4.3")

BUILT = r"""ARG REG=127.82.0.1:5000
FROM ${REG}/rig/one:1 AS base
ARG UNUSED
RUN echo out; echo err >&2; \
    # a comment inside
    sleep 0.3; printf 'a\rb\n'
FROM base AS final
ENV A=1 \
    # another
    B=2
COPY hello.txt /hello.txt
RUN cat /hello.txt
CMD ["sh"]
"""
CACHED = BUILT.replace("COPY hello.txt /hello.txt\n", "").replace("RUN cat /hello.txt\n", "")
FAILED = r"""FROM 127.82.0.1:5000/rig/one:1
RUN echo one
RUN echo before && \
    echo oops >&2 && \
    exit 3
"""
PULLED = "FROM 127.82.0.1:5000/ghcr.io/owner/env:1\nRUN true\n"
TWO = "FROM x\nRUN one\nRUN two\n"
NEW_BUILDERS = ("28.5", "28.5-containerd", "29.7", "29.7-containerd")
STAGES = """FROM 127.99.0.1:5000/eng/multi:1 AS a
RUN echo a-1; echo err >&2
FROM 127.99.0.1:5000/eng/base:1
COPY --from=a /bin/sh /x
RUN echo last
"""
OOPS = "FROM 127.99.0.1:5000/eng/base:1\nRUN echo before\nRUN echo oops; exit 42\n"
PODMAN = """FROM 127.99.0.1:5000/eng/multi:1 AS a
RUN echo a-1; echo to-stderr >&2
FROM 127.99.0.1:5000/eng/base:1
COPY . /ctx
COPY --from=a /bin/sh /copied
RUN echo last; cat /ctx/f.txt
"""


class Reading:
    """Reads messages, with a clock that follows their recorded times."""

    def __init__(self, dockerfile: str) -> None:
        self.now = 0.0
        self.events: list[Event] = []
        self.stream = ClassicStream(read_dockerfile(dockerfile), lambda: self.now)

    def recorded(self, name: str) -> "Reading":
        lines = (STREAMS / f"{name}.jsonl").read_text().splitlines()
        return self.read(self._ticking(map(json.loads, lines)))

    def feed(self, *texts: str) -> "Reading":
        """Read texts of a build that is still running."""
        for text in texts:
            self.events.extend(self.stream._message({"stream": text}))
        return self

    def read(self, messages: Iterable[Any]) -> "Reading":
        """Read a whole build."""
        self.events.extend(self.stream.events(messages))
        return self

    def _ticking(self, lines: Iterable[tuple[float, Any]]) -> Iterable[Any]:
        for self.now, message in lines:
            yield message

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def last(self) -> list[StepChanged]:
        """The last change of each step."""
        return list({step.id: step for step in self.of(StepChanged)}.values())

    def log(self, step: str | None) -> str:
        return "".join(one.text for one in self.of(LogWritten) if one.step == step)


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_step_runs_and_ends(builder: str) -> None:
    reading = Reading(BUILT).recorded(f"classic-{builder}-built")
    assert {step.status for step in reading.last} == {StepStatus.DONE}
    seen: dict[str, list[StepStatus]] = {}
    for step in reading.of(StepChanged):
        seen.setdefault(step.id, []).append(step.status)
    assert set(map(tuple, seen.values())) == {(StepStatus.RUNNING, StepStatus.DONE)}
    run = next(step for step in reading.last if "sleep" in step.name)
    assert run.name == r"RUN echo out; echo err >&2; sleep 0.3; printf 'a\rb\n'"
    assert run.duration is not None
    assert 0.3 < run.duration < 1
    assert run.started is not None
    assert run.completed == pytest.approx(run.started + run.duration)


@pytest.mark.parametrize(
    ("builder", "count", "first"),
    [("20.10", 10, "ARG REG=127.82.0.1:5000"), ("podman-4.3", 9, "FROM ${REG}/rig/one:1 AS base")],
)
def test_steps_are_numbered_as_the_builder_numbers_them(
    builder: str, count: int, first: str
) -> None:
    steps = Reading(BUILT).recorded(f"classic-{builder}-built").last
    assert len(steps) == count
    assert steps[0].name == first
    numbers = [(step.number, step.count) for step in steps]
    if builder == "20.10":
        assert numbers == [(number, 10) for number in range(1, 11)]
    else:
        assert numbers == [(1, 3), (2, 3), (3, 3)] + [(number, 6) for number in range(1, 7)]


@pytest.mark.parametrize("builder", BUILDERS)
def test_steps_know_their_stage(builder: str) -> None:
    steps = Reading(BUILT).recorded(f"classic-{builder}-built").last
    stages = {step.name.split()[0] + (" " + step.stage).rstrip() for step in steps}
    assert {"FROM base", "RUN base", "FROM final", "COPY final", "RUN final"} <= stages
    # The label comes from the request, not from a line of the Dockerfile.
    assert "LABEL" in stages
    assert "FROM base AS final" in [step.name for step in steps]


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_image_id_is_known_at_the_end(builder: str) -> None:
    reading = Reading(BUILT).recorded(f"classic-{builder}-built")
    assert reading.stream.image_id.startswith("sha256:")
    assert len(reading.stream.image_id) == 71


@pytest.mark.parametrize("builder", BUILDERS)
def test_output_belongs_to_the_step_that_wrote_it(builder: str) -> None:
    reading = Reading(BUILT).recorded(f"classic-{builder}-built")
    run = next(step for step in reading.last if "sleep" in step.name)
    log = reading.log(run.id)
    assert "out\n" in log
    assert "a\rb\n" in log
    red = [one for one in reading.of(LogWritten) if one.stream == 2]
    if builder != "podman-4.3":
        assert [one.text for one in red] == ["\x1b[91merr\n\x1b[0m"]
    assert "Successfully built" in reading.log(None)


@pytest.mark.parametrize("builder", BUILDERS)
def test_warnings_are_reported(builder: str) -> None:
    warnings = Reading(BUILT).recorded(f"classic-{builder}-built").of(BuildWarned)
    assert any("UNUSED2" in warning.message for warning in warnings)
    assert not any(warning.message.startswith("[") for warning in warnings)


@pytest.mark.parametrize("builder", BUILDERS)
def test_steps_from_the_cache_are_cached(builder: str) -> None:
    steps = Reading(CACHED).recorded(f"classic-{builder}-cached").last
    cached = [step.name.split()[0] for step in steps if step.status is StepStatus.CACHED]
    assert cached == ["ARG", "RUN", "ENV"]


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_failing_command_is_found_in_the_dockerfile(builder: str) -> None:
    reading = Reading(FAILED)
    with pytest.raises(BuildFailed) as caught:
        reading.recorded(f"classic-{builder}-failed")
    error = caught.value
    assert error.exit_code == 3
    assert error.step == "RUN echo before && echo oops >&2 && exit 3"
    assert error.dockerfile_line == 3
    assert [line.number for line in error.source_lines if line.is_failing] == [3, 4, 5]
    assert sorted(error.log_tail) == ["before", "oops"]
    assert "exit code 3" in error.message


@pytest.mark.parametrize("builder", NEW_BUILDERS)
def test_a_build_of_two_stages(builder: str) -> None:
    reading = Reading(STAGES).recorded(f"build-classic-{builder}")

    assert [(step.number, step.stage, step.name) for step in reading.last] == [
        (1, "a", "FROM 127.99.0.1:5000/eng/multi:1 AS a"),
        (2, "a", "RUN echo a-1; echo err >&2"),
        (3, "", "FROM 127.99.0.1:5000/eng/base:1"),
        (4, "", "COPY --from=a /bin/sh /x"),
        (5, "", "RUN echo last"),
    ]
    assert {step.status for step in reading.last} == {StepStatus.DONE}
    assert "a-1\n" in reading.log("step-2")
    red = [one.text for one in reading.of(LogWritten) if one.stream == 2]
    assert red == ["\x1b[91merr\n\x1b[0m"]
    assert "last\n" in reading.log("step-5")
    assert len(reading.stream.image_id) == 71
    assert all(one.is_complete for one in {t.id: t for t in reading.of(TransferChanged)}.values())


def test_the_image_for_another_platform_that_a_build_begins_with_is_a_warning() -> None:
    [warning] = Reading(STAGES).recorded("build-classic-28.5").of(BuildWarned)
    assert warning.message.startswith("The requested image's platform (linux/arm64) does not match")


@pytest.mark.parametrize("builder", NEW_BUILDERS)
def test_a_failing_command_of_a_newer_docker(builder: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        Reading(OOPS).recorded(f"build-classic-{builder}-failed")

    error = caught.value
    assert (error.exit_code, error.step) == (42, "RUN echo oops; exit 42")
    assert error.dockerfile_line == 3
    assert error.log_tail == ("oops",)


def test_a_build_of_two_stages_on_podman() -> None:
    reading = Reading(PODMAN).recorded("build-podman-5.8")

    assert [(step.number, step.count, step.stage) for step in reading.last] == [
        *((1, 2, "a"), (2, 2, "a")),
        *((1, 4, ""), (2, 4, ""), (3, 4, ""), (4, 4, "")),
    ]
    assert {step.status for step in reading.last} == {StepStatus.DONE}
    assert "last\neffff\n" in reading.log(reading.last[-1].id)
    assert reading.stream.image_id.startswith("sha256:7b52af1a3778")
    assert reading.of(BuildWarned) == []


def test_a_failing_command_on_podman() -> None:
    reading = Reading(PODMAN + "RUN echo dying; exit 7\n")
    with pytest.raises(BuildFailed) as caught:
        reading.recorded("build-podman-5.8-failed")

    error = caught.value
    assert (error.exit_code, error.step) == (7, "RUN echo dying; exit 7")
    assert error.dockerfile_line == 7
    assert error.log_tail == ("dying",)
    assert [step.status.name for step in reading.last] == [
        *("DONE", "CACHED", "DONE", "DONE", "DONE", "DONE", "FAILED")
    ]


def test_the_failing_step_is_marked_before_the_error_is_raised() -> None:
    reading = Reading(FAILED)
    events = reading.stream.events(
        [
            {"stream": "Step 1/3 : FROM 127.82.0.1:5000/rig/one:1"},
            {"errorDetail": {"message": "no match for platform in manifest"}},
        ],
    )
    seen = [next(events) for _ in range(3)]
    assert isinstance(seen[-1], StepChanged)
    assert seen[-1].status is StepStatus.FAILED
    with pytest.raises(BuildFailed):
        next(events)


def test_the_layers_of_a_base_image_are_transfers_of_its_step() -> None:
    reading = Reading(PULLED).recorded("classic-20.10-pull")
    transfers = reading.of(TransferChanged)
    assert {one.step for one in transfers} == {"step-1"}
    last = {one.id: one for one in transfers}
    assert (last["29edad601930"].current, last["29edad601930"].total) == (3_001_175, 3_001_175)
    assert all(one.is_complete for one in last.values())
    assert last["29edad601930-extract"].name == "extracting 29edad601930"
    currents = [one.current for one in transfers if one.id == "29edad601930"]
    assert currents == sorted(currents)
    assert "Status: Downloaded newer image" in reading.log("step-1")


def test_a_command_cannot_imitate_the_builder() -> None:
    reading = Reading(TWO).feed(
        "Step 1/3 : FROM x",
        "Step 2/3 : RUN one",
        " ---> Running in 0123456789ab\n",
        "hello\n",
        " ---> Using cache\n",
        "Step 7/3 : RUN two\n",
        "Step 3/3 : COPY two\n",
        "Step 2/3 : RUN one\n",
        "STEP 9/9: RUN two\n",
        f"Step {'9' * 5_000}/3 : RUN two\n",
        f"[{'9' * 5_000}/{'9' * 5_000}] STEP 1/3: RUN two\n",
        "Successfully built 0123456789ab\n",
        "[Warning] the command's own\n",
        'time="2026-11-23T09:22:23Z" level=warning msg="of a program in Go"\n',
        "Step 3/3 : RUN two",
    )
    assert [(step.name, step.status) for step in reading.last] == [
        ("FROM x", StepStatus.DONE),
        ("RUN one", StepStatus.DONE),
        ("RUN two", StepStatus.RUNNING),
    ]
    assert reading.stream.image_id == ""
    assert reading.of(BuildWarned) == []


def test_a_warning_after_the_last_command_is_the_builders() -> None:
    unused = "[Warning] one or more build args were not consumed: [A]\n"
    podman = Reading(TWO).feed("STEP 1/3: FROM x", "STEP 2/3: RUN one", "STEP 3/3: RUN two")
    podman.feed("COMMIT env:1\n", "--> aeebb39e1d2\n", unused)
    docker = Reading(TWO).feed("Step 3/3 : RUN two")
    docker.read([{"aux": {"ID": "sha256:1"}}, {"stream": unused}])
    for reading in (podman, docker):
        [warning] = reading.of(BuildWarned)
        assert warning.message == "one or more build args were not consumed: [A]"


def test_a_full_disk_is_a_disk_full_error() -> None:
    with pytest.raises(DiskFull):
        Reading(TWO).read([{"errorDetail": {"message": "write /x: no space left on device"}}])


def test_a_full_disk_within_a_command_is_in_the_hint() -> None:
    reading = Reading(TWO).feed("Step 1/3 : FROM x", "Step 2/3 : RUN one")
    reading.feed("pip: [Errno 28] No space left on device\n")
    error = reading.stream.failure("The command 'one' returned a non-zero code: 1", 1)
    assert isinstance(error, BuildFailed)
    assert error.hint == default_hint(DiskFull)


def test_the_log_tail_is_what_a_terminal_would_show() -> None:
    reading = Reading(TWO).feed("Step 1/3 : FROM x", "Step 2/3 : RUN one")
    reading.feed(*(f"line {number}\n" for number in range(100)))
    reading.feed("10%\r20%\r\n", "\x1b[31mred\x1b[0m\n\n")
    error = reading.stream.failure("The command 'one' returned a non-zero code: 127", 127)
    assert isinstance(error, BuildFailed)
    assert error.log_tail[-3:] == ("line 99", "20%", "red")
    assert len(error.log_tail) == TAIL_LINES
    assert "the image lacks it" in error.hint


@pytest.mark.parametrize(
    "text", ["dockerfile parse error line 3: x", "dockerfile parse error on line 3: x"]
)
def test_a_parse_error_has_the_line_of_the_dockerfile(text: str) -> None:
    error = Reading(TWO).stream.failure(text)
    assert isinstance(error, BuildFailed)
    assert error.dockerfile_line == 3
    assert error.message == "The Dockerfile cannot be parsed: x"


def test_unknown_messages_are_ignored() -> None:
    odd: list[Any] = [None, 3, [], {}, {"stream": 3}, {"aux": 1}, {"id": "x"}, {"status": {}}]
    assert Reading(TWO).read(odd).events == []
