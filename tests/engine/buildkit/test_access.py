"""A BuildKit build may use secrets, logins and ssh agents, and does not reveal them."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.building import failed, lay, must_build, try_build, unused_number
from tests.rig.engine import Engine
from tests.rig.processes import wait_until
from tests.rig.registry import PASSWORD, USER, PrivateRegistry, Registry


def test_a_secret_reaches_the_step_and_nothing_else(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    file = tmp_path / "outside" / "pip.conf"
    file.parent.mkdir()
    file.write_text("index=hunter2-from-a-file\n")
    root = lay(
        tmp_path / "context",
        {
            "Dockerfile": base
            + "RUN --mount=type=secret,id=pip cat /run/secrets/pip\n"
            + "RUN --mount=type=secret,id=token,target=/t test $(cat /t) = swordfish && echo same\n"
            + "RUN --mount=type=secret,id=token cat /run/secrets/token; exit 3\n",
        },
    )
    built = try_build(docker_engine, root, secrets={"pip": file, "token": "swordfish"}, target=None)
    assert "same" in built.log
    reported = repr(built.events) + repr(failed(built).info())
    assert "hunter2-from-a-file" not in reported
    assert "swordfish" not in reported
    assert "***" in built.log


def test_a_secret_that_was_not_passed_is_named(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    step = "RUN --mount=type=secret,id=pip,required=true cat /run/secrets/pip"
    lay(tmp_path, {"Dockerfile": f"{base}{step}\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "secret `pip`" in error.message
    assert "secrets={'pip':" in error.hint
    assert (error.step, error.dockerfile_line) == (step, 3)


@pytest.fixture(params=["basic_auth_registry", "token_auth_registry"])
def private(request: pytest.FixtureRequest) -> PrivateRegistry:
    found: PrivateRegistry = request.getfixturevalue(request.param)
    return found


def test_a_private_base_image_is_fetched_with_credentials(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry
) -> None:
    lay(
        tmp_path,
        {"Dockerfile": f"FROM {private.host}/private/base:1\nRUN echo {unused_number()} in\n"},
    )
    built = must_build(docker_engine, tmp_path, auth={private.host: (USER, PASSWORD)}, pull=True)
    assert built.log.endswith(" in\n")


def test_credentials_are_read_from_dockers_configuration(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    lay(
        tmp_path,
        {
            "docker/config.json": json.dumps({"auths": {private.host: {"auth": login}}}),
            "context/Dockerfile": f"FROM {private.host}/private/base:1\n"
            f"RUN echo {unused_number()} in\n",
        },
    )
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    assert must_build(docker_engine, tmp_path / "context", pull=True).log.endswith(" in\n")


def test_a_private_base_image_without_credentials_is_refused_and_explained(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry
) -> None:
    image = f"{private.host}/private/base:{unused_number()}"
    lay(tmp_path, {"Dockerfile": f"# a comment\nFROM {image}\nRUN true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert image in error.message
    assert error.dockerfile_line == 2
    assert "docker login" in error.hint


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """Yield the socket of a real ssh agent with one key."""
    path = tmp_path / "agent.sock"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(path.exists)
        key = tmp_path / "key"
        environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the-key", "-f", str(key)],
            check=True,
        )
        subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True)
        yield path
    finally:
        process.terminate()
        process.wait(10)


def test_the_ssh_agent_is_forwarded(
    docker_engine: Engine, tmp_path: Path, agent: Path, registry: Registry
) -> None:
    # busybox has no ssh; Debian's perl requests the agent's keys (SSH_AGENTC_REQUEST_IDENTITIES).
    script = (
        "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die; "
        "print $s pack('NC', 1, 11); $s->flush; sysread($s, my $r, 4096); "
        "print $r =~ /the-key/ ? qq(found\\\\n) : qq(none\\\\n);"
    )
    root = lay(
        tmp_path / "context",
        {
            "Dockerfile": f"FROM {registry.debian}\nENV N={unused_number()}\n"
            f"RUN --mount=type=ssh perl -e '{script}'\n".replace("\\\\n", "\\n")
        },
    )
    assert must_build(docker_engine, root, ssh=f"default={agent}").log == "found\n"


def test_an_ssh_agent_that_was_not_passed_is_named(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN --mount=type=ssh,required=true true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "ssh agent `default`" in error.message
    assert error.hint == "Pass it with `ssh='default'`."
