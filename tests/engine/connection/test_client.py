"""The wrapper around docker-py, on real engines: their description, images and addresses."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client, new_client
from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.failure.errors import Cancelled, EngineUnavailable, ImageNotFound
from tests.engine.buildx import docker_cli
from tests.engine.pulling import must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.registry import Registry
from tests.rig.rig import Rig
from tests.rig.standin import StandIn

NOBODY = 65534


@pytest.mark.old_engines
def test_an_engine_describes_itself(engine: Engine) -> None:
    client = new_client(engine.url)

    client.ping()
    info = client.info()

    assert info.version == engine.version
    assert info.store == engine.store
    assert info.os == "linux"
    assert info.arch in ("amd64", "arm64")
    assert not info.is_remote
    is_podman = engine.store == "podman"
    assert info.name == ("Podman" if is_podman else "Docker Engine")
    assert info.has_buildkit is not is_podman
    assert info.title == f"{info.name} {engine.version}"


def test_an_image_is_found_by_all_its_names(engine: Engine, registry: Registry) -> None:
    _, image = must_pull(engine, registry.one)
    client = new_client(engine.url)
    client.tag(image.id, "lab/env:1")
    client.tag(image.id, "solo")

    for name in (
        "lab/env:1",
        "docker.io/lab/env:1",
        "index.docker.io/lab/env:1",
        "solo",
        "solo:latest",
        "docker.io/library/solo",
        "docker.io/solo:latest",
        "library/solo:latest",
        registry.one,
        f"{registry.one.rpartition(':')[0]}@{image.digest}",
        f"{registry.one}@{image.digest}",
        image.id,
        image.id.removeprefix("sha256:"),
        image.short_id,
        image.short_id[:7],
    ):
        assert client.image_exists(name), name
        assert client.image(name).id == image.id, name
    for name in ("lab/env:2", "lab/env", "ghcr.io/lab/env:1", "solo:1", "f" * 64, "f" * 12, "f"):
        assert not client.image_exists(name), name


def test_a_tag_needs_an_image(engine: Engine) -> None:
    with pytest.raises(ImageNotFound):
        new_client(engine.url).tag("sha256:" + "0" * 64, "lab/env:1")


# Addresses of an engine.


@contextlib.contextmanager
def forwarded(target: Path, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Forward a port of this machine to an engine's socket, like an engine at tcp://."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()
        threading.Thread(target=_accept, args=(listener, target, context), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()


def _accept(listener: socket.socket, target: Path, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        threading.Thread(target=_forward, args=(connection, target, context), daemon=True).start()


def _forward(connection: socket.socket, target: Path, context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.enter_context(connection)
        if context:
            connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
        engine = stack.enter_context(socket.socket(socket.AF_UNIX))
        engine.connect(str(target))
        back = threading.Thread(target=_copy, args=(engine, connection), daemon=True)
        back.start()
        _copy(connection, engine)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def socket_of(engine: Engine) -> Path:
    return Path(engine.url.removeprefix("unix://"))


def test_an_engine_at_a_tcp_address(engine: Engine, registry: Registry) -> None:
    must_pull(engine, registry.one)
    with forwarded(socket_of(engine)) as port:
        client = new_client(f"tcp://127.0.0.1:{port}")

        assert client.info().version == engine.version
        assert client.image_exists(registry.one)
        assert not client.image_exists(f"{registry.host}/rig/nosuch:1")


def test_cancelling_ends_a_pull_over_tcp(engine: Engine, slow_registry: StandIn) -> None:
    engine.clean()
    cancel = Cancellation()
    asked_at: list[float] = []

    def ask() -> None:
        asked_at.append(time.monotonic())
        cancel.request()

    with forwarded(socket_of(engine)) as port:
        threading.Timer(2.0, ask).start()
        pulled = try_pull(
            engine,
            slow_registry.nine,
            client=new_client(f"tcp://127.0.0.1:{port}"),
            cancel=cancel,
        )

    assert isinstance(pulled.error, Cancelled)
    assert time.monotonic() - asked_at[0] < 1.0
    assert engine.comes_to_rest()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of `DOCKER_CERT_PATH` and the server's key pair, all signed by one CA."""
    directory = tmp_path_factory.mktemp("certificates")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch", "-subj", "/CN=rig"]

    def run(*words: str) -> None:
        subprocess.run(words, cwd=directory, check=True, capture_output=True)

    # Python 3.13 trusts only CAs with a key usage extension (RFC 5280, 4.2.1.3).
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run(*new, "-x509", *usage, "-days", "2", "-keyout", "ca-key.pem", "-out", "ca.pem")
    (directory / "san").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="utf-8")
    for key, cert in (("key.pem", "cert.pem"), ("server-key.pem", "server.pem")):
        run(*new, "-keyout", key, "-out", "request")
        sign = ["openssl", "x509", "-req", "-in", "request", "-days", "2", "-extfile", "san"]
        run(*sign, "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out", cert)
    return directory


@pytest.fixture
def secured(engine_graphdriver: Engine, certificates: Path) -> Iterator[int]:
    """A port where an engine requires TLS with client certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server-key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with forwarded(socket_of(engine_graphdriver), context) as port:
        yield port


def test_an_engine_with_tls(secured: int, certificates: Path) -> None:
    environment = {
        "DOCKER_HOST": f"tcp://127.0.0.1:{secured}",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(certificates),
    }

    Client(resolve(environment=environment)).ping()


def test_an_engine_with_tls_in_a_context(
    secured: int,
    certificates: Path,
    rig: Rig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    ways = ",".join(
        [
            f"host=tcp://127.0.0.1:{secured}",
            *(f"{name}={certificates / name}.pem" for name in ("ca", "cert", "key")),
        ],
    )
    create = [docker_cli(rig), "context", "create", "lab", "--docker", ways]
    subprocess.run(create, check=True, capture_output=True)

    new_client("lab").ping()
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    new_client().ping()


def test_an_engine_with_an_untrusted_certificate(secured: int, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-batch"),
            *("-subj", "/CN=other", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (tmp_path / "ca.pem").write_bytes((tmp_path / "cert.pem").read_bytes())
    environment = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}

    with pytest.raises(EngineUnavailable, match="trust") as caught:
        Client(resolve(f"tcp://127.0.0.1:{secured}", environment=environment)).ping()
    assert "DOCKER_CERT_PATH" in caught.value.hint
    assert "certificate" in caught.value.message, "OpenSSL's reason"


def test_an_engine_with_tls_at_an_address_without(secured: int) -> None:
    with pytest.raises(EngineUnavailable):
        Client(Endpoint(f"tcp://127.0.0.1:{secured}")).ping()


def test_a_socket_that_belongs_to_another_user(engine: Engine) -> None:
    # Imported first, because the other user may not be able to read this package.
    script = (
        "import os, sys\n"
        "from imagewidget.engine.connection.client import new_client\n"
        "from imagewidget.engine.failure.errors import EngineUnavailable\n"
        "client = new_client(sys.argv[1])\n"
        "client.ping()\n"
        "os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))\n"
        "try:\n"
        "    client.ping()\n"
        "except EngineUnavailable as error:\n"
        "    print(error)\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", script, engine.url, str(NOBODY)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ).stdout

    assert "This user is not allowed to use" in output
    assert "usermod -aG docker" in output
