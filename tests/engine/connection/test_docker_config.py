"""Docker's configuration file, beside the docker CLI: what it pulls is pulled here, too."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.building import lay, try_build
from tests.engine.buildx import Buildx, buildx
from tests.engine.pulling import Pulled, forget, must_pull, try_pull
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

WITH_LOGIN = json.dumps({"auths": {HERE: GOOD}})
SPLIT = f"{LOGIN[:4]}\\n{LOGIN[4:]}"
URL_SAFE = base64.urlsafe_b64encode(f"{USER}:{PASSWORD}".encode()).decode()

# What comes of these is not written here: it is what comes of them for the docker CLI.
ODD = {
    "a byte order mark": f"\ufeff{WITH_LOGIN}",
    "UTF-16": WITH_LOGIN.encode("utf-16"),
    "nothing": "",
    "blanks": " \n\t\n",
    "a broken object": WITH_LOGIN[:-1],
    "a comma too many": f"{WITH_LOGIN[:-1]},}}",
    "words after the end": f"{WITH_LOGIN} x",
    "a second object after the end": f"{WITH_LOGIN} {{}}",
    "a comment": f"// mine\n{WITH_LOGIN}",
    "the same key twice": f'{{"auths": {{"{HERE}": {json.dumps(GOOD)}}}, "auths": {{}}}}',
    "the same registry twice": (f'{{"auths": {{"{HERE}": {{}}, "{HERE}": {json.dumps(GOOD)}}}}}'),
    "a key in two cases": f'{{"auths": {{}}, "AUTHS": {{"{HERE}": {json.dumps(GOOD)}}}}}',
    "base64 with a line end": f'{{"auths": {{"{HERE}": {{"auth": "{SPLIT}"}}}}}}',
    "base64 with a blank": f'{{"auths": {{"{HERE}": {{"auth": " {LOGIN}"}}}}}}',
    "base64 without its end": {"auths": {HERE: {"auth": LOGIN.rstrip("=")}}},
    "base64 with more at its end": {"auths": {HERE: {"auth": f"{LOGIN}===="}}},
    "base64 for addresses": {"auths": {HERE: {"auth": URL_SAFE}}},
    "a slash behind": {"auths": {f"{HERE}/": GOOD}},
    "another scheme": {"auths": {f"https://{HERE}/v2/": GOOD}},
    "a path": {"auths": {f"{HERE}/rig": GOOD}},
    "blanks around the registry": {"auths": {f" {HERE} ": GOOD}},
    "both, and the first is wrong": {"auths": {HERE: {"username": "x", "password": "y", **GOOD}}},
    "both, and the second is wrong": {
        "auths": {HERE: {"auth": "eDp5", "username": USER, "password": PASSWORD}}
    },
    "a user without a password": {"auths": {HERE: {"username": USER}}},
    "a token that is wrong": {"auths": {HERE: {**GOOD, "registrytoken": "x"}}},
    "helpers that are null": {"credsStore": None, "credHelpers": None, "auths": {HERE: GOOD}},
    "a helper that is a number": {"credsStore": 5, "auths": {HERE: GOOD}},
    "headers that are a list": {"HttpHeaders": [], "auths": {HERE: GOOD}},
    "a known setting of a wrong type": {"psFormat": 5, "auths": {HERE: GOOD}},
    "an unknown setting": {"nobody": {"knows": [1e3]}, "auths": {HERE: GOOD}},
    "a number without bounds": WITH_LOGIN.replace("{", '{"nobody": 1e400, ', 1),
    "half a surrogate": WITH_LOGIN.replace("{", '{"nobody": "\\ud800", ', 1),
}

# A value of a wrong type: the docker CLI then reads no login at all, and here only the value
# is left out; see `docker_config.py`.
KEPT = {
    "a helper that is a number",
    "headers that are a list",
    "a known setting of a wrong type",
}


def _write(directory: Path, content: object, host: str) -> None:
    directory.mkdir(exist_ok=True)
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    raw = text.encode() if isinstance(text, str) else text
    encodings = (HERE.encode(), host.encode()), (HERE.encode("utf-16-le"), host.encode("utf-16-le"))
    for old, new in encodings:
        raw = raw.replace(old, new)
    (directory / "config.json").write_bytes(raw)


def _cli_pulls(buildx: Buildx, engine: Engine, directory: Path, image: str) -> bool:
    forget(engine, image)
    done = subprocess.run(
        [buildx.docker, "--config", str(directory), "--host", engine.url, "pull", "-q", image],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


BothPull = Callable[[object], tuple[bool, Pulled]]


@pytest.fixture
def both_pull(
    *,
    engine_containerd: Engine,
    basic_auth_registry: PrivateRegistry,
    registry: Registry,
    buildx: Buildx,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> BothPull:
    """Pull a private image by the docker CLI and by this package; a public one must succeed."""

    def pull(content: object) -> tuple[bool, Pulled]:
        engine, private = engine_containerd, basic_auth_registry
        _write(tmp_path, content, private.host)
        by_docker = _cli_pulls(buildx, engine, tmp_path, private.private)
        forget(engine, private.private, registry.one)
        # Only now: docker-py, with which images are removed, cannot read these files.
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        pulled = try_pull(engine, private.private)
        must_pull(engine, registry.one)
        assert PASSWORD not in "\n".join(pulled.log)
        return by_docker, pulled

    return pull


@pytest.mark.parametrize("name", FILES)
def test_a_pull_goes_on_wherever_docker_goes_on(name: str, both_pull: BothPull) -> None:
    by_docker, pulled = both_pull(FILES[name])
    has_login = name in HAVE_LOGIN
    assert (pulled.image is not None) is has_login, pulled.error
    assert has_login or not by_docker


@pytest.mark.sample(every=8)
@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_has_the_login_that_docker_finds_in_it(name: str, both_pull: BothPull) -> None:
    by_docker, pulled = both_pull(ODD[name])
    assert (by_docker, name in KEPT) != (True, True)
    assert (pulled.image is not None) is (by_docker or name in KEPT), pulled.error


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
