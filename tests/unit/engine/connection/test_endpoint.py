"""Where the engine is: at an address, in a docker context, or as the environment says."""

import hashlib
import json
from pathlib import Path

import pytest

from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.connection.sockets import Sockets
from imagewidget.engine.failure.errors import EngineUnavailable

DEFAULT = Endpoint("unix:///var/run/docker.sock")
# Without the other sockets of the machine that runs the tests; see `test_sockets.py`.
ALONE = Sockets("/var/run/docker.sock")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's configuration file, separate for each test."""
    directory = tmp_path / "config"
    directory.mkdir()
    path = directory / "config.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(directory))
    return path


def make_context(config: Path, name: str, host: str) -> Path:
    """Write a context as the docker CLI does; return the directory for its certificates."""
    identity = hashlib.sha256(name.encode()).hexdigest()
    meta = config.parent / "contexts" / "meta" / identity
    meta.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": False}
    content = {"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (meta / "meta.json").write_text(json.dumps(content), encoding="utf-8")
    return config.parent / "contexts" / "tls" / identity / "docker"


def certificates(directory: Path) -> Path:
    directory.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (directory / name).touch()
    return directory


def test_the_default_socket_is_the_last_resort(config: Path) -> None:
    assert config.exists()
    for platform in ("linux", "darwin"):
        found = resolve(environment={}, platform=platform, sockets=ALONE)
        assert found.url == "unix:///var/run/docker.sock"
    assert resolve(environment={}, platform="win32").url == "npipe:////./pipe/docker_engine"


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("unix:///x/docker.sock", "unix:///x/docker.sock"),
        ("/x/docker.sock", "unix:///x/docker.sock"),
        ("tcp://host:2375", "tcp://host:2375"),
        ("tcp://host", "tcp://host:2375"),
        ("host:1234", "tcp://host:1234"),
        ("ssh://user@host", "ssh://user@host"),
        ("ssh://user@host:2222", "ssh://user@host:2222"),
        ("npipe:////./pipe/x", "npipe:////./pipe/x"),
        ("https://host:2376", "https://host:2376"),
    ],
)
def test_an_address_is_completed(target: str, url: str) -> None:
    assert resolve(target, environment={}).url == url
    assert resolve(environment={"DOCKER_HOST": target}).url == url


@pytest.mark.parametrize("target", ["", " "])
def test_an_empty_target_is_not_the_default_engine(target: str) -> None:
    """It may come from an unset variable; another engine than intended would be used."""
    with pytest.raises(EngineUnavailable, match="`target` is empty"):
        resolve(target)


def test_an_argument_overrides_the_environment() -> None:
    environment = {"DOCKER_HOST": "tcp://other:1", "DOCKER_CONTEXT": "another"}

    assert resolve("tcp://host:2", environment=environment).url == "tcp://host:2"
    assert resolve(environment=environment).url == "tcp://other:1"


def test_a_context_may_be_an_argument_or_in_the_environment_or_current(config: Path) -> None:
    for name in ("lab", "home"):
        make_context(config, name, f"tcp://{name}:2375")
    config.write_text(json.dumps({"currentContext": "home"}), encoding="utf-8")

    assert resolve("lab", environment={}).url == "tcp://lab:2375"
    assert resolve(environment={"DOCKER_CONTEXT": "lab"}).url == "tcp://lab:2375"
    current = resolve(environment={})
    assert (current.url, current.context) == ("tcp://home:2375", "home")
    assert resolve("default", environment={}, platform="linux") == DEFAULT


def test_a_context_is_found_without_a_configuration_file(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_context(config, "lab", "tcp://lab:2375")
    config.unlink()
    # docker-py would use this file and these contexts instead, which are another user's.
    home = tmp_path / "home"
    make_context(home / ".docker" / "config.json", "lab", "tcp://other:2375")
    (home / ".docker" / "config.json").write_text('{"currentContext": "lab"}', encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))

    assert resolve("lab", environment={}).url == "tcp://lab:2375"
    assert resolve(environment={"DOCKER_CONTEXT": "lab"}).url == "tcp://lab:2375"
    assert resolve(environment={}, platform="linux", sockets=ALONE) == DEFAULT

    monkeypatch.delenv("DOCKER_CONFIG")
    assert resolve(environment={}).url == "tcp://other:2375"
    (home / ".docker" / "config.json").unlink()
    assert resolve("lab", environment={}).url == "tcp://other:2375"


