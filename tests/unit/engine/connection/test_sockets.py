"""Which socket of this machine is used if no engine was chosen; all sockets are real."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.engine.connection.client import Client
from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.connection.hints import Fault, hint
from imagewidget.engine.connection.sockets import Socket, Sockets, other_sockets, usual_sockets
from imagewidget.engine.failure.errors import EngineUnavailable
from tests.unit.engine.unprivileged import unprivileged


@pytest.fixture(autouse=True)
def _no_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def root() -> Iterator[Path]:
    """A directory that every user may search, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def listen(path: Path, *, mode: int = 0o666) -> Path:
    """Leave a socket at a path; that nothing listens there is not noticed without connecting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    path.chmod(mode)
    return path


def sockets(root: Path, platform: str = "linux") -> Sockets:
    """Return the usual sockets of a machine that has everything below `root`."""
    environment = {
        "HOME": f"{root}/home",
        "XDG_RUNTIME_DIR": f"{root}/run",
        "TMPDIR": f"{root}/tmp/",
    }
    others = other_sockets(platform, environment, 1000)
    # Root's Podman is the only place that no variable moves.
    moved = (Socket(f"{root}/system{one.path}", one.engine) for one in others if _is_fixed(one))
    return Sockets(f"{root}/docker.sock", (*(one for one in others if not _is_fixed(one)), *moved))


def _is_fixed(one: Socket) -> bool:
    return one.path == "/run/podman/podman.sock"


def test_the_default_socket_is_used_without_a_word(root: Path) -> None:
    listen(root / "docker.sock")
    listen(root / "run/docker.sock")

    endpoint = resolve(environment={}, sockets=sockets(root))

    assert endpoint == Endpoint(f"unix://{root}/docker.sock")
    assert (endpoint.notice, endpoint.looked) == ("", ())
    assert str(endpoint) == f"unix://{root}/docker.sock"


LINUX = [
    ("run/docker.sock", "rootless Docker"),
    ("home/.docker/run/docker.sock", "rootless Docker"),
    ("home/.docker/desktop/docker.sock", "Docker Desktop"),
    ("run/podman/podman.sock", "rootless Podman"),
    ("system/run/podman/podman.sock", "Podman"),
]
MAC = [
    ("home/.docker/run/docker.sock", "Docker Desktop"),
    ("home/.local/share/containers/podman/machine/podman.sock", "Podman"),
    ("tmp/podman/podman-machine-default-api.sock", "Podman"),
]


@pytest.mark.parametrize(
    ("platform", "path", "engine"),
    [*(("linux", *one) for one in LINUX), *(("darwin", *one) for one in MAC)],
)
def test_another_socket_is_found_and_named(
    root: Path, platform: str, path: str, engine: str
) -> None:
    listen(root / path)

    endpoint = resolve(environment={}, platform=platform, sockets=sockets(root, platform))

    assert (endpoint.url, endpoint.found) == (f"unix://{root}/{path}", engine)
    assert endpoint.notice == (
        f"Using {engine} at unix://{root}/{path}, since there is no socket at {root}/docker.sock."
    )
    assert str(endpoint) == f"unix://{root}/{path} ({engine})"
    assert repr(Client(endpoint)) == f"Client('unix://{root}/{path} ({engine})')"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_the_first_socket_that_exists_is_used(root: Path, platform: str) -> None:
    known = sockets(root, platform)
    for one in reversed(known.others):
        listen(Path(one.path))
        assert resolve(environment={}, platform=platform, sockets=known).url == f"unix://{one.path}"


def test_the_usual_places_are_those_of_this_user() -> None:
    environment = {"HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7", "TMPDIR": "/var/t/"}

    assert [one.path for one in other_sockets("linux", environment, 1000)] == [
        "/run/user/7/docker.sock",
        "/home/me/.docker/run/docker.sock",
        "/home/me/.docker/desktop/docker.sock",
        "/run/user/7/podman/podman.sock",
        "/run/podman/podman.sock",
    ]
    assert [one.path for one in other_sockets("darwin", environment, 1000)] == [
        "/home/me/.docker/run/docker.sock",
        "/home/me/.local/share/containers/podman/machine/podman.sock",
        "/var/t/podman/podman-machine-default-api.sock",
    ]
    assert usual_sockets("linux", environment).default == "/var/run/docker.sock"


def test_a_variable_that_is_not_set_names_no_place() -> None:
    assert [one.path for one in other_sockets("linux", {}, 1000)] == [
        "/run/user/1000/docker.sock",
        "/run/user/1000/podman/podman.sock",
        "/run/podman/podman.sock",
    ]
    assert other_sockets("darwin", {"HOME": "", "TMPDIR": "relative"}, 1000) == ()


def test_a_place_is_named_once() -> None:
    environment = {"HOME": "/home/me", "XDG_RUNTIME_DIR": "/home/me/.docker/run"}
    paths = [one.path for one in other_sockets("linux", environment, 1000)]
    assert paths.count("/home/me/.docker/run/docker.sock") == 1


def test_what_is_not_a_socket_is_not_used(root: Path) -> None:
    (root / "docker.sock").touch()
    (root / "run/docker.sock").mkdir(parents=True)
    gone = root / "home/.docker/desktop/docker.sock"
    gone.parent.mkdir(parents=True)
    gone.symlink_to(root / "nowhere")
    linked = root / "run/podman/podman.sock"
    linked.parent.mkdir()
    linked.symlink_to(listen(root / "elsewhere.sock"))

    endpoint = resolve(environment={}, sockets=sockets(root))

    assert endpoint.url == f"unix://{linked}"
    assert "there is no socket at" in endpoint.notice


@pytest.mark.parametrize("is_hidden", [False, True])
def test_a_socket_that_this_user_may_not_open_is_passed_over(
    root: Path, *, is_hidden: bool
) -> None:
    private = root / "private"
    listen(private / "docker.sock", mode=0o666 if is_hidden else 0o600)
    private.chmod(0o700 if is_hidden else 0o755)
    listen(root / "run/docker.sock", mode=0o600)
    usable = listen(root / "run/podman/podman.sock")
    known = Sockets(str(private / "docker.sock"), sockets(root).others)

    with unprivileged():
        endpoint = resolve(environment={}, sockets=known)

    assert endpoint.url == f"unix://{usable}"
    assert endpoint.notice == (
        f"Using rootless Podman at unix://{usable}, since this user may not open "
        f"{private / 'docker.sock'}."
    )


def test_a_socket_of_another_user_is_not_used(root: Path) -> None:
    known = sockets(root)
    with unprivileged():
        other = listen(Path(tempfile.mkdtemp()) / "a.sock")
    try:
        planted = Sockets(known.default, (Socket(str(other), "rootless Docker"),))
        own = os.geteuid() == other.stat().st_uid
        assert bool(resolve(environment={}, sockets=planted).found) is own
    finally:
        shutil.rmtree(other.parent)


def test_the_default_socket_is_kept_if_there_is_nothing_else(root: Path) -> None:
    listen(root / "docker.sock", mode=0o600)
    with unprivileged():
        endpoint = resolve(environment={}, sockets=sockets(root))

    assert endpoint == Endpoint(f"unix://{root}/docker.sock")
    assert endpoint.looked == tuple(one.path for one in sockets(root).others)


def test_an_engine_that_was_chosen_is_not_replaced(root: Path, tmp_path: Path) -> None:
    listen(root / "run/docker.sock")
    known = sockets(root)
    chosen = [
        resolve("unix:///chosen.sock", environment={}, sockets=known),
        resolve("default", environment={}, sockets=known),
        resolve(environment={"DOCKER_HOST": "unix:///chosen.sock"}, sockets=known),
        resolve(environment={"DOCKER_CONTEXT": "default"}, platform="linux", sockets=known),
        resolve(environment={}, platform="win32", sockets=known),
    ]
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "lab"}), encoding="utf-8")

    with pytest.raises(EngineUnavailable, match="no docker context lab"):
        resolve(environment={}, sockets=known)
    assert all((each.found, each.looked) == ("", ()) for each in chosen)
    assert all(str(root) not in each.url for each in chosen)


def test_the_hint_says_where_an_engine_was_looked_for(root: Path) -> None:
    endpoint = resolve(environment={}, platform="linux", sockets=sockets(root))

    with pytest.raises(EngineUnavailable, match=f"no Docker engine at unix://{root}") as caught:
        Client(endpoint).ping()

    for one in sockets(root).others:
        assert f"`{one.path}`" in caught.value.hint
    for fault in (Fault.MISSING, Fault.DENIED):
        for platform, start in (("linux", "`sudo "), ("darwin", "Start Docker Desktop")):
            text = hint(fault, endpoint, platform=platform, in_container=False)
            assert start in text
            assert text.endswith(f" or `{root}/system/run/podman/podman.sock` either.")
    default = Endpoint("unix:///var/run/docker.sock", looked=("/a",))
    text = hint(Fault.MISSING, default, platform="linux", in_container=True)
    assert text.endswith("There is no socket that this user may open at `/a` either.")


@pytest.mark.parametrize(
    ("engine", "platform", "command"),
    [
        ("rootless Docker", "linux", "systemctl --user restart docker"),
        ("Docker Desktop", "linux", "systemctl --user restart docker-desktop"),
        ("rootless Podman", "linux", "systemctl --user restart podman.socket"),
        ("Podman", "linux", "sudo systemctl restart podman.socket"),
        ("Podman", "darwin", "podman machine start"),
        ("Docker Desktop", "darwin", "Docker Desktop"),
    ],
)
def test_the_hint_for_a_socket_that_was_found_restarts_its_engine(
    engine: str, platform: str, command: str
) -> None:
    endpoint = Endpoint("unix:///found.sock", found=engine)
    for fault in (Fault.MISSING, Fault.DEAD):
        assert command in hint(fault, endpoint, platform=platform, in_container=False)
