"""An engine's error message becomes an error with a place, a reason and a hint.

The messages are those of real engines, Docker 20.10 and 26.1.
"""

import textwrap
from pathlib import Path

import pytest

from imagewidget.engine.buildkit.failure import failure
from imagewidget.engine.buildkit.proto.status_pb2 import (
    StatusResponse,
    Timestamp,
    Vertex,
    VertexLog,
)
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.failure.errors import BuildFailed, DiskFull, DockerError
from imagewidget.engine.request.request import BuildRequest
from tests.unit.effort import bounded

DOCKERFILE = textwrap.dedent("""\
    FROM debian:trixie-slim AS base
    RUN mkdir /x
    COPY --chown=1 a.txt /
    FROM base AS tools
    RUN mkdir /x
    RUN make \\
        all
    FROM ghcr.io/owner/runtime:1
    COPY --from=nostage /x /
    WORKDIR /x
    RUN mkdir /x
    """)


def failed(
    message: str, step: str = "", *, log: bytes = b"", text: str = DOCKERFILE, **options: object
) -> DockerError:
    """Return the error for an engine's message about a step."""
    request = BuildRequest.of(dockerfile=text, **options)  # type: ignore[arg-type]
    trace = Trace(lambda: 0.0, request.masker())
    if step:
        vertex = Vertex(digest="sha256:a", name=step.encode(), started=Timestamp(seconds=1))
        vertex.completed.seconds = 2
        vertex.error = message.encode()
        logs = [VertexLog(vertex="sha256:a", stream=1, msg=log)] if log else []
        list(trace.read(StatusResponse(vertexes=[vertex], logs=logs).SerializeToString()))
    return failure(message, request, trace)


def build_failed(message: str, step: str = "", **options: object) -> BuildFailed:
    error = failed(message, step, **options)  # type: ignore[arg-type]
    assert isinstance(error, BuildFailed)
    return error


@pytest.mark.parametrize(
    "message",
    [
        "executor failed running [/bin/sh -c make     all]: exit code: 2",
        'process "/bin/sh -c make     all" did not complete successfully: exit code: 2',
        (
            'failed to solve: process "/bin/sh -c make     all" did not complete successfully: '
            "exit code: 2"
        ),
    ],
)
def test_a_failed_command_has_its_line_exit_code_and_log(message: str) -> None:
    error = build_failed(message, "[tools 2/2] RUN make     all", log=b"cc x.c\nx.c:1: no\n")
    assert error.message == "`RUN make all` failed with exit code 2."
    assert (error.step, error.exit_code, error.dockerfile_line) == ("RUN make     all", 2, 6)
    assert [line.number for line in error.source_lines if line.is_failing] == [6, 7]
    assert error.log_tail == ("cc x.c", "x.c:1: no")


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("[base 2/3] RUN mkdir /x", 2),
        ("[tools 1/2] RUN mkdir /x", 5),
        ("[linux/amd64 tools 1/2] RUN mkdir /x", 5),
        ("[stage-2 4/4] RUN mkdir /x", 11),
        ("[4/4] RUN mkdir /x", 11),
    ],
)
def test_the_same_command_in_several_stages_has_the_line_of_its_stage(step: str, line: int) -> None:
    message = 'process "/bin/sh -c mkdir /x" did not complete successfully: exit code: 1'
    assert build_failed(message, step).dockerfile_line == line


@pytest.mark.parametrize(
    ("code", "hint"),
    [(127, "the image lacks it"), (137, "memory"), (126, "permissions"), (1, "printed nothing")],
)
def test_exit_codes_with_a_meaning_have_a_hint(code: int, hint: str) -> None:
    error = build_failed(f"executor failed running [x]: exit code: {code}", "[tools 2/2] RUN make")
    assert hint in error.hint


