"""An engine at ssh://: an SSH server that forwards to a real engine."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko
import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.failure.errors import Cancelled, EngineUnavailable
from tests.engine.pulling import must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.registry import Registry
from tests.rig.standin import StandIn


@dataclass
class Host:
    """A remote machine with an engine, and the user's home directory on this machine."""

    url: str
    home: Path
    host_key: Any
    accepted: list[Any]


@pytest.fixture
def host(
    engine_graphdriver: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Host]:
    key, user_key = (paramiko.RSAKey.generate(2048) for _ in range(2))
    accepted = [user_key]
    socket_path = engine_graphdriver.url.removeprefix("unix://")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        arguments = (listener, key, accepted, socket_path)
        threading.Thread(target=_accept, args=arguments, daemon=True).start()
        ssh = tmp_path / ".ssh"
        ssh.mkdir(mode=0o700)
        user_key.write_private_key_file(str(ssh / "id_rsa"))
        known = f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
        (ssh / "known_hosts").write_text(known, encoding="utf-8")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
        yield Host(f"ssh://user@127.0.0.1:{port}", tmp_path, key, accepted)


def _accept(listener: socket.socket, key: Any, accepted: list[Any], engine: str) -> None:
    class Server(paramiko.ServerInterface):  # type: ignore[misc,name-defined]
        """Accepts the user's keys, and the only command that docker-py runs."""

        def check_auth_publickey(self, username: str, key: Any) -> int:
            known = username == "user" and key in accepted
            code = paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED
            return int(code)

        def get_allowed_auths(self, _username: str) -> str:
            return "publickey"

        def check_channel_request(self, _kind: str, _number: int) -> int:
            return int(paramiko.OPEN_SUCCEEDED)

        def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
            if command == b"docker system dial-stdio":
                threading.Thread(target=_forward, args=(channel, engine), daemon=True).start()
            return command == b"docker system dial-stdio"

    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        with contextlib.suppress(paramiko.SSHException, EOFError):
            transport.start_server(server=Server())


def _forward(channel: Any, path: str) -> None:
    # A client that disconnects may close the channel's transport.
    with (
        contextlib.suppress(OSError, EOFError),
        socket.socket(socket.AF_UNIX) as engine,
        channel,
    ):
        engine.connect(path)
        back = threading.Thread(target=_copy, args=(engine, channel), daemon=True)
        back.start()
        _copy(channel, engine)
        back.join()


def _copy(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError, EOFError):
        while content := source.recv(32_768):
            target.sendall(content)
    for each in (source, target):
        with contextlib.suppress(OSError, EOFError):
            each.shutdown(socket.SHUT_RDWR)


def test_an_engine_at_an_ssh_address(
    host: Host, engine_graphdriver: Engine, registry: Registry
) -> None:
    client = new_client(host.url)

    assert client.info().version == engine_graphdriver.version
    assert client.info().is_remote is True

    _, image = must_pull(engine_graphdriver, registry.one, client=client)
    assert client.image_exists(image.id)
    assert not client.image_exists("owner/nosuch:1")


def test_cancelling_ends_a_pull_over_ssh(
    host: Host,
    engine_graphdriver: Engine,
    slow_registry: StandIn,
) -> None:
    engine_graphdriver.clean()
    cancel = Cancellation()
    asked_at: list[float] = []

    def ask() -> None:
        asked_at.append(time.monotonic())
        cancel.request()

    threading.Timer(2.0, ask).start()
    pulled = try_pull(
        engine_graphdriver,
        slow_registry.nine,
        client=new_client(host.url),
        cancel=cancel,
    )

    assert isinstance(pulled.error, Cancelled)
    assert time.monotonic() - asked_at[0] < 1.0
    assert engine_graphdriver.comes_to_rest()


def test_an_unknown_host_key(host: Host) -> None:
    (host.home / ".ssh/known_hosts").write_text("", encoding="utf-8")

    with pytest.raises(EngineUnavailable, match="not in known_hosts") as caught:
        new_client(host.url).ping()
    assert "`ssh HOST`" in caught.value.hint


def test_a_user_key_that_is_not_accepted(host: Host) -> None:
    host.accepted.clear()

    with pytest.raises(EngineUnavailable, match="does not accept") as caught:
        new_client(host.url).ping()
    assert "ssh-add" in caught.value.hint


def test_a_port_without_an_ssh_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(EngineUnavailable) as caught:
        new_client(f"ssh://user@127.0.0.1:{port}").ping()
    assert caught.value.hint
