"""Pulls with `auth=` from registries that require a login, on each engine."""

import base64
import json
from pathlib import Path

import pytest

from imagewidget.engine.credentials import check_auth
from imagewidget.engine.failure.errors import AccessDenied
from tests.engine.pulling import forget, must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.registry import PrivateRegistry

WRONG = "n0t-the-pass/word"


@pytest.fixture(params=["basic_auth_registry", "token_auth_registry"])
def private(request: pytest.FixtureRequest, engine: Engine) -> PrivateRegistry:
    """A registry that requires a login; the engine does not have its image."""
    found: PrivateRegistry = request.getfixturevalue(request.param)
    forget(engine, found.private)
    return found


def configure(
    directory: Path, monkeypatch: pytest.MonkeyPatch, registry: PrivateRegistry, password: str
) -> None:
    """Write the configuration file that `docker login` writes."""
    login = base64.b64encode(f"{registry.user}:{password}".encode()).decode()
    content = {"auths": {registry.host: {"auth": login}}}
    (directory / "config.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(directory))


def test_the_right_login_pulls(
    engine: Engine, private: PrivateRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path, monkeypatch, private, WRONG)
    auth = check_auth({private.host: (private.user, private.password)})

    pulled, image = must_pull(engine, private.private, auth=auth)

    assert image.source == private.host
    assert private.password not in repr(pulled.events)


@pytest.mark.faults
def test_a_wrong_login_is_refused_and_never_shown(
    engine: Engine, private: PrivateRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path, monkeypatch, private, private.password)
    auth = check_auth({private.host: (private.user, WRONG)})

    pulled = try_pull(engine, private.private, auth=auth)

    assert isinstance(pulled.error, AccessDenied), pulled.error
    assert pulled.error.hint.startswith(
        f"Check the user name and the password for {private.host} in `auth=`"
    )
    assert len(pulled.attempts) == 1
    assert WRONG not in repr(pulled.events) + str(pulled.error) + repr(pulled.states)


@pytest.mark.faults
def test_without_a_login_the_pull_is_refused_and_both_ways_are_named(
    engine: Engine, private: PrivateRegistry
) -> None:
    pulled = try_pull(engine, private.private, auth=check_auth({"other.example": ("a", "b")}))

    assert isinstance(pulled.error, AccessDenied), pulled.error
    assert "docker login" in pulled.error.hint
    assert "auth=" in pulled.error.hint