def test_a_failed_command_with_output_points_to_its_log() -> None:
    error = build_failed(
        "executor failed running [x]: exit code: 1", "[tools 2/2] RUN make", log=b"no such file\n"
    )
    assert error.hint == "See the last lines of its log for the cause."


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            (
                'process "/bin/sh -c echo \\"exit code: 5\\"; exit 3" did not complete '
                "successfully: exit code: 3"
            ),
            3,
        ),
        ("executor failed running [/bin/sh -c echo exit code: 5; exit 3]: exit code: 3", 3),
        (
            (
                'process "/bin/sh -c echo \\"dockerfile parse error line 1: no\\"; false" did not '
                "complete successfully: exit code: 1"
            ),
            1,
        ),
    ],
)
def test_an_exit_code_or_parse_error_in_the_command_is_ignored(message: str, code: int) -> None:
    error = build_failed(message, "[tools 2/2] RUN make")
    assert error.exit_code == code
    assert "cannot be parsed" not in error.message


@pytest.mark.parametrize(
    "message",
    [
        'process "/bin/sh -c make     all" did not complete successfully: cannot allocate memory',
        "executor failed running [/bin/sh -c make     all]: cannot allocate memory",
    ],
)
def test_a_command_that_ran_out_of_memory_has_no_exit_code(message: str) -> None:
    error = build_failed(f"failed to solve: {message}", "[tools 2/2] RUN make     all", log=b"cc\n")
    assert error.message == "`RUN make all` failed: cannot allocate memory."
    assert (error.step, error.exit_code, error.dockerfile_line) == ("RUN make     all", None, 6)
    assert "memory ran out" in error.hint
    assert error.log_tail == ("cc",)


@pytest.mark.parametrize(
    "command",
    [
        'grep \\"a\\" not found || exit 1',
        'echo \\"/a.txt\\" not found',
        "echo secret pip not found",
        "echo unset ssh forward key default",
        "echo toomanyrequests: no space left on device",
        "echo did not complete successfully: exit code: 3",
        "echo executor failed running [x]: exit code: 3",
    ],
)
@pytest.mark.parametrize("step", ["[tools 2/2] RUN make", ""])
def test_an_error_message_in_the_command_is_ignored(command: str, step: str) -> None:
    error = build_failed(
        f'process "/bin/sh -c {command}" did not complete successfully: cannot allocate memory',
        step,
    )
    assert error.message.endswith("` failed: cannot allocate memory.")
    assert error.exit_code is None
    assert "memory ran out" in error.hint


@pytest.mark.parametrize(
    ("reason", "log", "hint"),
    [
        ("mkdir /var/lib/x: no space left on device", b"", "docker system prune"),
        ("runc did not start", b"one line\n", "its log"),
        ("runc did not start", b"", ""),
    ],
)
def test_a_command_that_could_not_run_has_the_engines_reason(
    reason: str, log: bytes, hint: str
) -> None:
    message = f'process "/bin/sh -c make" did not complete successfully: {reason}'
    error = build_failed(message, "[tools 2/2] RUN make", log=log)
    assert error.message == f"`RUN make` failed: {reason}."
    assert hint in error.hint


def in_trace(*failures: tuple[str, str]) -> Trace:
    """Return a trace with failed steps, each a name and an error."""
    trace = Trace(lambda: 0.0)
    vertexes = [
        Vertex(
            digest=f"sha256:{number}",
            name=name.encode(),
            error=error.encode(),
            started=Timestamp(seconds=1),
            completed=Timestamp(seconds=2),
        )
        for number, (name, error) in enumerate(failures)
    ]
    list(trace.read(StatusResponse(vertexes=vertexes).SerializeToString()))
    return trace


@pytest.mark.parametrize(
    ("steps", "message", "step"),
    [
        (
            [
                (
                    "importing cache manifest from ghcr.io/me/cache:1",
                    "ghcr.io/me/cache:1: not found",
                ),
                ("[base 2/3] RUN mkdir /x", 'process "mkdir" did not complete: exit code: 1'),
            ],
            'failed to solve: process "mkdir" did not complete: exit code: 1',
            "RUN mkdir /x",
        ),
        (
            [("importing cache manifest from ghcr.io/me/cache:1", "ghcr.io/me/cache:1: not found")],
            "dockerfile parse error line 1: unknown instruction: X",
            None,
        ),
        (
            [
                ("[base 2/3] RUN mkdir /x", 'process "mkdir" failed'),
                ("[tools 2/2] RUN make", 'process "make" failed'),
            ],
            'failed to solve: process "make" failed',
            "RUN make",
        ),
        (
            [("[base 2/3] RUN mkdir /x", "one"), ("[tools 2/2] RUN make", "two"), ("export", "x")],
            "something else",
            "RUN make",
        ),
    ],
)
def test_the_step_that_ended_the_build_is_found_among_several_failed_ones(
    steps: list[tuple[str, str]], message: str, step: str | None
) -> None:
    error = failure(message, BuildRequest.of(dockerfile=DOCKERFILE), in_trace(*steps))
    assert isinstance(error, BuildFailed)
    assert error.step == step


