"""The rig works as its README describes, part by part."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import pytest

from tests.rig import engines
from tests.rig.demo_engine import DemoEngine
from tests.rig.images import busybox_layer
from tests.rig.namespace import Room, spawn_in
from tests.rig.network import inside, start_network, stop_network
from tests.rig.outlet import hub_answers
from tests.rig.places import REPOSITORY, Places
from tests.rig.processes import RECORD, Process, run
from tests.rig.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.rig.engine import Engine, Role
    from tests.rig.registry import PrivateRegistry, Registry
    from tests.rig.standin import StandIn

pytestmark = pytest.mark.timeout(240)

NOWHERE = "unix:///nowhere/docker.sock"


def messages(
    engine: Engine, reference: str, credentials: dict[str, str] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield the messages of a pull, as docker-py's low-level client returns them."""
    with engine.api() as api:
        yield from api.pull(reference, stream=True, decode=True, auth_config=credentials)


def outcome(engine: Engine, reference: str, credentials: dict[str, str] | None = None) -> str:
    """Return the error message of a pull, from HTTP or the stream; empty if it succeeded."""
    try:
        said = list(messages(engine, reference, credentials))
    except docker.errors.APIError as error:
        return str(error.explanation)
    return str(said[-1].get("errorDetail", {}).get("message", ""))


def inspect(engine: Engine, reference: str) -> dict[str, Any]:
    """Return the engine's description of an image."""
    with engine.api() as api:
        return dict(api.inspect_image(reference))  # type: ignore[no-untyped-call]


@pytest.mark.old_engines
def test_an_engine_is_what_its_role_says(engine: Engine) -> None:
    with engine.api() as api:
        info = api.info()
        components = {each["Name"] for each in api.version()["Components"]}
    is_containerd = ["driver-type", "io.containerd.snapshotter.v1"] in (info["DriverStatus"] or [])
    assert is_containerd is (engine.store == "containerd")
    assert ("Podman Engine" in components) is (engine.store == "podman")
    assert info["Driver"] == {"podman": "overlay", "containerd": "overlayfs"}.get(
        engine.store, "overlay2"
    )


@pytest.mark.compatibility
@pytest.mark.parametrize(
    ("old", "current"),
    [("oldest", "docker"), ("older-containerd", "docker-containerd"), ("oldest-podman", "podman")],
)
def test_an_old_engine_is_older_than_the_current_one(rig: Rig, old: Role, current: Role) -> None:
    rig.up(old, current)
    assert rig.engine(old).api_version < rig.engine(current).api_version


def test_the_current_engines_are_of_one_debian() -> None:
    assert len({kind.suite for kind in engines.CURRENT.values()}) == 1
    assert not {kind.suite for kind in engines.OLD.values()} & {
        kind.suite for kind in engines.CURRENT.values()
    }


@pytest.mark.sample(every=2)
@pytest.mark.parametrize(("name", "count"), [("one", 1), ("nine", 9), ("sixty_four", 64)])
def test_every_layer_is_pulled(engine: Engine, registry: Registry, name: str, count: int) -> None:
    engine.clean()
    reference = getattr(registry, name)
    layers = {
        message["id"]
        for message in messages(engine, reference)
        if message.get("status") == "Pulling fs layer"
    }
    # Podman reports the image's config as a layer too.
    assert len(layers) == count + (engine.store == "podman")
    assert len(inspect(engine, reference)["RootFS"]["Layers"]) == count
    engine.clean()
    assert not engine.images()


def test_a_clean_engine_downloads_every_layer(engine: Engine, ghcr: StandIn) -> None:
    for _ in range(2):
        engine.clean()
        ghcr.reset()
        assert outcome(engine, ghcr.environment) == ""
        assert ghcr.requests("blob")


def test_a_container_runs(engine: Engine, registry: Registry) -> None:
    assert outcome(engine, registry.one) == ""
    with engine.api() as api:
        settings = api.create_host_config(network_mode="host")
        made = api.create_container(registry.one, "echo alive", host_config=settings)
        api.start(made["Id"])
        assert api.wait(made["Id"])["StatusCode"] == 0
        api.remove_container(made["Id"])