@pytest.mark.parametrize(
    "content", ['{"currentContext": ""}', '{"currentContext": null}', "{", "1"]
)
def test_a_configuration_that_names_no_context_means_the_default(
    config: Path, content: str
) -> None:
    config.write_text(content, encoding="utf-8")

    assert resolve(environment={}, platform="linux", sockets=ALONE) == DEFAULT


def test_the_default_context_is_the_engine_of_the_environment(config: Path) -> None:
    make_context(config, "lab", "tcp://lab:2375")
    config.write_text(json.dumps({"currentContext": "lab"}), encoding="utf-8")
    environment = {"DOCKER_HOST": "tcp://host:1", "DOCKER_CONTEXT": "lab"}

    assert resolve("default", environment=environment) == Endpoint("tcp://host:1")
    named = {"DOCKER_CONTEXT": "default"}
    assert resolve(environment=named, platform="linux") == DEFAULT
    assert resolve(environment={**named, "DOCKER_HOST": "tcp://host:1"}).url == "tcp://host:1"
    assert resolve("default", environment={"DOCKER_CONTEXT": "lab"}, platform="linux") == DEFAULT


def test_a_context_without_an_address_is_the_default_socket(config: Path) -> None:
    make_context(config, "here", "")

    assert resolve("here", environment={}, platform="linux").url == DEFAULT.url


def test_a_context_may_have_only_a_ca(config: Path) -> None:
    where = certificates(make_context(config, "lab", "tcp://lab"))
    for name in ("cert.pem", "key.pem"):
        (where / name).unlink()

    endpoint = resolve("lab", environment={})

    assert endpoint.url == "tcp://lab:2376"
    assert endpoint.tls is not None
    assert endpoint.tls.verify is True


def test_a_contexts_certificates_are_used(config: Path) -> None:
    certificates(make_context(config, "lab", "tcp://lab:2376"))

    endpoint = resolve("lab", environment={})

    assert endpoint.tls is not None
    assert str(endpoint.tls.ca_cert).endswith("ca.pem")
    assert "ca.pem" not in repr(endpoint)


def test_a_context_that_does_not_exist_is_reported(config: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no docker context lab") as caught:
        resolve("lab", environment={})
    assert "docker context ls" in caught.value.hint

    config.write_text(json.dumps({"currentContext": "gone"}), encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="no docker context gone"):
        resolve(environment={})


def test_a_malformed_context_is_reported(config: Path) -> None:
    make_context(config, "lab", "tcp://lab:2375")
    for path in config.parent.rglob("meta.json"):
        path.write_text("{", encoding="utf-8")

    with pytest.raises(EngineUnavailable, match="cannot be read"):
        resolve("lab", environment={})

    config.write_text(json.dumps({"currentContext": "lab"}), encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="context lab cannot be read"):
        resolve(environment={})


def test_a_contexts_address_is_completed_like_any_other(config: Path) -> None:
    make_context(config, "lab", "tcp://lab")
    certificates(make_context(config, "safe", "tcp://safe"))
    make_context(config, "odd", "ftp://odd")

    assert resolve("lab", environment={}).url == "tcp://lab:2375"
    assert resolve("safe", environment={}).url == "tcp://safe:2376"
    with pytest.raises(EngineUnavailable, match="not a valid engine address"):
        resolve("odd", environment={})


def test_tls_settings_of_the_environment_apply_to_tcp_only(tmp_path: Path) -> None:
    where = certificates(tmp_path / "certificates")
    environment = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(where)}

    secured = resolve("tcp://host", environment=environment)

    assert secured.url == "tcp://host:2376"
    assert secured.tls is not None
    assert secured.tls.verify is True
    assert resolve("unix:///x", environment=environment).tls is None
    assert resolve("tcp://host", environment={"DOCKER_TLS_VERIFY": ""}).tls is None


