"""An engine's error message becomes an error with a place, a reason and a hint.

The messages are those of real engines, Docker 20.10 and 26.1.
"""

from pathlib import Path

import pytest

from imagewidget.engine.buildkit.failure import failure
from imagewidget.engine.buildkit.proto.status_pb2 import StatusResponse, Timestamp, Vertex
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.failure.errors import BuildFailed, DiskFull, DockerError
from imagewidget.engine.request.request import BuildRequest
from tests.unit.effort import bounded
from tests.unit.engine.buildkit.failing import DOCKERFILE, build_failed, failed


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


@pytest.mark.parametrize(
    ("message", "text", "line"),
    [
        ("no build stage in current context", "ARG A=1\nRUN true\nFROM scratch\n", 2),
        (
            "only one escape parser directive can be used",
            "# escape=`\n# escape=\\\nFROM scratch\n",
            2,
        ),
        (
            'failed to process "\\"b": unexpected end of statement while looking for a quote',
            'FROM scratch\nENV C="d"\nENV A="b\n',
            3,
        ),
        ('failed to process "\\x": unexpected end', "FROM scratch\nENV A=x\n", None),
    ],
)
def test_an_error_without_a_line_is_located_by_what_it_says(
    message: str, text: str, line: int | None
) -> None:
    assert build_failed(message, text=text).dockerfile_line == line


def test_an_error_without_a_line_is_located_by_its_keyword() -> None:
    text = "FROM scratch\nENV x\nRUN true\n"
    assert build_failed("ENV must have two arguments", text=text).dockerfile_line == 2
    text = "FROM scratch\nENV x\nENV y=1\n"
    assert build_failed("ENV must have two arguments", text=text).dockerfile_line is None


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
    steps = ("[base 3/3] COPY --chown=1 a.txt /", "[1/1] ADD https://x.invalid/y.git /x", "")
    for step in steps:
        with bounded(40):
            failed(part * (400_000 // len(part)), step)
