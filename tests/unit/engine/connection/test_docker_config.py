"""Docker's configuration file is read as the docker CLI reads it (docker/cli `cli/config`)."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_config, login
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.credentials import Credentials
from tests.scripted import ScriptedEngine

ME = Credentials("me", "hidden")
HUB = "https://index.docker.io/v1/"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


GOOD = {"auth": encoded("me:hidden")}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's configuration file; helpers are found next to it."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path / "config.json"


def write(config: Path, content: object) -> None:
    config.write_text(json.dumps(content), encoding="utf-8")


def find(host: str = "r.example") -> login.Login:
    return login.find(docker_config.read(), host)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (GOOD, ME),
        ({"username": "me", "password": "hidden"}, ME),
        ({"Username": "me", "PASSWORD": "hidden"}, ME),
        ({**GOOD, "username": "other", "password": "other"}, ME),
        ({**GOOD, "identitytoken": ""}, ME),
        ({**GOOD, "identitytoken": None, "email": 5}, ME),
        ({**GOOD, "identitytoken": "it"}, Credentials("me", "hidden", "it")),
        ({"identitytoken": "it"}, Credentials("", "", "it")),
        ({"registrytoken": "rt"}, Credentials("", "", "", "rt")),
        ({"auth": encoded("me:hidden\0\0")}, ME),
        ({"auth": GOOD["auth"][:4] + "\r\n" + GOOD["auth"][4:]}, ME),
        ({"auth": encoded("me:a:b:")}, Credentials("me", "a:b:")),
        ({"auth": encoded("me:")}, Credentials("me", "")),
        (
            {"auth": base64.b64encode(b"me:\xff").decode()},
            Credentials("me", "\N{REPLACEMENT CHARACTER}"),
        ),
        ({"auth": encoded("me:é")}, Credentials("me", "é")),
        ({}, None),
        (None, None),
        ({"auth": ""}, None),
        ({"auth": None}, None),
    ],
)
def test_a_login_in_the_file_is_found(config: Path, entry: object, expected: object) -> None:
    write(config, {"auths": {"r.example": entry, "ghcr.io": GOOD}})

    assert find() == login.Login(expected)  # type: ignore[arg-type]
    assert find("ghcr.io").credentials == ME


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"auth": "%%%"}, None),
        ({"auth": "bWU6aGlkZGVu\t"}, None),
        ({"auth": encoded("no colon")}, None),
        ({"auth": encoded(":hidden")}, None),
        ({"auth": encoded("me")}, None),
        ({"auth": "bWU6aGlkZGVuIQ"}, None),  # no padding
        ({"auth": "%%%", "username": "me", "password": "hidden"}, ME),
        ({"auth": 5}, None),
        ({"auth": [], "username": "me", "password": "hidden"}, ME),
        (5, None),
        ("text", None),
        ([], None),
    ],
)
def test_an_entry_that_is_not_valid_is_ignored_with_a_note(
    config: Path, entry: object, expected: object
) -> None:
    write(config, {"auths": {"r.example": entry, "ghcr.io": GOOD}})

    found = find()
    assert found.credentials == expected
    (note,) = found.notes
    assert note.startswith(
        "Using the file's login for r.example. Its "
        if expected
        else "Continuing without a login for r.example. Its "
    )
    assert find("ghcr.io") == login.Login(ME)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("", ""),
        (" \n", ""),
        ("null", ""),
        ("{}", ""),
        ("[]", "is not a JSON object"),
        ("5", "is not a JSON object"),
        ("{", "is not valid JSON (line 1)"),
        ("\ufeff{}", "is not valid JSON"),
        ('{"auths": NaN}', "is not valid JSON"),
        ("[" * 100_000, "is not valid JSON"),
        ('{"auths": 5}', "`auths` in Docker's configuration file is not an object"),
        ('{"auths": null}', ""),
        ('{"credsStore": 5}', "`credsStore` in Docker's configuration file is not a string"),
        ('{"credHelpers": {"r.example": 5}}', "`credHelpers` in Docker's configuration file"),
        ('{"HttpHeaders": {"A": 5}}', "The values of `HttpHeaders`"),
        ('{"HttpHeaders": null}', ""),
        ('{"proxies": {"default": null}}', ""),
        ('{"proxies": []}', "`proxies` in Docker's configuration file is not an object"),
        ('{"proxies": {"default": {"httpProxy": 5}}}', "`httpProxy`"),
        ('{"proxies": {"default": 5}}', "The values of `proxies` in Docker's configuration file"),
    ],
)
def test_a_file_without_logins_is_the_same_as_none(config: Path, content: str, note: str) -> None:
    config.write_text(content, encoding="utf-8")

    found = find()

    assert found.credentials is None
    assert len(found.notes) == bool(note)
    assert note in "".join(found.notes)
    assert docker_config.read().context == ""


def test_what_follows_the_first_value_is_ignored(config: Path) -> None:
    config.write_text(json.dumps({"auths": {"r.example": GOOD}}) + "}}", encoding="utf-8")
    assert find() == login.Login(ME)


A, B = (f'{{"auth": "{encoded(f"{name}:hidden")}"}}' for name in "ab")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f'{{"auths": {{"r.example": {A}}}, "auths": {{"ghcr.io": {B}}}}}', {"a", "b"}),
        (f'{{"auths": {{"r.example": {A}}}, "Auths": {{"ghcr.io": {B}}}}}', {"a", "b"}),
        (f'{{"auths": {{"r.example": {A}}}, "auths": {{"r.example": {B}}}}}', {"b"}),
        (f'{{"auths": {{"r.example": {A}, "r.example": {B}}}}}', {"b"}),
        (f'{{"auths": {{"r.example": {A}}}, "auths": 5}}', {"a"}),
        (f'{{"auths": {{"r.example": {A}}}, "auths": null}}', set()),
        (f'{{"auths": {{"r.example": {A[:-1]}, "auth": null}}}}}}', {"a"}),
        (f'{{"auths": {{"r.example": {A}}}, "other": {"9" * 5_000}}}', {"a"}),
    ],
)
def test_a_name_may_occur_twice_as_in_go(config: Path, content: str, expected: set[str]) -> None:
    config.write_text(content, encoding="utf-8")
    logins, _ = login.find_all(docker_config.read(), Cancellation())
    assert {each.username for each in logins.values()} == expected


def test_text_that_is_not_utf_8_is_replaced(config: Path) -> None:
    config.write_bytes(
        b'{"a\xff": "\\ud800", "auths": {"r.example": {"username": "\\ud800", "password": "x"}}}'
    )
    found = find().credentials
    assert found is not None
    assert found.username == "\N{REPLACEMENT CHARACTER}"


def test_a_file_that_cannot_be_read_is_the_same_as_none(config: Path) -> None:
    config.mkdir()
    (note,) = find().notes
    assert "config.json cannot be read: Is a directory." in note


@pytest.mark.parametrize(
    ("key", "host", "is_found"),
    [
        (HUB, "docker.io", True),
        (HUB, "registry-1.docker.io", True),
        ("docker.io", "docker.io", False),
        ("index.docker.io", "docker.io", False),
        ("https://index.docker.io/v1/access-token", "docker.io", False),
        ("https://r.example", "r.example", True),
        ("http://r.example/v1/", "r.example", True),
        ("r.example/owner", "r.example", True),
        ("https://r.example:5000/v2/", "r.example:5000", True),
        ("https://r.example:5000/v2/", "r.example", False),
        ("https://r.example:x/v2/", "r.example:x", True),
        ("https://[", "[", True),
        ("R.example", "r.example", False),
    ],
)
def test_a_login_is_found_under_the_names_that_docker_uses(
    config: Path, key: str, host: str, is_found: bool
) -> None:
    write(config, {"auths": {key: GOOD}})
    assert find(host).credentials == (ME if is_found else None)


# Credential helpers.


def helper(config: Path, name: str, script: str) -> None:
    path = config.parent / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


STORED = """cat >/dev/null; echo '{"ServerURL": "x", "Username": "stored", "Secret": "s"}'"""
OTHERS = Credentials("stored", "s")


@pytest.mark.skipif(os.name == "nt", reason="the helpers are shell scripts")
@pytest.mark.parametrize(
    ("script", "expected", "note"),
    [
        (STORED, OTHERS, ""),
        ("""echo '{"Username": "<token>", "Secret": "it"}'""", Credentials("", "", "it"), ""),
        ("""echo '{"Username": "", "Secret": ""}'""", None, ""),
        ("echo credentials not found in native keychain; exit 1", None, ""),
        ("echo no key; exit 1", ME, "docker-credential-h failed: no key"),
        ("echo no key >&2; exit 1", ME, "docker-credential-h failed: no key"),
        ("exit 3", ME, "docker-credential-h failed: exit code 3"),
        ("echo nonsense", ME, "docker-credential-h failed: its answer is not valid"),
        ("echo '[]'", ME, "docker-credential-h failed: its answer is not valid"),
        (None, ME, "docker-credential-h is not installed"),
    ],
)
@pytest.mark.parametrize("key", ["credsStore", "credHelpers"])
def test_a_helper_that_fails_leaves_the_login_in_the_file(
    config: Path, script: str | None, expected: Credentials | None, note: str, key: str
) -> None:
    if script is not None:
        helper(config, "h", script)
    named: Any = "h" if key == "credsStore" else {"r.example": "h"}
    write(config, {key: named, "auths": {"r.example": GOOD}})

    found = find()

    assert found.credentials == expected
    assert len(found.notes) == bool(note)
    assert note in "".join(found.notes)


def test_a_helper_is_a_program_on_the_path(config: Path) -> None:
    write(config, {"credsStore": "../h", "auths": {"r.example": GOOD}})
    assert find().credentials == ME


@pytest.mark.skipif(os.name == "nt", reason="the helpers are shell scripts")
def test_an_empty_helper_means_the_file(config: Path) -> None:
    helper(config, "h", STORED)
    write(
        config,
        {"credsStore": "h", "credHelpers": {"r.example": ""}, "auths": {"r.example": GOOD}},
    )
    assert find().credentials == ME
    assert find("ghcr.io").credentials == OTHERS


@pytest.mark.skipif(os.name == "nt", reason="the helpers are shell scripts")
def test_without_logins_the_helper_of_the_platform_is_used(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{config.parent}:/bin")
    helper(config, "secretservice", STORED)
    assert find().credentials == OTHERS
    write(config, {"auths": {"ghcr.io": GOOD}})
    assert find().credentials is None


def test_logins_in_the_environment_take_precedence(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, {"credsStore": "nowhere", "auths": {"r.example": GOOD, "ghcr.io": GOOD}})
    passed = json.dumps({"auths": {"r.example": {"auth": encoded("ci:token")}}})
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", passed)
    assert find() == login.Login(Credentials("ci", "token"))
    assert find("ghcr.io").credentials == ME

    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "nonsense")
    assert find().credentials == ME
    assert "`DOCKER_AUTH_CONFIG` is not valid JSON (line 1)." in find().notes

    every, _ = login.find_all(docker_config.read(), Cancellation())
    assert set(every) == {"r.example", "ghcr.io"}


@pytest.mark.parametrize(
    ("passed", "note"),
    [
        ({"auths": {"r.example": {"auth": "%%%"}}}, "for r.example in `DOCKER_AUTH_CONFIG`. Its `"),
        ({"auths": {"r.example": {}}}, "for r.example in `DOCKER_AUTH_CONFIG`. Its entry is empty"),
        ({"auths": {"r.example": None}}, "`DOCKER_AUTH_CONFIG`. Its entry is empty"),
        ({"auths": {"r.example": 5}}, "`DOCKER_AUTH_CONFIG`. Its entry is not an object."),
        ({"auths": 5}, "`auths` in `DOCKER_AUTH_CONFIG` is not an object."),
    ],
)
def test_a_login_in_the_environment_that_cannot_be_used_leaves_that_in_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch, passed: object, note: str
) -> None:
    write(config, {"auths": {"r.example": GOOD}})
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps(passed))

    found = find()
    assert found.credentials == ME
    assert note in "".join(found.notes)
    assert login.find_all(docker_config.read(), Cancellation()) == ({"r.example": ME}, found.notes)


def test_every_request_has_the_headers_that_are_strings(config: Path, tmp_path: Path) -> None:
    headers = {
        "X-Lab": " 7\t",
        "X-Euro": "€",
        "X-Number": 7,
        "Bad Name": "x",
        "X-Bad": "a\nb",
        "auth": "%%%",
        "content-length": "7",
        "Transfer-Encoding": "chunked",
        "Host": "other.example",
        "User-Agent": "mine",
        "x-registry-auth": "not the login",
    }
    write(config, {"HttpHeaders": headers, "proxies": {"default": None}})
    scripted = ScriptedEngine(tmp_path)
    try:
        client = new_client(scripted.client.endpoint.url)
        client.ping()
        sent = scripted.asked[-1].headers
        assert (sent["X-Lab"], sent["auth"]) == ("7", "%%%")
        assert sent["X-Euro"].encode("latin-1").decode() == "€"
        assert not {"X-Number", "X-Bad", "Bad Name", "Transfer-Encoding"} & set(sent)
        assert not {"7", "other.example", "mine"} & {
            sent.get(name) for name in ("Content-Length", "Host", "User-Agent")
        }

        with client.operation(timeout=5.0) as api:
            list(api.post_stream("/build", {}, {"X-Registry-Auth": "the login"}, None, b""))
        assert [
            value
            for name, value in scripted.asked[-1].headers.items()
            if name.lower() == "x-registry-auth"
        ] == ["the login"]
    finally:
        scripted.stop()
