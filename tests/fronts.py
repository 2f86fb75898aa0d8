"""Make an engine with a unix socket reachable by TCP, TLS and ssh, on loopback."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.left_out import leave_out
from tests.rig.packages import Unavailable, need

_CHUNK = 1 << 16


def carry(one: socket.socket, other: socket.socket) -> None:
    """Copy bytes from `one` to `other` until either closes."""
    # Over ssh, a closed connection raises EOFError.
    with contextlib.suppress(OSError, ValueError, EOFError):
        while data := one.recv(_CHUNK):
            other.sendall(data)
    with contextlib.suppress(OSError, EOFError):
        other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def tcp(engine_socket: str) -> Iterator[int]:
    """Yield a TCP port that forwards to the engine."""
    with _listening(lambda near: _both_ways(near, engine_socket)) as port:
        yield port


@contextlib.contextmanager
def stubborn(engine_socket: str) -> Iterator[int]:
    """Yield a TCP port that, like some proxies, hides from the engine that a client hung up."""
    is_over = threading.Event()

    def serve(near: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as far:
            far.connect(engine_socket)
            threading.Thread(target=carry, args=(far, near), daemon=True).start()
            with contextlib.suppress(OSError):
                while data := near.recv(_CHUNK):
                    far.sendall(data)
            is_over.wait()

    with _listening(serve) as port:
        try:
            yield port
        finally:
            is_over.set()


@contextlib.contextmanager
def fading(engine_socket: str) -> Iterator[tuple[int, threading.Event]]:
    """Yield a TCP port that forwards to the engine, and an event that stops new connections."""
    is_lost, is_over = threading.Event(), threading.Event()

    def serve(near: socket.socket) -> None:
        if is_lost.is_set():
            is_over.wait()
        else:
            _both_ways(near, engine_socket)

    with _listening(serve) as port:
        try:
            yield port, is_lost
        finally:
            is_over.set()


@contextlib.contextmanager
def tls(engine_socket: str, certificates: Path) -> Iterator[int]:
    """Yield a TCP port with TLS that forwards to the engine."""
    make_certificates(certificates)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")

    def serve(near: socket.socket) -> None:
        # A socket pair, because one thread cannot wait for both directions of Python's TLS.
        ours, theirs = socket.socketpair()
        with ours, theirs:
            thread = threading.Thread(target=_both_ways, args=(theirs, engine_socket), daemon=True)
            thread.start()
            _speak_tls(context, near, ours)

    with _listening(serve) as port:
        yield port


def _speak_tls(context: ssl.SSLContext, near: socket.socket, far: socket.socket) -> None:
    """Copy both ways, with TLS in memory on the near side."""
    inbox, outbox = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(inbox, outbox, server_side=True)
    lock = threading.Lock()

    def up() -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := far.recv(_CHUNK):
                with lock:
                    session.write(data)
                    near.sendall(outbox.read())
        with contextlib.suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)

    is_open = False
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := near.recv(_CHUNK):
            clear = b""
            with lock:
                inbox.write(data)
                with contextlib.suppress(ssl.SSLWantReadError):
                    if not is_open:
                        session.do_handshake()
                        is_open = True
                        threading.Thread(target=up, daemon=True).start()
                    while piece := session.read(_CHUNK):
                        clear += piece
                near.sendall(outbox.read())
            far.sendall(clear)
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)


def make_certificates(directory: Path) -> None:
    """Create the files of `DOCKER_CERT_PATH`, all with one self-signed certificate."""
    if not shutil.which("openssl"):
        try:
            need("openssl")
        except Unavailable as error:
            leave_out("connections with TLS", str(error))
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (directory / "ca.pem").write_bytes((directory / "cert.pem").read_bytes())


def _both_ways(near: socket.socket, engine_socket: str) -> None:
    with socket.socket(socket.AF_UNIX) as far:
        far.connect(engine_socket)
        thread = threading.Thread(target=carry, args=(far, near), daemon=True)
        thread.start()
        carry(near, far)
        thread.join()


@contextlib.contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, _ = listener.accept()
                    threading.Thread(target=_serve, args=(serve, near), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(serve: Callable[[socket.socket], None], near: socket.socket) -> None:
    with near, contextlib.suppress(OSError):
        serve(near)


@contextlib.contextmanager
def ssh(engine_socket: str, home: Path) -> Iterator[int]:
    """Yield the port of an ssh server whose `docker system dial-stdio` connects to the engine.

    It accepts the key in `home/.ssh`, where its host key is in `known_hosts`.
    """
    import paramiko  # noqa: PLC0415 - may be missing

    folder = home / ".ssh"
    folder.mkdir(mode=0o700, parents=True)
    host_key, own_key = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    own_key.write_private_key_file(str(folder / "id_ecdsa"))

    class Server(paramiko.ServerInterface):
        def check_auth_publickey(self, _name: str, key: paramiko.PKey) -> int:
            is_known = key.get_base64() == own_key.get_base64()
            return paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED

        def get_allowed_auths(self, _name: str) -> str:
            return "publickey"

        def check_channel_request(self, _kind: str, _number: int) -> int:
            return paramiko.OPEN_SUCCEEDED

        def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
            if command != b"docker system dial-stdio":
                return False
            threading.Thread(target=_both_ways, args=(channel, engine_socket), daemon=True).start()
            return True

    def serve(near: socket.socket) -> None:
        transport = paramiko.Transport(near)
        transport.add_server_key(host_key)
        transport.start_server(server=Server())
        transport.join()

    with _listening(serve) as port:
        known = f"[127.0.0.1]:{port} {host_key.get_name()} {host_key.get_base64()}\n"
        (folder / "known_hosts").write_text(known)
        yield port
