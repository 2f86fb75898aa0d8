"""A session works over every kind of connection that docker-py can make."""

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled
from tests import fronts
from tests.engine.building import Built, files_in, lay, must_build, try_build
from tests.rig.engine import Engine
from tests.rig.registry import Registry

MEGABYTE = 1 << 20


@pytest.fixture
def context(tmp_path: Path, registry: Registry) -> Path:
    """Return a context with many small files, one that takes many reads, and a secret mount."""
    return lay(
        tmp_path / "context",
        {
            **{f"small/{number}": f"file {number}" for number in range(500)},
            "big": os.urandom(20 * MEGABYTE),
            "Dockerfile": f"FROM {registry.one} AS base\n"
            "RUN --mount=type=secret,id=word test $(cat /run/secrets/word) = xyzzy\n"
            "FROM scratch\nCOPY --from=base /etc/passwd /etc/\nCOPY . /\n",
        },
    )


def socket_of(engine: Engine) -> str:
    return engine.url.removeprefix("unix://")


def over(engine: Engine, url: str) -> Engine:
    """Return the same engine with a different address."""
    return dataclasses.replace(engine, url=url)


def assert_builds(engine: Engine, url: str, context: Path) -> None:
    threads = set(threading.enumerate())
    built = must_build(
        over(engine, url), context, tag="bk/over:1", secrets={"word": "xyzzy"}, no_cache=True
    )
    assert built.image is not None
    found = files_in(engine, "bk/over:1")
    assert found["big"][2] == (context / "big").read_bytes()
    assert sum(name.startswith("small/") and name != "small/" for name in found) >= 500
    ours = {thread for thread in threading.enumerate() if "imagewidget" in thread.name}
    assert ours <= threads


def test_a_build_over_tcp(docker_engine: Engine, context: Path) -> None:
    with fronts.tcp(socket_of(docker_engine)) as port:
        assert_builds(docker_engine, f"tcp://127.0.0.1:{port}", context)


def test_a_build_over_tls(
    docker_engine: Engine, context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = tmp_path / "certificates"
    with fronts.tls(socket_of(docker_engine), certificates) as port:
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
        assert_builds(docker_engine, f"tcp://127.0.0.1:{port}", context)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_build_over_ssh(
    docker_engine: Engine, context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    with fronts.ssh(socket_of(docker_engine), home) as port:
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
        assert_builds(docker_engine, f"ssh://me@127.0.0.1:{port}", context)


def test_a_build_over_tls_is_cancelled(
    docker_engine: Engine,
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = lay(tmp_path / "context", {"Dockerfile": f"FROM {registry.one}\nRUN sleep 60\n"})
    certificates = tmp_path / "certificates"
    cancel = Cancellation()
    built = Built()
    with fronts.tls(socket_of(docker_engine), certificates) as port:
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
        remote = over(docker_engine, f"tcp://127.0.0.1:{port}")

        def run() -> None:
            built.error = try_build(remote, root, cancel=cancel, no_cache=True).error

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(2)
        cancel.request()
        thread.join(5)
    assert not thread.is_alive()
    assert isinstance(built.error, Cancelled)