def test_missing_certificates_are_reported(tmp_path: Path) -> None:
    environment = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}

    with pytest.raises(EngineUnavailable, match="certificates") as caught:
        resolve("tcp://host", environment=environment)
    assert "ca.pem" in caught.value.hint


@pytest.mark.parametrize("target", ["ftp://host", "tcp://", "tcp://host:port", "a b", "fd://1"])
def test_an_invalid_address_is_refused(target: str) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        resolve(target, environment={})
    assert "unix:///var/run/docker.sock" in caught.value.hint


@pytest.mark.parametrize("target", ["ssh://me:s3cret@host", "tcp://me:s3cret@h:1", "me:s3cret@h:1"])
def test_a_password_in_an_address_is_refused_and_not_shown(target: str) -> None:
    with pytest.raises(EngineUnavailable, match="not a valid engine address") as caught:
        resolve(target, environment={})

    assert "Leave out the password" in caught.value.hint
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__context__}"


@pytest.mark.parametrize(
    ("url", "is_remote"),
    [
        ("unix:///x", False),
        ("npipe:////./pipe/x", False),
        ("tcp://127.0.0.1:2375", False),
        ("tcp://localhost:2375", False),
        ("tcp://[::1]:2375", False),
        ("tcp://10.0.0.1:2375", True),
        ("tcp://host:2375", True),
        ("ssh://host", True),
    ],
)
def test_an_engine_beyond_a_network_is_remote(url: str, *, is_remote: bool) -> None:
    assert Endpoint(url).is_remote is is_remote


def test_blanks_around_an_address_are_ignored() -> None:
    for address in (" tcp://host:1 ", "tcp://host:1\n"):
        assert resolve(environment={"DOCKER_HOST": address}).url == "tcp://host:1"
        assert resolve(address, environment={}).url == "tcp://host:1"
    assert resolve(environment={"DOCKER_HOST": "  "}, platform="win32") == resolve(
        environment={}, platform="win32"
    )


def test_docker_tls_encrypts_without_checking_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    bare = resolve("tcp://host", environment=environment)
    assert bare.url == "tcp://host:2376"
    assert bare.tls is not None
    assert bare.tls.verify is False
    assert bare.tls.cert is None

    where = certificates(tmp_path / "certificates")
    monkeypatch.setenv("DOCKER_CONFIG", str(where))
    own = resolve("tcp://host", environment={"DOCKER_TLS": "0"}).tls
    assert own is not None
    assert own.cert == (str(where / "cert.pem"), str(where / "key.pem"))
    assert resolve("tcp://host", environment={"DOCKER_TLS": ""}).tls is None


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("unix:/run/x.sock", "unix:/run/x.sock is not a valid", "`unix:///run/x.sock`"),
        ("ssh:host", "ssh:host is not a valid", "`ssh://host`"),
        (f"unix:///{'x' * 107}", "is too long: the system allows 107 bytes", "symbolic link"),
        (f"/{'é' * 54}", "is too long", "symbolic link"),
    ],
)
def test_the_hint_for_an_address_names_what_is_wrong(address: str, message: str, hint: str) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        resolve(address, environment={}, platform="linux")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_origin_of_an_unknown_context_is_named(config: Path) -> None:
    with pytest.raises(EngineUnavailable, match="which `DOCKER_CONTEXT` sets"):
        resolve(environment={"DOCKER_CONTEXT": "nowhere"})
    config.write_text('{"currentContext": "nowhere"}', encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="nowhere, which `docker context use` sets"):
        resolve(environment={})
    with pytest.raises(EngineUnavailable) as caught:
        resolve("nowhere", environment={})
    assert caught.value.message == "There is no docker context nowhere."