@pytest.mark.old_engines
def test_a_command_in_a_running_container_sees_the_root_of_the_image(
    engine: Engine, registry: Registry
) -> None:
    assert outcome(engine, registry.one) == ""
    with engine.api() as api:
        settings = api.create_host_config(network_mode="host")
        made = api.create_container(registry.one, "sleep 600", host_config=settings)["Id"]
        api.start(made)
        try:
            asked = api.exec_create(made, ["sh", "-c", "cd / && pwd && ls"])["Id"]
            there = set(api.exec_start(asked).decode().split())
            assert api.exec_inspect(asked)["ExitCode"] == 0
        finally:
            api.kill(made)
            api.remove_container(made, force=True)
    assert {"/", "bin", "proc"} <= there
    assert not there & {"boot", "home", "mnt", "opt", "srv", "rig"}


def test_an_engine_does_not_see_the_root_of_the_machine(rig: Rig, engine: Engine) -> None:
    process = Process.load(rig.places.part(engine.role) / RECORD)
    assert process
    inside = Path(f"/proc/{process.pid}/root")
    assert (inside / "rig/docker.sock").is_socket()
    assert not (inside / rig.places.root.relative_to("/")).exists()
    assert not list((inside / "mnt").iterdir())


def test_docker_io_and_ghcr_io_resolve_to_the_stand_ins(
    engine: Engine, ghcr: StandIn, dockerhub: StandIn
) -> None:
    engine.clean()
    served = {}
    for reference in (ghcr.environment, dockerhub.environment):
        assert outcome(engine, reference) == ""
        labels = inspect(engine, reference)["Config"]["Labels"]
        served[reference] = labels["org.example.served-by"]
    assert served == {ghcr.environment: "ghcr.io", dockerhub.environment: "docker.io"}
    assert ghcr.requests("manifest")
    assert dockerhub.requests("manifest")


def test_the_base_image_of_docker_hub_is_debian(engine: Engine, dockerhub: StandIn) -> None:
    assert dockerhub.debian == "docker.io/library/debian:trixie-slim"
    assert outcome(engine, "debian:trixie-slim") == ""


@pytest.mark.faults
@pytest.mark.sample(every=2)
@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("fail", ("500",)),
        ("not_found", ("manifest unknown", "not found")),
        ("denied", ("denied", "403")),
    ],
)
def test_a_stand_in_fails_as_ordered(
    engine: Engine, ghcr: StandIn, dockerhub: StandIn, order: str, words: tuple[str, ...]
) -> None:
    for stand_in in (ghcr, dockerhub):
        engine.remove_image(stand_in.environment)
        getattr(stand_in, order)()
        said = outcome(engine, stand_in.environment)
        assert any(word in said for word in words), said
        stand_in.reset()
        assert outcome(engine, stand_in.environment) == ""


@pytest.mark.faults
def test_a_fault_can_be_temporary(engine_containerd: Engine, ghcr: StandIn) -> None:
    engine_containerd.clean()
    ghcr.fail(times=3, status=503)
    ends = [outcome(engine_containerd, ghcr.environment) for _ in range(4)]
    assert "503" in ends[0]
    assert ends[-1] == ""
    assert [each.status for each in ghcr.requests("manifest")].count(503) == 3


@pytest.mark.faults
def test_docker_hub_has_a_pull_limit(docker_engine: Engine, dockerhub: StandIn) -> None:
    docker_engine.clean()
    dockerhub.rate_limited()
    assert "You have reached your pull rate limit" in outcome(docker_engine, dockerhub.environment)


@pytest.mark.faults
def test_a_connection_can_drop(docker_engine: Engine, ghcr: StandIn) -> None:
    docker_engine.clean()
    ghcr.drop(after=1_000_000, times=1)
    said = [str(message) for message in messages(docker_engine, ghcr.environment)]
    # The graphdriver store retries by itself.
    expected = "Retrying in" if docker_engine.store == "graphdriver" else "reset by peer"
    assert any(expected in text for text in said)


@pytest.mark.faults
def test_a_download_can_stall_and_go_on(docker_engine: Engine, ghcr: StandIn) -> None:
    docker_engine.clean()
    ghcr.stall(after=500_000)
    patience = threading.Timer(2, ghcr.reset)
    patience.start()
    began = time.monotonic()
    assert outcome(docker_engine, ghcr.environment) == ""
    assert time.monotonic() - began > 1.9