def test_a_command_that_filled_the_disk_has_a_hint() -> None:
    error = build_failed(
        "executor failed running [x]: exit code: 1",
        "[tools 2/2] RUN make",
        log=b"cp: write error: No space left on device\n",
    )
    assert "docker system prune" in error.hint


@pytest.mark.parametrize(
    "message",
    [
        (
            "failed to solve with frontend dockerfile.v0: failed to create LLB definition: "
            "dockerfile parse error line 6: unknown instruction: MAEK"
        ),
        "dockerfile parse error on line 6: unknown instruction: MAEK",
    ],
)
def test_a_parse_error_has_its_line(message: str) -> None:
    error = build_failed(message)
    assert error.message == "The Dockerfile cannot be parsed: unknown instruction: MAEK"
    assert error.dockerfile_line == 6
    assert [line.number for line in error.source_lines if line.is_failing] == [6]
    assert error.step is None


def test_an_error_without_a_line_is_located_by_the_text_it_quotes() -> None:
    text = "FROM scratch\nRUN --mount=type=foo true\n"
    assert build_failed('unsupported mount type "foo"', text=text).dockerfile_line == 2


def test_an_error_without_a_line_is_located_by_its_keyword() -> None:
    text = "FROM scratch\nENV x\nRUN true\n"
    assert build_failed("ENV must have two arguments", text=text).dockerfile_line == 2
    text = "FROM scratch\nENV x\nENV y=1\n"
    assert build_failed("ENV must have two arguments", text=text).dockerfile_line is None


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            "[internal] load metadata for ghcr.io/owner/runtime:1",
            (
                "ghcr.io/owner/runtime:1: failed to resolve source metadata for "
                "ghcr.io/owner/runtime:1: unexpected status from HEAD request to "
                "https://ghcr.io/v2/owner/runtime/manifests/1: 401 Unauthorized"
            ),
        ),
        (
            "[internal] load metadata for ghcr.io/owner/runtime:1",
            (
                "failed to solve with frontend dockerfile.v0: failed to create LLB definition: "
                "pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized"
            ),
        ),
    ],
)
def test_a_base_image_that_the_registry_refuses(step: str, message: str) -> None:
    error = build_failed(message, step)
    assert error.message.startswith("The image `ghcr.io/owner/runtime:1` cannot be pulled: ")
    assert "failed to" not in error.message.partition("pulled: ")[2][:10]
    assert error.dockerfile_line == 8
    assert "docker login" in error.hint


def test_a_base_image_is_located_by_its_short_name() -> None:
    error = build_failed(
        "docker.io/library/debian:trixie-slim: not found",
        "[internal] load metadata for docker.io/library/debian:trixie-slim",
    )
    assert error.dockerfile_line == 1


@pytest.mark.parametrize(
    ("args", "base", "image", "build_args"),
    [
        ("ARG PY=3.13", "python:${PY}-slim", "python:3.13-slim", {}),
        ("ARG PY=3.13", "python:$PY", "python:3.14", {"PY": "3.14"}),
        ("ARG PY", "python:${PY:-3.13}-slim", "python:3.13-slim", {}),
        ("ARG HOST=ghcr.io NAME='$HOST/me/x'", "$NAME", "ghcr.io/me/x:latest", {}),
        ("ARG PY", "me/x:${TARGETARCH}-1", "me/x:arm64-1", {}),
    ],
)
def test_a_base_image_is_located_by_the_values_of_its_variables(
    args: str, base: str, image: str, build_args: dict[str, str]
) -> None:
    text = f"{args}\nFROM me/y:1 AS other\nFROM {base}\n"
    error = build_failed(
        f"{image}: not found",
        f"[internal] load metadata for {image}",
        text=text,
        build_args=build_args,
    )
    assert error.dockerfile_line == 3


