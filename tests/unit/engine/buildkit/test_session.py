"""A session is taken over from HTTP, answers calls, and leaves nothing behind."""

import io
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded

from imagewidget.engine.buildkit.files.shared_key import node_id, shared_key
from imagewidget.engine.buildkit.session.bridge import Bridge
from imagewidget.engine.buildkit.session.health import Health
from imagewidget.engine.buildkit.session.hijack import Hijacked
from imagewidget.engine.buildkit.session.session import Session
from imagewidget.engine.context.context import DirectoryContext, MemoryContext
from imagewidget.engine.failure.errors import InvalidContext
from tests.fronts import make_certificates

UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
CHECK = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/grpc.health.v1.Health/Check"),
    (":authority", "localhost"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]


class FakeEngine:
    """Upgrades one connection and sends one health check over it.

    Args:
        hasty: Send the first bytes of HTTP/2 together with the response.
    """

    def __init__(self, *, hasty: bool) -> None:
        self.hasty = hasty
        self.headers = ""
        self.answer = b""
        self.is_over = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        self.headers = head.decode()
        client = H2Connection(H2Configuration(client_side=True))
        client.initiate_connection()
        if self.hasty:
            connection.sendall(UPGRADED + client.data_to_send())
        else:
            connection.sendall(UPGRADED)
            connection.sendall(client.data_to_send())
        client.send_headers(1, CHECK)
        client.send_data(1, b"\0\0\0\0\0", end_stream=True)
        connection.sendall(client.data_to_send())
        while data := connection.recv(4096):
            for event in client.receive_data(data):
                if isinstance(event, DataReceived):
                    self.answer += event.data
                elif isinstance(event, ResponseReceived):
                    assert dict(event.headers)[b":status"] == b"200"
                elif isinstance(event, StreamEnded):
                    self.is_over.set()
            connection.sendall(client.data_to_send())


@contextmanager
def listening(
    listener: socket.socket, serve: Callable[[socket.socket], None]
) -> Iterator[threading.Thread]:
    def accept() -> None:
        connection, _ = listener.accept()
        # The other side may close the connection in the middle of a message.
        with connection, suppress(ConnectionError):
            serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    with listener:
        yield thread
    thread.join(5)


def assert_answers(engine: FakeEngine, api: docker.APIClient) -> None:
    before = set(threading.enumerate())
    session = Session(api, [Health()], shared_key="the-key")
    assert engine.is_over.wait(5)
    session.close()
    session.close()
    api.close()
    assert set(threading.enumerate()) <= before
    # A gRPC message of two bytes: field 1, the status, is 1 for SERVING.
    assert engine.answer == b"\0\0\0\0\x02\x08\x01"
    assert f"X-Docker-Expose-Session-Uuid: {session.id}" in engine.headers
    assert "X-Docker-Expose-Session-Sharedkey: the-key" in engine.headers
    assert "X-Docker-Expose-Session-Grpc-Method: /grpc.health.v1.Health/Check" in engine.headers


@pytest.mark.parametrize("hasty", [False, True])
def test_a_session_over_a_unix_socket(tmp_path: Path, hasty: bool) -> None:
    path = tmp_path / "engine.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    engine = FakeEngine(hasty=hasty)
    with listening(listener, engine.serve):
        assert_answers(engine, docker.APIClient(f"unix://{path}", version="1.41"))


@pytest.mark.parametrize("hasty", [False, True])
def test_a_session_over_tls(tmp_path: Path, hasty: bool) -> None:
    make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    engine = FakeEngine(hasty=hasty)

    def serve(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as secure:
            engine.serve(secure)

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with listening(listener, serve):
        tls = docker.tls.TLSConfig(ca_cert=str(tmp_path / "ca.pem"), verify=True)
        api = docker.APIClient(f"tcp://127.0.0.1:{port}", version="1.41", tls=tls)
        # As our client does: otherwise requests would prefer the machine's REQUESTS_CA_BUNDLE.
        api.trust_env = False
        assert_answers(engine, api)


def test_a_tls_connection_closes_although_the_engine_reads_nothing(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    near, far = socket.socketpair()
    accepted: list[ssl.SSLSocket] = []
    thread = threading.Thread(
        target=lambda: accepted.append(serving.wrap_socket(far, server_side=True))
    )
    thread.start()
    connection = trusting.wrap_socket(near, server_hostname="127.0.0.1")
    thread.join(5)
    bridge = Bridge(Hijacked(connection, connection.makefile("rb"), io.BytesIO()))
    (carrying,) = bridge._threads
    with accepted[0], bridge.socket as ours:
        _fill(ours)
        bridge.close()
        assert not carrying.is_alive()


def _fill(connection: socket.socket) -> None:
    """Send until the connection accepts no more, not even a moment later."""
    piece = bytes(1 << 16)
    while select.select([], [connection], [], 0.2)[1]:
        with suppress(BlockingIOError):
            connection.send(piece)


def test_an_engine_without_sessions_raises_not_found(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def refuse(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with listening(listener, refuse):
        api = docker.APIClient(f"unix://{path}", version="1.41")
        with pytest.raises(docker.errors.NotFound):
            Session(api, [Health()])
        api.close()


def test_a_context_has_the_same_key_from_build_to_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    keys = [shared_key(DirectoryContext(path)) for path in (one, one, other)]
    assert keys[0] == keys[1] != keys[2]
    assert shared_key(MemoryContext({})) not in keys


def test_grpc_is_not_imported_before_a_build_needs_it() -> None:
    code = (
        "import sys, imagewidget\n"
        "heavy = {'grpclib', 'h2', 'google.protobuf', 'multidict'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_context_that_does_not_exist_has_no_key(tmp_path: Path) -> None:
    with pytest.raises(InvalidContext, match="was deleted"):
        shared_key(DirectoryContext(tmp_path / "gone"))


@pytest.mark.parametrize("content", [None, "", "0123"])
def test_the_id_of_a_machine_is_stored_and_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """A crash may have left an empty file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "imagewidget"
    if content is not None:
        folder.mkdir()
        (folder / "node-id").write_text(content)
    identity = node_id.__wrapped__()
    assert node_id.__wrapped__() == identity
    assert [path.name for path in folder.iterdir()] == ["node-id"]


def test_the_second_process_uses_the_id_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    link, first = os.link, "f" * 32

    def late(source: Path, target: Path) -> None:
        target.write_text(first)
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert node_id.__wrapped__() == first
