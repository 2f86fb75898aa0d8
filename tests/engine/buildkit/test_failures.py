"""Failed BuildKit builds on real engines are explained."""

import os
from pathlib import Path

import pytest

from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.progress.events import (
    BuildWarned,
    StepChanged,
)
from tests.engine.building import failed, lay, must_build, try_build
from tests.rig.engine import Engine
from tests.rig.registry import Registry


@pytest.mark.compatibility
@pytest.mark.old_engines
def test_heredocs_are_explained_on_an_older_engine(
    oldest: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN <<EOF\necho one\nEOF\n"})
    error = failed(try_build(oldest, tmp_path))
    assert error.dockerfile_line == 4
    assert "heredoc" in error.hint
    assert "# syntax=docker/dockerfile:1" in error.hint


def test_a_failing_heredoc_has_its_lines(
    engine_containerd: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\nRUN <<EOF\necho one\nexit 4\nEOF\n"})
    error = failed(try_build(engine_containerd, tmp_path))
    assert (error.exit_code, error.dockerfile_line) == (4, 4)
    assert [line.number for line in error.source_lines if line.is_failing] == [4, 5, 6, 7]


@pytest.mark.old_engines
def test_a_failing_run_has_its_lines_exit_code_and_log(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(
        tmp_path,
        {
            "Dockerfile": base
            + "RUN echo fine\n"
            + "FROM base AS broken\n"
            + "RUN echo one; \\\n    echo two >&2; \\\n    exit 7\n"
        },
    )
    error = failed(try_build(docker_engine, tmp_path))
    assert error.exit_code == 7
    assert error.dockerfile_line == 5
    assert error.step is not None
    assert error.step.startswith("RUN echo one;")
    assert sorted(error.log_tail) == ["one", "two"]
    assert [line.number for line in error.source_lines if line.is_failing] == [5, 6, 7]
    assert "exit code 7" in error.message


def test_the_same_command_twice_has_the_line_that_failed(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN mkdir /x\nRUN mkdir /x\n"})
    assert failed(try_build(docker_engine, tmp_path)).dockerfile_line == 4


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("RUNN x", "unknown instruction"),
        ("COPY one", "at least two arguments"),
        ("RUN --mount=type=nonsense true", "nonsense"),
        ("ENV x", "ENV must have two arguments"),
    ],
)
def test_an_invalid_dockerfile_has_its_line(
    docker_engine: Engine, tmp_path: Path, base: str, line: str, message: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}\n# comment\n{line}\nRUN true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert message in error.message
    # Newer engines report some of these without a line; the text they quote locates it.
    assert error.dockerfile_line in (5, None if line.startswith("ENV") else 5)


def test_an_unreadable_file_is_found_before_the_engine_builds(
    docker_engine: Engine, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patches `os.access`, because the tests run as root, who can read everything."""
    access = os.access

    def locked(path: str, mode: int, **_options: object) -> bool:
        return not str(path).endswith("/locked") and access(path, mode)

    monkeypatch.setattr(os, "access", locked)
    lay(tmp_path, {"locked": "x", "open": "y", "Dockerfile": f"{base}COPY open /\n"})
    must_build(docker_engine, tmp_path)
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\nCOPY open locked /\n"})
    built = try_build(docker_engine, tmp_path)
    assert isinstance(built.error, InvalidContext), built.error
    assert built.error.message.startswith("`locked` in the build context cannot be read")
    assert [event for event in built.events if isinstance(event, StepChanged)] == []


def test_a_file_that_fails_to_open_is_named_when_the_engine_requests_it(
    docker_engine: Engine, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some failures cannot be predicted, such as that of a disk."""
    open_file = os.open

    def locked(path: str, *args: int) -> int:
        if str(path).endswith("/locked"):
            raise PermissionError(13, "Permission denied", path)
        return open_file(path, *args)

    monkeypatch.setattr(os, "open", locked)
    lay(tmp_path, {"locked": "x", "open": "y", "Dockerfile": f"{base}COPY open /\n"})
    must_build(docker_engine, tmp_path)
    lay(tmp_path, {"Dockerfile": f"{base}COPY open locked /\n"})
    error = try_build(docker_engine, tmp_path).error
    assert isinstance(error, InvalidContext), error
    assert error.message == "`locked` in the build context cannot be read: permission denied."
    assert ".dockerignore" in error.hint


def test_a_cache_that_cannot_be_imported_is_not_blamed(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN exit 3\n"})
    error = failed(try_build(docker_engine, tmp_path, cache_from=[f"{registry.host}/no/cache:1"]))
    assert (error.step, error.exit_code, error.dockerfile_line) == ("RUN exit 3", 3, 3)


def test_a_missing_file_is_named(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {".dockerignore": "*.log\n", "a.log": "x", "Dockerfile": f"{base}COPY a.log /\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "`a.log`" in error.message
    assert ".dockerignore" in error.hint
    assert error.dockerfile_line == 3


def test_a_frontend_that_cannot_be_pulled_is_explained(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"# syntax={registry.host}/no/frontend:1\n{base}"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "no/frontend:1" in error.message
    assert "# syntax=" in error.hint
    assert error.dockerfile_line == 1


def test_a_warning_is_reported(engine_containerd: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo a \\\n\n  && echo b\n"})
    built = must_build(engine_containerd, tmp_path)
    (warning,) = [e for e in built.events if isinstance(e, BuildWarned)]
    assert "mpty continuation line" in warning.message
    assert warning.url.startswith("https://")