def test_a_base_image_that_matches_two_stages_has_no_line() -> None:
    text = "FROM x:$TARGETARCH AS one\nFROM x:$TARGETOS\n"
    error = build_failed("x:a: not found", "[internal] load metadata for x:a", text=text)
    assert error.dockerfile_line is None


def test_an_image_that_may_be_a_misspelt_stage_lists_the_stages() -> None:
    error = build_failed(
        "failed to load cache key: pull access denied, repository does not exist",
        "FROM docker.io/library/nostage:latest",
    )
    assert error.dockerfile_line == 9
    assert "the stages are `base`, `tools`." in error.hint


@pytest.mark.parametrize(
    "step",
    [
        "resolve image config for docker.invalid/frontend:1",
        "resolve image config for docker-image://docker.invalid/frontend:1",
    ],
)
def test_a_frontend_that_cannot_be_pulled(step: str) -> None:
    error = build_failed(
        'failed to do request: Head "https://docker.invalid/v2/frontend/manifests/1": '
        "dial tcp: lookup docker.invalid on 10.0.0.1:53: no such host",
        step,
        text="# syntax=docker.invalid/frontend:1\nFROM scratch\n",
    )
    assert "`docker.invalid/frontend:1`" in error.message
    assert "Remove the `# syntax=` line" in error.hint
    assert error.dockerfile_line == 1


@pytest.mark.parametrize("message", ["secret pip not found: not found", "secret pip: not found"])
def test_a_secret_that_was_not_passed(message: str) -> None:
    error = build_failed(message, "[tools 2/2] RUN make")
    assert error.message == "The step needs the secret `pip`, which was not passed to the build."
    assert error.dockerfile_line == 6


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("unset ssh forward key default", "ssh='default'"),
        ('no SSH key "other" forwarded from the client', "ssh='other=/path/to/agent.sock'"),
    ],
)
def test_an_ssh_agent_that_was_not_passed(message: str, hint: str) -> None:
    assert hint in build_failed(message, "[tools 2/2] RUN make").hint


@pytest.mark.parametrize(
    "message",
    [
        'failed to compute cache key: "/a.txt" not found: not found',
        (
            "failed to compute cache key: failed to calculate checksum of ref abc::def: "
            '"/a.txt": not found'
        ),
    ],
)
def test_a_file_that_does_not_exist(message: str) -> None:
    error = build_failed(message, "[base 3/3] COPY --chown=1 a.txt /")
    assert error.message == "There is no `a.txt` to copy."
    assert error.dockerfile_line == 3


def test_an_excluded_file_names_the_ignore_file_that_excludes_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a.log /\n")
    (tmp_path / "Dockerfile.dockerignore").write_text("*.log\n")
    trace = in_trace(("[1/1] COPY a.log /", '"/a.log": not found'))
    error = failure('"/a.log": not found', BuildRequest.of(tmp_path), trace)
    assert "Add `!a.log` to `Dockerfile.dockerignore`" in error.hint


def test_heredocs_on_an_engine_that_does_not_support_them() -> None:
    text = "FROM scratch\nRUN <<EOF\necho one\nEOF\n"
    error = build_failed("dockerfile parse error line 3: unknown instruction: ECHO", text=text)
    assert "heredoc" in error.hint
    assert "Docker 23" in error.hint


def test_a_full_disk_of_the_engine_is_not_a_failed_build() -> None:
    error = failed("failed to copy: write /var/lib/docker/x: no space left on device")
    assert isinstance(error, DiskFull)


def test_an_engine_that_shuts_down_is_not_a_failed_build() -> None:
    error = failed("failed to solve: context canceled", "[tools 2/2] RUN make")
    assert type(error) is DockerError
    assert "Run the build again" in error.hint


def test_a_secret_in_the_dockerfile_is_masked() -> None:
    text = "FROM scratch\nRUN login hunter22\n"
    error = build_failed(
        'process "/bin/sh -c login hunter22" did not complete successfully: exit code: 1',
        "[1/1] RUN login hunter22",
        text=text,
        secrets={"pass": "hunter22"},
    )
    assert "hunter22" not in repr(error.info())
    assert error.dockerfile_line == 2


