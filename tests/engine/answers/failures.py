"""Builds that fail, and what the error says."""

from __future__ import annotations

from imagewidget.engine.failure.errors import BuildFailed
from tests.engine.answers.check import Asked, check, yes_if
from tests.engine.building import Built, failed

SECTION = "Failed builds"
PODMANS = "podman oldest-podman"


@check(SECTION, "The exit code of a command", "7")
def exit_code(on: Asked) -> str:
    return str(failed(on.build("RUN exit 7")).exit_code)


@check(SECTION, "The line of a command that fails", "4")
def line(on: Asked) -> str:
    return _line(on.build("RUN true", "RUN false"))


@check(SECTION, "The last lines of its output", "yes")
def log_tail(on: Asked) -> str:
    return yes_if(failed(on.build("RUN echo last words; exit 1")).log_tail[-1:] == ("last words",))


@check(SECTION, "The hint for a command that was killed", "memory")
def killed(on: Asked) -> str:
    error = failed(on.build("RUN sh -c 'kill -9 $$'; exit $?"))
    return "memory" if error.exit_code == 137 and "memory" in error.hint else error.hint


@check(SECTION, "A missing file is named", "yes")
def missing_file(on: Asked) -> str:
    error = failed(on.build("COPY nothing.txt /"))
    return yes_if("nothing.txt" in error.message)


@check(SECTION, "So is the ignore file that excludes it", "yes")
def ignored_file(on: Asked) -> str:
    files = {"a.log": "1", ".dockerignore": "*.log\n"}
    error = failed(on.build("COPY a.log /", files=files))
    return yes_if("`.dockerignore`" in error.hint)


@check(SECTION, "The line of an unknown instruction", "3")
def unknown_instruction(on: Asked) -> str:
    return _line(on.build("RUNN x"))


@check(SECTION, "The line of an unknown flag", "3")
def unknown_flag(on: Asked) -> str:
    return _line(on.build("COPY --nonsense a /"))


@check(SECTION, "The line of a base image that does not exist", "3")
def missing_base(on: Asked) -> str:
    return _line(on.build(f"FROM {on.registry.host}/rig/nothing:1"))


@check(SECTION, "The line of a stage that does not exist", "3")
def missing_stage(on: Asked) -> str:
    return _line(on.build("COPY --from=nowhere /a /"))


@check(SECTION, "A URL that cannot be added is named", "yes")
def missing_url(on: Asked) -> str:
    url = f"http://{on.registry.host}/v2/nothing"
    return yes_if(f"`{url}`" in failed(on.build(f"ADD {url} /x")).message)


@check(
    SECTION,
    "`# check=error=true` makes advice an error",
    "no: its frontend takes the directive for a comment",
    {"docker docker-containerd": "yes"},
)
def check_is_error(on: Asked) -> str:
    text = f"# check=error=true\nFROM {on.registry.one}\nCMD echo hello\n"
    (on.folder / "Dockerfile").write_text(text)
    error = on.build_again().error
    if error is None:
        return "no: its frontend takes the directive for a comment"
    return yes_if(isinstance(error, BuildFailed) and "JSONArgsRecommended" in error.message)


def _line(built: Built) -> str:
    return str(failed(built).dockerfile_line)
