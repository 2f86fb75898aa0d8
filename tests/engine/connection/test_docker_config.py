"""Docker's configuration file, beside the docker CLI: what it pulls is pulled here, too."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from tests.engine.building import lay, try_build
from tests.engine.buildx import Buildx, buildx
from tests.engine.pulling import forget, must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.registry import PASSWORD, USER, PrivateRegistry, Registry

LOGIN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
GOOD = {"auth": LOGIN}
HERE = "127.82.0.5:5000"
__all__ = ["buildx"]

# Each with the registry's name in place of HERE.
HAVE_LOGIN = {
    "username and password": {"auths": {HERE: {"username": USER, "password": PASSWORD}}},
    "auth and an empty token": {"auths": {HERE: {**GOOD, "identitytoken": ""}}},
    "names in another case": {"Auths": {HERE: {"AUTH": LOGIN}}},
    "a missing helper": {"credsStore": "nowhere", "auths": {HERE: GOOD}},
    "a missing helper of its own": {"credHelpers": {HERE: "nowhere"}, "auths": {HERE: GOOD}},
    "an empty helper": {"credHelpers": {HERE: ""}, "auths": {HERE: GOOD}},
    "padding": {
        "auths": {HERE: {"auth": base64.b64encode(f"{USER}:{PASSWORD}\0".encode()).decode()}}
    },
    "an address": {"auths": {f"http://{HERE}/v1/": GOOD}},
    "an entry that is null": {"auths": {"other.example": None, HERE: GOOD}},
    "another entry without auth": {"auths": {"other.example": {}, HERE: GOOD}},
    "another entry of a wrong type": {"auths": {"other.example": 5, HERE: GOOD}},
    "another entry that is not base64": {"auths": {"other.example": {"auth": "%"}, HERE: GOOD}},
    "proxies that are null": {"proxies": {"default": None}, "auths": {HERE: GOOD}},
    "proxies of a wrong type": {"proxies": 5, "auths": {HERE: GOOD}},
    "a header that is a number": {"HttpHeaders": {"X-Lab": 7}, "auths": {HERE: GOOD}},
}
HAVE_NONE = {
    "no login": {"auths": {HERE: {}}},
    "an empty auth": {"auths": {HERE: {"auth": ""}}},
    "an auth that is null": {"auths": {HERE: {"auth": None}}},
    "an auth that is not base64": {"auths": {HERE: {"auth": "%%%"}}},
    "an auth without a colon": {"auths": {HERE: {"auth": "bm9ib2R5"}}},
    "null": None,
    "a list": [],
    "auths of a wrong type": {"auths": 5},
}
FILES = {**HAVE_LOGIN, **HAVE_NONE}


def _write(directory: Path, content: object, host: str) -> None:
    directory.mkdir(exist_ok=True)
    text = json.dumps(content).replace(HERE, host)
    (directory / "config.json").write_text(text, encoding="utf-8")


def _cli_pulls(buildx: Buildx, engine: Engine, directory: Path, image: str) -> bool:
    forget(engine, image)
    done = subprocess.run(
        [buildx.docker, "--config", str(directory), "--host", engine.url, "pull", "-q", image],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize("name", FILES)
def test_a_pull_goes_on_wherever_docker_goes_on(
    name: str,
    *,
    engine_containerd: Engine,
    basic_auth_registry: PrivateRegistry,
    registry: Registry,
    buildx: Buildx,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, private = engine_containerd, basic_auth_registry
    _write(tmp_path, FILES[name], private.host)
    has_login = name in HAVE_LOGIN

    by_docker = _cli_pulls(buildx, engine, tmp_path, private.private)
    forget(engine, private.private, registry.one)
    # Only now: docker-py, with which images are removed, cannot read these files.
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    pulled = try_pull(engine, private.private)
    assert (pulled.image is not None) is has_login, pulled.error
    assert has_login or not by_docker
    must_pull(engine, registry.one)
    assert PASSWORD not in "\n".join(pulled.log)


@pytest.mark.parametrize(
    "name", ["username and password", "a missing helper", "a header that is a number", "a list"]
)
def test_a_base_image_is_found_with_the_same_login(
    name: str,
    *,
    docker_engine: Engine,
    basic_auth_registry: PrivateRegistry,
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    private = basic_auth_registry
    docker_engine.clean()
    _write(tmp_path / "docker", FILES[name], private.host)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    own = lay(tmp_path / "private", {"Dockerfile": f"FROM {private.private}\n"})
    public = lay(tmp_path / "public", {"Dockerfile": f"FROM {registry.one}\n"})
    for builder in ("buildkit", "classic"):
        built = try_build(docker_engine, own, pull=True, builder=builder)
        assert (built.image is not None) is (name != "a list"), built.error
        assert try_build(docker_engine, public, pull=True, builder=builder).image is not None