GIT = "https://github.com/owner/env.git"
CLONING = f"[internal] load git source {GIT}"
STDERR = f"error fetching default branch for repository {GIT}: git stderr:\n"


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("fatal: could not read Username for 'https://github.com'", "`GIT_AUTH_TOKEN`"),
        (f"fatal: repository '{GIT}/' not found", "`GIT_AUTH_TOKEN`"),
        (
            f"fatal: unable to access '{GIT}/': The requested URL returned error: 403",
            "`GIT_AUTH_TOKEN`",
        ),
        (f"fatal: unable to access '{GIT}/': The requested URL returned error: 500", "reaches"),
        ("errno=Connection refused", "reaches its server"),
        (f"fatal: unable to access '{GIT}/': Could not resolve host: github.com", "reaches"),
        ("Host key verification failed.", "whose SSH key is not the expected one"),
        ("git@github.com: Permission denied (publickey).", "an agent with a key"),
    ],
)
@pytest.mark.parametrize("step", [CLONING, f"[1/1] ADD {GIT} /x"])
def test_a_repository_that_cannot_be_cloned(step: str, output: str, hint: str) -> None:
    for before in ("", "failed to read dockerfile: failed to load cache key: "):
        error = build_failed(
            f"{before}{STDERR}{output}\n: exit status 128", step, text=f"FROM x\nADD {GIT} /x\n"
        )

        assert error.message == f"The Git repository cannot be cloned: {output}"
        assert hint in error.hint
        assert "registry" not in error.hint
        assert "docker login" not in error.hint
        assert error.dockerfile_line == (2 if "ADD" in step else None)


def test_older_engines_have_gits_message_in_the_log() -> None:
    message = f"failed to fetch remote {GIT}: exit status 128"
    error = build_failed(message, CLONING, log=b"fatal: could not read Username for 'x'\n")

    assert error.message == f"The Git repository cannot be cloned: {message}"
    assert "`GIT_AUTH_TOKEN`" in error.hint


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ('repository does not contain ref nope, output: ""', "branch, tag or commit after the `#`"),
        (
            'invalid subdir /nope: failed to lstat "nope": statat nope: no such file or directory',
            "the directory after the `:`",
        ),
        ("expected checksum to match aa, got bb", "--checksum="),
    ],
)
def test_a_part_that_a_repository_does_not_have(message: str, hint: str) -> None:
    error = build_failed(f"failed to read dockerfile: {message}", CLONING)

    assert error.message == f"The Git repository cannot be cloned: {message}"
    assert hint in error.hint


def test_a_full_disk_is_not_blamed_on_git() -> None:
    message = f"{STDERR}fatal: write error: No space left on device\n: exit status 128"
    assert isinstance(failed(message, CLONING), DiskFull)


COPIED = "[base 3/3] COPY --chown=1 a.txt /"


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("no active session for 0ab: context deadline exceeded", "lost its connection"),
        ("error reading from server: EOF", "lost its connection"),
        ('lease "ki4xyz": not found', "docker builder prune"),
        (f"content digest sha256:{'a' * 64}: not found", "docker builder prune"),
        (
            "failed to prepare abc as def: parent snapshot abc does not exist: not found",
            "docker builder prune",
        ),
        (
            "cannot copy to non-directory: /var/lib/docker/overlay2/a/merged/app/timeout",
            "another destination",
        ),
        ("something: connection refused", ""),
        ("something: not found", ""),
    ],
)
def test_what_the_engine_lost_is_not_looked_for_in_a_registry(message: str, hint: str) -> None:
    error = build_failed(f"failed to solve: {message}", COPIED)

    assert error.message == message
    assert error.dockerfile_line == 3
    assert hint in error.hint
    assert bool(hint) is bool(error.hint)
    assert "registry" not in error.hint


@pytest.mark.parametrize(
    "message",
    [
        (
            "failed to copy: httpReadSeeker: failed open: unexpected status code "
            "https://ghcr.io/v2/owner/runtime/blobs/sha256:aa: 503 Service Unavailable"
        ),
        'failed to do request: Head "https://ghcr.io/v2/x/manifests/1": dial tcp: i/o timeout',
    ],
)
def test_a_layer_that_a_step_fetches_comes_from_a_registry(message: str) -> None:
    assert "registry's status page" in build_failed(message, "[stage-2 4/4] RUN mkdir /x").hint


