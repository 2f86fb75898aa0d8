"""Start the engines: Docker with each of its image stores, and Podman, new and old."""

from __future__ import annotations

import json
import resource
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig import names
from tests.rig.chroot import debian_with_engines
from tests.rig.engine import answers
from tests.rig.namespace import Room, spawn_in
from tests.rig.packages import need
from tests.rig.processes import Process, await_start, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.rig.engine import Role, Store
    from tests.rig.places import Places


@dataclass(frozen=True)
class Kind:
    """An engine that the rig can start."""

    suite: str
    """The Debian release that it is from."""
    store: Store
    index: int
    """Which of the rig's bridges and cgroups it uses. `make demo` uses 2, and a test 3."""


CURRENT: Mapping[Role, Kind] = {
    "docker": Kind("forky", "graphdriver", 0),
    "docker-containerd": Kind("forky", "containerd", 1),
    "podman": Kind("forky", "podman", 4),
}
"""The engines that the whole suite runs on, all in one Debian."""
OLD: Mapping[Role, Kind] = {
    "oldest": Kind("bookworm", "graphdriver", 5),
    "older-containerd": Kind("trixie", "containerd", 6),
    "oldest-podman": Kind("bookworm", "podman", 7),
}
"""The engines of the tests for compatibility."""
KINDS: Mapping[Role, Kind] = {**CURRENT, **OLD}

_PATIENCE = 60.0
# Where an engine finds its state directory.
_INSIDE = Path("/rig")
# These engines leave the machine's packet filter alone, so their bridges lead nowhere.
_ISOLATED = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
# An engine's cgroups are removed after it has ended; see `forget_engine`.
_CGROUPS = Path("/sys/fs/cgroup")


# The stand-in for ghcr.io is on this machine, so it must not be looked up through a proxy.
_DIRECT = {
    name: ""
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    for name in (proxy, proxy.lower())
}


def start_engine(places: Places, role: Role) -> Process:
    """Start an engine in its own Debian, so that its version does not depend on this machine."""
    need("mmdebstrap", "ip", "mount", "openssl")
    kind = KINDS[role]
    directory = places.part(role)
    bundle = directory / "ca.pem"
    shutil.copy(names.ca_bundle(places), bundle)
    if kind.store == "podman":
        command, environment = _podman(places, directory)
    else:
        command, environment = _docker(places, kind, directory), {}
    root = debian_with_engines(places, kind.suite)
    # Whatever the engines of one Debian would write to it is in memory.
    written = ("run", "tmp", "dev/shm", "etc/docker", "var/lib/containers")
    room = Room(
        root=root,
        empty=[root / name for name in written],
        binds=[
            (names.hosts_file(places), root / "etc/hosts"),
            (Path("/etc/resolv.conf"), root / "etc/resolv.conf"),
            (directory, root / _INSIDE.relative_to("/")),
        ],
    )
    environment = {**_DIRECT, "SSL_CERT_FILE": str(_INSIDE / bundle.name), **environment}
    process = spawn_in(room, command, directory, environment)
    await_engine(process, directory)
    return process


def _docker(places: Places, kind: Kind, directory: Path) -> list[str]:
    """Write Docker's configuration, and return its command line."""
    features = {"containerd-snapshotter": kind.store == "containerd"}
    (directory / "daemon.json").write_text(json.dumps({"features": features}))
    driver = ["--storage-driver=overlay2"] if kind.store == "graphdriver" else []
    given = [*options(places, _INSIDE, kind.index), *isolated(places, kind.index), *driver]
    return ["dockerd", *given]


def containerd_client(process: Process) -> list[str]:
    """Return the command line of containerd's client, inside the namespace of the engine."""
    inside = ["nsenter", f"--target={process.pid}", "--mount"]
    return [*inside, "ctr", "--address=/rig/exec/containerd/containerd.sock", "--namespace=moby"]


def _podman(places: Places, directory: Path) -> tuple[list[str], dict[str, str]]:
    """Write Podman's configuration; return its command line and its environment."""
    # containers-registries.conf(5).
    (directory / "registries.conf").write_text(
        'unqualified-search-registries = ["docker.io"]\n'
        + "".join(
            f'[[registry]]\nlocation = "{places.host(name)}"\ninsecure = true\n'
            for name in ("registry", "slow", "basic", "token")
        )
    )
    # containers.conf(5). crun does not support the hybrid of cgroup v1 and v2 that some
    # machines have, and Podman 5 would raise the limits, which root cannot do everywhere.
    (directory / "containers.conf").write_text(
        '[engine]\nruntime = "runc"\n'
        f'[containers]\nnetns = "host"\ndefault_ulimits = {json.dumps(_limits())}\n'
    )
    # Podman downloads into its temporary directory, so that is part of its data here.
    (directory / "data/downloads").mkdir(parents=True)
    places_of = {"root": "data/storage", "runroot": "run", "tmpdir": "tmp"}
    command = [
        "podman",
        *(f"--{name}={_INSIDE / path}" for name, path in places_of.items()),
        "--cgroup-manager=cgroupfs",
        *("system", "service", "--time=0", f"unix://{_INSIDE / 'docker.sock'}"),
    ]
    return command, {
        "CONTAINERS_REGISTRIES_CONF": str(_INSIDE / "registries.conf"),
        "CONTAINERS_CONF": str(_INSIDE / "containers.conf"),
        "TMPDIR": str(_INSIDE / "data/downloads"),
    }


def forget_engine(places: Places, index: int) -> None:
    """Remove what an engine leaves behind outside its namespace: a bridge and empty cgroups."""
    name, _ = places.bridge(index)
    if Path(f"/sys/class/net/{name}").exists():
        run(["ip", "link", "delete", name])
    for parent in sorted(_CGROUPS.glob(f"**/{_cgroup(places)}-{index}")):
        for group in sorted(parent.glob("**/"), reverse=True):
            group.rmdir()


def options(places: Places, directory: Path, index: int) -> list[str]:
    """Return the options for every dockerd; `directory` is its state directory as it sees it."""
    return [
        f"--config-file={directory / 'daemon.json'}",
        f"--data-root={directory / 'data'}",
        f"--exec-root={directory / 'exec'}",
        f"--pidfile={directory / 'pid'}",
        f"--host=unix://{directory / 'docker.sock'}",
        f"--cgroup-parent=/{_cgroup(places)}-{index}",
        "--exec-opt=native.cgroupdriver=cgroupfs",
        # Tests of cancelling must not wait long for an engine to shut down.
        "--shutdown-timeout=5",
    ]


def isolated(places: Places, index: int) -> list[str]:
    """Return the options for a dockerd in the machine's network, with a bridge of its own."""
    name, address = places.bridge(index)
    if not Path(f"/sys/class/net/{name}").exists():
        run(["ip", "link", "add", name, "type", "bridge"])
        run(["ip", "address", "add", address, "dev", name])
        run(["ip", "link", "set", name, "up"])
    return [f"--bridge={name}", *_ISOLATED]


def await_engine(process: Process, directory: Path) -> None:
    """Wait until the engine in `directory` answers; raise `RigError` if it does not start."""
    await_start(process, directory / "log", lambda: answers(directory / "docker.sock"), _PATIENCE)


def _limits() -> list[str]:
    """Return the finite limits of this process, in the format of containers.conf(5)."""
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    found = {name: resource.getrlimit(kind) for name, kind in kinds.items()}
    return [
        f"{name}={soft}:{hard}"
        for name, (soft, hard) in found.items()
        if hard != resource.RLIM_INFINITY
    ]


def _cgroup(places: Places) -> str:
    return places.bridge(0)[0].partition("-")[0]
