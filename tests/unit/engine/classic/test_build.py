"""The classic builder against an engine that responds as real ones rarely do."""

import base64
import gc
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.build import build as build_by_any
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic.build import build
from imagewidget.engine.classic.parameters import headers
from imagewidget.engine.connection import docker_config
from imagewidget.engine.context.context import DirectoryContext, Entry
from imagewidget.engine.failure.errors import (
    AccessDenied,
    BuildFailed,
    Cancelled,
    DockerError,
    RegistryUnavailable,
)
from imagewidget.engine.request.request import BuildRequest
from tests.scripted import Answer, ScriptedEngine, refusal

TEXT = "FROM base\nRUN one\n"


@pytest.mark.skipif(os.name == "nt", reason="the helper is a shell script")
def test_a_missing_credential_helper_does_not_affect_other_logins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "docker-credential-there"
    login = '{"Username": "me", "Secret": "hidden", "https://quay.io": "me"}'
    helper.write_text(f"#!/bin/sh\necho '{login}'\n", encoding="utf-8")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    written = {
        "auths": {"r.example": {"auth": base64.b64encode(b"you:hidden").decode()}},
        "credHelpers": {"gcr.io": "missing", "eu.gcr.io": "missing", "ghcr.io": "there"},
    }
    (tmp_path / "config.json").write_text(json.dumps(written), encoding="utf-8")
    request = BuildRequest.of(dockerfile=TEXT, environ={})

    found, warning = headers(request, docker_config.read(), Cancellation())

    logins = json.loads(base64.urlsafe_b64decode(found["X-Registry-Config"]))
    assert logins["ghcr.io"]["username"] == "me"
    assert logins["r.example"]["username"] == "you"
    assert "gcr.io" not in logins
    assert warning.count("\n") == 1
    assert "docker-credential-missing is not installed" in warning

    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "there"}), encoding="utf-8")
    found, warning = headers(request, docker_config.read(), Cancellation())
    assert "https://quay.io" in json.loads(base64.urlsafe_b64decode(found["X-Registry-Config"]))
    assert warning == ""


def test_the_proxies_of_dockers_configuration_reach_the_build(
    scripted: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    written = {"proxies": {"default": {"httpProxy": "http://me:hidden@proxy:3128"}}}
    (tmp_path / "config.json").write_text(json.dumps(written), encoding="utf-8")
    scripted.build = refusal(500, "no way by http://me:hidden@proxy:3128, hidden")
    request = BuildRequest.of(dockerfile=TEXT, builder="classic", environ={})

    with pytest.raises(DockerError) as caught:
        list(build_by_any(scripted.client, request, cancel=Cancellation(), clock=lambda: 0.0))

    sent = json.loads(scripted.asked_for("/build")[0].query["buildargs"])
    assert sent == dict.fromkeys(("http_proxy", "HTTP_PROXY"), "http://me:hidden@proxy:3128")
    assert "hidden" not in caught.value.message
    assert caught.value.__context__ is None  # the unmasked error is not attached


def failed(scripted: ScriptedEngine, context: Any = None, **options: Any) -> DockerError:
    """Return the error of a build that must fail."""
    request = BuildRequest.of(
        context, environ={}, **{"dockerfile": None if context else TEXT, **options}
    )
    with pytest.raises(DockerError) as caught:
        for _ in build(scripted.client, request, cancel=Cancellation(), clock=lambda: 0.0):
            pass
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "dockerfile parse error line 2: unknown instruction: EOF",
        "dockerfile parse error on line 2: unknown instruction: TIMEOUT (timed out)",
    ],
)
def test_a_parse_error_is_a_failed_build_whatever_words_it_quotes(
    scripted: ScriptedEngine, text: str
) -> None:
    scripted.build = refusal(400, text)

    error = failed(scripted)

    assert isinstance(error, BuildFailed)
    assert error.dockerfile_line == 2
    assert "Correct the Dockerfile" in error.hint


def test_an_error_of_a_registry_is_not_about_the_dockerfile(scripted: ScriptedEngine) -> None:
    scripted.build = refusal(500, "received unexpected HTTP status: 500 Internal Server Error")
    assert type(failed(scripted)) is RegistryUnavailable

    scripted.build = refusal(404, "pull access denied for owner/dockerfile: denied")
    assert type(failed(scripted)) is AccessDenied


def test_a_missing_dockerfile_is_a_failed_build(scripted: ScriptedEngine) -> None:
    scripted.build = refusal(400, "Cannot locate specified Dockerfile: timed.out")
    assert type(failed(scripted)) is BuildFailed


@pytest.mark.parametrize("walk", [1, 2], ids=["measure", "pack"])
def test_cancel_stops_measuring_and_packing(
    scripted: ScriptedEngine, tmp_path: Path, walk: int
) -> None:
    root = tmp_path / "context"
    root.mkdir()
    for number in range(50):
        (root / str(number)).touch()
    cancel = Cancellation()
    walks: list[int] = []

    class Watched(DirectoryContext):
        def entries(self, *args: Any) -> Iterator[Entry]:
            walks.append(0)
            for entry in super().entries(*args):
                walks[-1] += 1
                if (len(walks), walks[-1]) == (walk, 3):
                    cancel.request()
                yield entry

    request = BuildRequest.of(root, dockerfile=TEXT, environ={})
    request = replace(request, sources=replace(request.sources, context=Watched(root)))
    with pytest.raises(Cancelled):
        for _ in build(scripted.client, request, cancel=cancel, clock=lambda: 0.0):
            pass

    assert walks == ([3] if walk == 1 else [50, 3])


def test_a_failed_build_leaves_nothing_of_itself_in_memory(scripted: ScriptedEngine) -> None:
    """Neither a secret in the original error, nor the request and its context."""
    scripted.build = Answer([{"errorDetail": {"message": "boom hidden-password"}}])
    auth = {"ghcr.io": ("me", "hidden-password")}
    request = BuildRequest.of(dockerfile=TEXT, auth=auth, environ={})

    def message() -> str:
        try:
            [*build(scripted.client, request, cancel=Cancellation(), clock=lambda: 0.0)]
        except DockerError as error:
            return error.message
        return ""

    gc.collect()
    gc.disable()
    try:
        assert message() == "boom ***"
        errors = [one for one in gc.get_objects() if isinstance(one, BuildFailed)]
    finally:
        gc.enable()
    assert [error.message for error in errors if "hidden" in error.message] == []
