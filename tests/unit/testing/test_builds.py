"""A build on the scripted engine goes as on a real one, through the public functions."""

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

import imagewidget as iw
from imagewidget.engine.client import client_behind
from imagewidget.progress.events import StepStatus
from imagewidget.progress.state import Phase
from imagewidget.testing import ScriptedEngine
from tests.fixtures import STREAMS

# The Dockerfiles of the recorded builds.
BUILT = """\
ARG REG=127.82.0.1:5000
FROM ${REG}/rig/one:1 AS base
ARG UNUSED
RUN echo out; echo err >&2;     sleep 0.3; printf 'a\\rb\\n'
FROM base AS final
ENV A=1     B=2
COPY hello.txt /hello.txt
RUN cat /hello.txt
CMD ["sh"]
LABEL l=v
"""
FAILED = """\
FROM 127.82.0.1:5000/rig/one:1
RUN echo one
RUN echo before &&     echo oops >&2 &&     exit 3
"""


def recorded(name: str) -> list[str]:
    """Return the messages of a build on a real engine, as :func:`outline` does."""
    lines = (STREAMS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return outline(message for _, message in map(json.loads, lines))


def outline(messages: Any) -> list[str]:
    """Return the builder's own messages, without ids and without the output of commands."""
    own = re.compile(r"Step | ---> |Successfully |\n")
    kept = [each for each in messages if "stream" not in each or own.match(each["stream"])]
    return [re.sub(r"\b([0-9a-f]{64}|[0-9a-f]{12})\b", "…", json.dumps(each)) for each in kept]


def sent(engine: ScriptedEngine, dockerfile: str) -> list[str]:
    """Build, and return the outline of what arrives."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        archive.addfile(entry, io.BytesIO(dockerfile.encode()))
    with client_behind(engine.client).operation() as api:
        return outline(api.post_stream("/build", {"t": "rec:1"}, {}, None, context.getvalue()))


def test_a_build_sends_the_messages_of_a_recorded_one(engine: ScriptedEngine) -> None:
    assert sent(engine, BUILT) == recorded("classic-26.1-built")


def test_a_failing_build_sends_the_messages_of_a_recorded_one(engine: ScriptedEngine) -> None:
    engine.fail_build("oops", exit_code=3, log="before\noops")

    assert sent(engine, FAILED) == recorded("classic-26.1-failed")


def test_a_build_makes_an_image_from_the_context_that_arrived(
    engine: ScriptedEngine, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY . /work\nRUN make\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.c").write_bytes(b"int main;")
    (tmp_path / "secret").write_text("no")
    (tmp_path / ".dockerignore").write_text("secret\n")

    job = iw.build(
        tmp_path, tag="owner/env:1", build_args={"A": 1}, labels={"l": "v"}, display=False
    )
    image = job.result(10)

    (build,) = engine.builds
    assert build.tag == "docker.io/owner/env:1"
    assert build.dockerfile == "FROM a\nCOPY . /work\nRUN make\n"
    assert build.files["src/main.c"] == b"int main;"
    assert "secret" not in build.files
    assert build.build_args["A"] == "1"
    assert json.loads(build.parameters["labels"]) == {"l": "v"}
    steps = [step.name for step in job.state.steps]
    assert steps == ["send build context", "FROM a", "COPY . /work", "RUN make"]
    assert all(step.status is StepStatus.DONE for step in job.state.steps)
    assert image.source == "build"
    assert iw.image_exists("owner/env:1")
    assert iw.image_exists(image.id)


def test_a_build_without_a_tag_makes_an_image_with_an_id_only(engine: ScriptedEngine) -> None:
    image = iw.build(dockerfile="FROM a\n", display=False).result(10)

    assert engine.images == []
    assert iw.image_exists(image.id)


def test_a_build_ends_with_its_target(engine: ScriptedEngine) -> None:
    dockerfile = "FROM a AS one\nRUN one\nFROM b AS two\nRUN two\n"

    job = iw.build(dockerfile=dockerfile, target="one", display=False)

    job.result(10)
    steps = [step.name for step in job.state.steps]
    assert steps == ["send build context", "FROM a AS one", "RUN one"]
    assert engine.builds[0].parameters["target"] == "one"


def test_a_second_build_takes_the_tag(engine: ScriptedEngine) -> None:
    first, second = (
        iw.build(dockerfile=f"FROM a\nRUN {each}\n", tag="env:1", display=False).result(10)
        for each in ("one", "two")
    )

    assert first.id != second.id
    assert engine.client.image("env:1").id == second.id
    assert iw.image_exists(first.id)


def test_the_embedded_environment_is_built_where_no_registry_has_it(engine: ScriptedEngine) -> None:
    image = iw.provision("owner/env:1", display=False).result(10)

    assert image.source == "build"
    assert engine.pulls == ["ghcr.io/owner/env:1", "docker.io/owner/env:1"]
    assert "requirements.txt" in engine.builds[0].files
    assert engine.images == ["docker.io/owner/env:1"]


def test_a_failing_command_is_reported_and_a_retry_may_succeed(engine: ScriptedEngine) -> None:
    engine.fail_build("two", exit_code=137, log="first\nlast", times=1)

    job = iw.build(dockerfile="FROM a\nRUN one\nRUN two\n", tag="env:1", display=False)

    with pytest.raises(iw.BuildFailed) as caught:
        job.result(10)
    assert caught.value.step == "RUN two"
    assert caught.value.exit_code == 137
    assert caught.value.dockerfile_line == 3
    assert caught.value.log_tail == ("first", "last")
    assert engine.images == []
    job.retry()
    assert job.result(10).source == "build"
    assert len(engine.builds) == 2


def test_a_cancelled_build_hangs_up_and_leaves_no_image(engine: ScriptedEngine) -> None:
    engine.stall_build("two")
    job = iw.build(dockerfile="FROM a\nRUN one\nRUN two\n", tag="env:1", display=False)
    engine.wait_until(lambda: engine.builds)

    job.cancel()

    assert job.wait(10)
    assert job.state.phase is Phase.CANCELLED
    engine.wait_until(lambda: engine.hung_up == ["docker.io/library/env:1"])
    assert engine.images == []


def test_a_script_that_fits_no_instruction_is_reported(engine: ScriptedEngine) -> None:
    engine.fail_build("conda", times=1)

    with pytest.raises(iw.DockerError, match='RUN instruction that contains "conda"') as caught:
        iw.build(dockerfile="FROM a\nRUN pip\n", display=False).result(10)
    assert not isinstance(caught.value, iw.BuildFailed)


def test_builds_that_fail_already_cannot_fail_in_another_way(engine: ScriptedEngine) -> None:
    engine.fail_build()

    with pytest.raises(ValueError, match="every build is already set to go wrong in another way"):
        engine.stall_build()


def test_what_needs_buildkit_is_refused(engine: ScriptedEngine) -> None:
    job = iw.build(dockerfile="FROM a\n", secrets={"pip": "x"}, display=False)

    with pytest.raises(iw.DockerError, match="`secrets` requires BuildKit"):
        job.result(10)
    assert engine.builds == []
