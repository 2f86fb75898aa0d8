"""Start the engines: Docker with the graphdriver store, with the containerd store, and Podman."""

from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig import names
from tests.rig.chroot import debian_docker
from tests.rig.engine import answers
from tests.rig.namespace import Room, spawn_in
from tests.rig.packages import need
from tests.rig.processes import Process, await_start, run

if TYPE_CHECKING:
    from tests.rig.places import Places

SUITES = {"graphdriver": "bookworm", "containerd": "trixie"}
"""The Debian release that each Docker is from."""

_PATIENCE = 60.0
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


def start_graphdriver(places: Places) -> Process:
    """Start Docker 20.10 of Debian 12, with its classic image store."""
    features = {"containerd-snapshotter": False}
    return _start_docker(places, "graphdriver", 0, features, "--storage-driver=overlay2")


def start_containerd(places: Places) -> Process:
    """Start Docker 26.1 of Debian 13, with the containerd image store."""
    return _start_docker(places, "containerd", 1, {"containerd-snapshotter": True})


def _start_docker(
    places: Places, name: str, index: int, features: dict[str, bool], *more: str
) -> Process:
    """Start Docker in its own Debian, so that its version does not depend on this machine."""
    need("mmdebstrap", "ip", "openssl")
    directory = places.part(name)
    root = debian_docker(places, SUITES[name])
    inside = Path("/rig")
    bundle = directory / "ca.pem"
    shutil.copy(names.ca_bundle(places), bundle)
    room = Room(
        root=root,
        empty=[root / "run", root / "tmp"],
        binds=[
            (names.hosts_file(places), root / "etc/hosts"),
            (Path("/etc/resolv.conf"), root / "etc/resolv.conf"),
            (directory, root / "rig"),
        ],
    )
    (directory / "daemon.json").write_text(json.dumps({"features": features}))
    process = spawn_in(
        room,
        ["dockerd", *options(places, inside, index), *isolated(places, index), *more],
        directory,
        {**_DIRECT, "SSL_CERT_FILE": str(inside / bundle.name)},
    )
    await_engine(process, directory)
    return process


def containerd_client(places: Places, process: Process) -> list[str]:
    """Return the command line of containerd's client, inside the namespace of the engine."""
    root = debian_docker(places, SUITES["containerd"])
    inside = ["nsenter", f"--target={process.pid}", "--mount", "--root", "chroot", str(root)]
    return [*inside, "ctr", "--address=/rig/exec/containerd/containerd.sock", "--namespace=moby"]


def start_podman(places: Places) -> Process:
    """Start Podman with its Docker-compatible API."""
    need("podman", "runc", "openssl")
    directory = places.part("podman")
    registries = directory / "registries.conf"
    # containers-registries.conf(5).
    registries.write_text(
        'unqualified-search-registries = ["docker.io"]\n'
        + "".join(
            f'[[registry]]\nlocation = "{places.host(name)}"\ninsecure = true\n'
            for name in ("registry", "slow", "basic", "token")
        )
    )
    # containers.conf(5). crun does not support the hybrid of cgroup v1 and v2 that some
    # machines have, and Podman 5 would raise the limits, which root cannot do everywhere.
    settings = directory / "containers.conf"
    settings.write_text(
        '[engine]\nruntime = "runc"\n'
        f'[containers]\nnetns = "host"\ndefault_ulimits = {json.dumps(_limits())}\n'
    )
    room = Room(binds=[(names.hosts_file(places), Path("/etc/hosts"))])
    # Podman downloads into its temporary directory, so that is part of its data here.
    data, downloads = directory / "data", directory / "data/downloads"
    downloads.mkdir(parents=True)
    storage = ("--root", data / "storage", "--runroot", directory / "run")
    process = spawn_in(
        room,
        [
            "podman",
            *storage,
            *("--tmpdir", directory / "tmp", "--cgroup-manager=cgroupfs"),
            *("system", "service", "--time=0", f"unix://{directory / 'docker.sock'}"),
        ],
        directory,
        {
            **_DIRECT,
            "SSL_CERT_FILE": str(names.ca_bundle(places)),
            "CONTAINERS_REGISTRIES_CONF": str(registries),
            "CONTAINERS_CONF": str(settings),
            "TMPDIR": str(downloads),
        },
    )
    await_engine(process, directory)
    return process


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
