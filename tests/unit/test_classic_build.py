"""The classic builder against an engine that answers as real ones seldom do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic import build
from imagewidget.engine.errors import AccessDenied, BuildFailed, DockerError, RegistryUnavailable
from imagewidget.engine.request import BuildRequest
from tests.scripted import ScriptedEngine, refusal

TEXT = "FROM base\nRUN one\n"


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedEngine]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    running = ScriptedEngine(tmp_path)
    yield running
    running.stop()


def failed(scripted: ScriptedEngine, context: Any = None, **options: Any) -> DockerError:
    """Build, and give the error that ends it."""
    request = BuildRequest.of(
        context, environ={}, **{"dockerfile": None if context else TEXT, **options}
    )
    with pytest.raises(DockerError) as caught:
        for _ in build(scripted.client, request, cancel=Cancellation(), clock=lambda: 0.0):
            pass
    return caught.value


@pytest.mark.parametrize(
    "words",
    [
        "dockerfile parse error line 2: unknown instruction: EOF",
        "dockerfile parse error on line 2: unknown instruction: TIMEOUT (timed out)",
    ],
)
def test_a_broken_dockerfile_is_no_outage_whatever_stands_in_it(
    scripted: ScriptedEngine, words: str
) -> None:
    scripted.build = refusal(400, words)

    error = failed(scripted)

    assert isinstance(error, BuildFailed)
    assert error.dockerfile_line == 2
    assert "Correct the Dockerfile" in error.hint


def test_a_registrys_answer_is_not_about_the_dockerfile(scripted: ScriptedEngine) -> None:
    scripted.build = refusal(500, "received unexpected HTTP status: 500 Internal Server Error")
    assert type(failed(scripted)) is RegistryUnavailable

    scripted.build = refusal(404, "pull access denied for owner/dockerfile: denied")
    assert type(failed(scripted)) is AccessDenied


def test_a_missing_dockerfile_is_about_the_dockerfile(scripted: ScriptedEngine) -> None:
    scripted.build = refusal(400, "Cannot locate specified Dockerfile: timed.out")
    assert type(failed(scripted)) is BuildFailed