def test_too_many_layers_have_a_hint_in_any_step() -> None:
    assert "fewer layers" in build_failed("failed to prepare x: max depth exceeded", COPIED).hint


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        (
            'failed to process "\\"$(cat <<EOF": unexpected end of statement',
            "Correct the Dockerfile and build again.",
        ),
        (
            'target stage "nope" could not be found (did you mean base?)',
            "Check `target=`: the stages are `base`, `tools`.",
        ),
        ("dockerfile parse error line 0: x", "Correct the Dockerfile and build again."),
        (
            f"dockerfile parse error line {'9' * 5000}: x",
            "Correct the Dockerfile and build again.",
        ),
        ("no active session for 0ab: context deadline exceeded", "Build again; the engine lost"),
        ("context deadline exceeded", ""),
    ],
)
def test_an_error_without_a_step_or_a_line(message: str, hint: str) -> None:
    error = build_failed(f"failed to solve: {message}")

    assert error.dockerfile_line is None
    assert error.hint.startswith(hint)
    assert bool(hint) is bool(error.hint)


def test_a_line_that_is_too_long_is_marked() -> None:
    error = build_failed(
        "failed to solve: dockerfile line greater than max allowed size of 65535",
        text=f"FROM x\nENV A=1\nENV B={'b' * 70_000}\nRUN true\n",
    )
    assert error.dockerfile_line == 3
    assert error.hint == "Correct the Dockerfile at this line and build again."


def test_an_exit_code_of_many_digits_is_no_exit_code() -> None:
    reason = f"exit code: {'9' * 5000}"
    error = build_failed(f'process "x" did not complete successfully: {reason}', "[1/1] RUN x")
    assert error.exit_code is None


@pytest.mark.parametrize(
    ("text", "build_args", "origin", "line"),
    [
        ("#!/bin/x\n# syntax=r.io/f:1\nFROM x\n", {}, "`# syntax=` line", 2),
        ("# check=skip=all\n# syntax=r.io/f:1\nFROM x\n", {}, "`# syntax=` line", 2),
        ("//syntax=r.io/f:1\nFROM x\n", {}, "named in the Dockerfile,", 1),
        ('{\n  "syntax": "r.io/f:1"\n}\n', {}, "named in the Dockerfile,", 2),
        ("FROM x\n", {"BUILDKIT_SYNTAX": "r.io/f:1"}, "named by `build_args=`", None),
        (
            "# syntax=r.io/g:1\nFROM x\n",
            {"BUILDKIT_SYNTAX": "r.io/f:1"},
            "named by `build_args=`",
            None,
        ),
    ],
)
def test_the_line_and_the_hint_are_those_of_what_names_the_frontend(
    text: str, build_args: dict[str, str], origin: str, line: int | None
) -> None:
    error = build_failed(
        "failed with build-arg:BUILDKIT_SYNTAX = r.io/f:1: failed to resolve source metadata for "
        "r.io/f:1: pull access denied",
        "resolve image config for docker-image://r.io/f:1",
        text=text,
        build_args=build_args,
    )

    assert error.message.startswith("The frontend image `r.io/f:1`, named")
    assert error.message.endswith("cannot be pulled: pull access denied")
    assert origin in error.message
    assert error.dockerfile_line == line
    assert "docker login" in error.hint
    assert ("Remove the `# syntax=` line" in error.hint) is ("`# syntax=`" in origin)


@pytest.mark.parametrize(
    "part",
    [
        'process "',
        '" did not complete successfully: ',
        "executor failed running [",
        "failed to solve: ",
        "a: failed to resolve source metadata for b: ",
        "digest mismatch ",
        "unexpected response digest for ",
        "base name (",
        "can't find = in \"",
        '"a" not found ',
        "git stderr:\n",
        "secret a",
        "x",
    ],
)
def test_a_message_of_any_length_is_explained_in_bounded_time(part: str) -> None:
    for step in (COPIED, f"[1/1] ADD {GIT} /x", ""):
        with bounded(40):
            failed(part * (400_000 // len(part)), step)
