"""Pytest fixtures for the rig. Load them with ``pytest_plugins = ["tests.rig.fixtures"]``.

Engines and registries are started when a test first requests them, and run for the whole session.
Only one test on the whole machine uses them at a time: two test runs that share a rig take turns,
test by test. After each test the stand-ins are reset. Each worker of pytest-xdist has its own rig.

The last test run to end stops the rig, unless ``python -m tests.rig up`` started it or
``IMAGEWIDGET_KEEP_RIG=1`` is set.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Literal

import pytest

from tests.left_out import leave_out
from tests.rig.engine import Engine, Role
from tests.rig.engines import KINDS, OLD
from tests.rig.lock import locked
from tests.rig.packages import Unavailable, need
from tests.rig.processes import RigError
from tests.rig.registry import PrivateRegistry, Registry
from tests.rig.rig import Rig
from tests.rig.standin import SLOW_RATE, StandIn

_REFUSED = pytest.StashKey[dict[str, Exception]]()
_ROLES = [
    pytest.param(role, marks=[pytest.mark.compatibility] if role in OLD else []) for role in KINDS
]
_DOCKERS = [each for each in _ROLES if KINDS[each.values[0]].store != "podman"]


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The rig itself; nothing is started until `Rig.up` is called."""
    try:
        need("openssl", "ssh-keygen")  # used by the tests directly
    except Unavailable as reason:
        leave_out("every test with an engine or a registry", str(reason))
    found = Rig()
    if os.environ.get("IMAGEWIDGET_KEEP_RIG") == "1":
        found.keep()
    with found.used():
        yield found


@pytest.fixture(scope="session")
def engine_graphdriver(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """The current Docker, with its classic image store."""
    return _engine(rig, request, "docker")


@pytest.fixture(scope="session")
def engine_containerd(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """The current Docker, with the containerd image store."""
    return _engine(rig, request, "docker-containerd")


@pytest.fixture(scope="session")
def podman(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """The current Podman's Docker-compatible API."""
    return _engine(rig, request, "podman")


@pytest.fixture(scope="session")
def oldest(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """The oldest Docker; for tests with the mark ``compatibility``."""
    return _engine(rig, request, "oldest")


@pytest.fixture(scope="session", params=_ROLES)
def engine(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """Each of the engines in turn; the old ones with the mark ``compatibility``."""
    return _engine(rig, request, request.param)


@pytest.fixture(scope="session", params=_DOCKERS)
def docker_engine(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    """Each of the Docker engines in turn; the old ones with the mark ``compatibility``."""
    return _engine(rig, request, request.param)


@pytest.fixture(scope="session")
def registry(rig: Rig, request: pytest.FixtureRequest) -> Registry:
    """The plain registry, with images of 1, 9 and 64 layers."""
    _up(rig, request, "registry")
    return rig.registry


@pytest.fixture(scope="session")
def basic_auth_registry(rig: Rig, request: pytest.FixtureRequest) -> PrivateRegistry:
    """A registry that requires a user name and a password."""
    _up(rig, request, "basic")
    return rig.basic_auth_registry


@pytest.fixture(scope="session")
def token_auth_registry(rig: Rig, request: pytest.FixtureRequest) -> PrivateRegistry:
    """A registry that redirects its clients to a token server, as Docker Hub does."""
    _up(rig, request, "token")
    return rig.token_auth_registry


@pytest.fixture
def ghcr(rig: Rig, request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The stand-in for ``ghcr.io`` on every engine of the rig; it can simulate faults."""
    yield from _stand_in(rig, request, "ghcr", None)


@pytest.fixture
def dockerhub(rig: Rig, request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The stand-in for ``docker.io`` on every engine of the rig; it can simulate faults."""
    yield from _stand_in(rig, request, "dockerhub", None)


@pytest.fixture
def slow_registry(rig: Rig, request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The plain registry's images at 12 MB/s; the image of 240 MB takes 20 seconds."""
    yield from _stand_in(rig, request, "slow", SLOW_RATE)


def _engine(rig: Rig, request: pytest.FixtureRequest, role: Role) -> Engine:
    _up(rig, request, role)
    return rig.engine(role)


def _stand_in(
    rig: Rig,
    request: pytest.FixtureRequest,
    name: Literal["ghcr", "dockerhub", "slow"],
    rate: float | None,
) -> Iterator[StandIn]:
    _up(rig, request, "fronts")
    found = rig.stand_in(name)
    found.reset(rate)
    try:
        yield found
    finally:
        found.reset(rate)


def _up(rig: Rig, request: pytest.FixtureRequest, part: str) -> None:
    """Start a part; do not try again for every test if it could not be started."""
    refused = request.config.stash.setdefault(_REFUSED, {})
    if part not in refused:
        try:
            rig.up(part)
        except (Unavailable, RigError) as reason:
            refused[part] = reason
    if part in refused:
        if isinstance(refused[part], Unavailable):
            leave_out(part, str(refused[part]))
        pytest.fail(f"{part}: {refused[part]}", pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Wait for this test's turn to use the rig, before its time limit begins."""
    with ExitStack() as stack:
        if "rig" in getattr(item, "fixturenames", ()) and os.geteuid() == 0:
            stack.enter_context(locked(Rig().places.lock("turn"), "the rig, for a test"))
        return (yield)