def test_the_slow_registry_is_slow_and_a_cancelled_pull_stops(
    engine: Engine, slow_registry: StandIn
) -> None:
    engine.clean()
    before = engine.data_bytes()
    with engine.api() as api:
        stream = api.pull(slow_registry.nine, stream=True, decode=True)
        next(stream)
        began, grown = time.monotonic(), 0
        while time.monotonic() - began < 10 and grown < 12_000_000:
            time.sleep(0.2)
            grown = engine.data_bytes() - before
        took = time.monotonic() - began
        stream.close()
    assert grown >= 12_000_000, "the engine must download into its data directory"
    assert grown / took < 40_000_000, "the download must not be faster than the rig allows"
    assert engine.comes_to_rest()


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_a_private_registry_requires_credentials(
    engine: Engine, request: pytest.FixtureRequest, kind: str
) -> None:
    registry: PrivateRegistry = request.getfixturevalue(f"{kind}_auth_registry")
    engine.clean()
    assert outcome(engine, registry.private)
    assert outcome(engine, registry.private, {"username": registry.user, "password": "wrong"})
    right = {"username": registry.user, "password": registry.password}
    assert outcome(engine, registry.private, right) == ""


@pytest.fixture
def elsewhere(rig: Rig, registry: Registry) -> Iterator[Places]:
    """Another rig with the same cache, which is not in pytest's directory for its long name.

    The path of a Unix socket has at most 107 bytes.
    """
    assert registry.debian, "the cache must have the base image"
    root = Path(tempfile.mkdtemp(prefix="iw-"))
    (root / "cache").symlink_to(rig.places.cache)
    yield replace(rig.places, root=root)
    shutil.rmtree(root)


def packet_filter(network: Process | None = None) -> list[str]:
    """Return the rules of a network without their counters, and whether it forwards packets."""
    saved = run([*inside(network), "iptables-save"]).decode().splitlines()
    forwarding = run([*inside(network), "cat", "/proc/sys/net/ipv4/ip_forward"]).decode()
    return [line.partition(" [")[0] for line in saved if line[0] != "#"] + [forwarding]


def test_the_demo_has_a_separate_engine(elsewhere: Places) -> None:
    before = packet_filter()
    own = DemoEngine(elsewhere)
    try:
        own.up()
        assert packet_filter() == before
        assert hub_answers(own.url), "Docker Hub or its mirror must answer"
        with docker.APIClient(own.url) as api:
            assert api.images() == []
            api.pull("debian", "trixie-slim")
            assert api.networks(names=["bridge"])
        began = time.monotonic()
        own.up()
        assert time.monotonic() - began < 2, "it must be running already"
    finally:
        own.down()
    assert packet_filter() == before
    assert not own.places.state.exists()


@pytest.fixture
def machine() -> Iterator[Process]:
    """A network in the place of the machine's, so that the machine's is not at stake."""
    directory = Path(tempfile.mkdtemp(prefix="iw-"))
    yield start_network(directory)
    stop_network(directory)
    shutil.rmtree(directory)


@pytest.fixture
def somebodys(machine: Process, elsewhere: Places) -> Iterator[docker.APIClient]:
    """A Docker engine of somebody else on that machine, which has its own packet filter rules."""
    directory = elsewhere.root / "somebodys"
    directory.mkdir()
    (directory / "daemon.json").write_text("{}")
    room = Room(network=machine, empty=[Path("/run/containerd"), Path("/run/docker")])
    command = ["dockerd", *engines.options(elsewhere, directory, 3)]
    process = spawn_in(room, command, directory)
    engines.await_engine(process, directory)
    with docker.APIClient(f"unix://{directory / 'docker.sock'}") as api:
        yield api
    process.stop()
    engines.forget_engine(elsewhere, 3)


def test_another_docker_on_the_machine_keeps_its_rules_and_its_published_ports(
    machine: Process, somebodys: docker.APIClient, elsewhere: Places
) -> None:
    somebodys.import_image_from_data(gzip.decompress(busybox_layer().blob), repository="web")
    settings = somebodys.create_host_config(port_bindings={80: 8123})
    serve = ["sh", "-c", "echo still here > /index.html; httpd -f -h /"]
    web = somebodys.create_container("web", serve, ports=[80], host_config=settings)["Id"]
    somebodys.start(web)
    rules = packet_filter(machine)
    assert any("--dport 8123" in rule for rule in rules)

    def rig(module: str, *words: str) -> None:
        command = [*inside(machine), sys.executable, "-m", module, *words]
        environment = {**os.environ, **elsewhere.environment, "DOCKER_HOST": NOWHERE}
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert packet_filter(machine) == rules, f"after {module} {words}"
        url = "http://127.0.0.1:8123/"
        assert run([*inside(machine), "busybox", "wget", "-qO-", url]) == b"still here\n"

    try:
        for module in ("tests.rig.demo", "tests.rig"):
            rig(module, "up")
            rig(module, "down")
    finally:
        DemoEngine(elsewhere).down()
        Rig(elsewhere).down()
        somebodys.remove_container(web, force=True)
