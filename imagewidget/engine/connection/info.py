"""The queries for what `/version` does not report: an engine's store, disk and networks."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import docker
import docker.errors

from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.engine_info import EngineInfo, EngineVersion

Store = Literal["graphdriver", "containerd", "podman"]

# containerd's socket and directory if it is a service of the system, and not Docker's own.
_CONTAINERD = "/run/containerd/containerd.sock"
_CONTAINERD_ROOT = "/var/lib/containerd"
# The part of Podman's own API that every version from 4 on has.
_PODMAN_INFO = "/v4.0.0/libpod/info"


@dataclass(frozen=True)
class Storage:
    """Where an engine keeps its images.

    Attributes:
        store: The kind of store.
        free: Bytes that are free on its disk; None if it cannot be found out.
    """

    store: Store
    free: int | None


def engine_info(api: docker.APIClient, version: EngineVersion, *, is_remote: bool) -> EngineInfo:
    """Query an engine for the rest of its description."""
    about = _mapping(_allowed(api.info))
    return EngineInfo(
        name=version.name,
        version=version.version or str(about.get("ServerVersion") or ""),
        api_version=version.api_version,
        store=_store(about, version),
        has_buildkit=version.has_buildkit,
        os=version.os or str(about.get("OSType") or "linux"),
        arch=version.arch,
        is_remote=is_remote,
        has_bridge=has_bridge(api),
    )


def has_bridge(api: docker.APIClient) -> bool:
    """Return whether there is a bridge network; if listing is not allowed, assume so."""
    networks = _allowed(api.networks)
    return networks is None or any(
        network.get("Name") in ("bridge", "podman") for network in networks
    )


def storage(api: Transport, version: EngineVersion, *, is_remote: bool) -> Storage:
    """Query an engine for its store, and for how much is free on its disk.

    Docker does not report that, but a process on the same machine can look; Podman
    reports it for other machines too.
    """
    about = _mapping(_allowed(api.info))
    store = _store(about, version)
    free = _free_here(about, store) if not is_remote else None
    if free is None and version.is_podman:
        free = _free_in(_allowed(lambda: api.get_unversioned(_PODMAN_INFO)))
    return Storage(store, free)


def _free_here(about: Mapping[str, Any], store: Store) -> int | None:
    """Return what is free on the disk with the images, if it is a disk of this machine.

    An engine behind a local socket may be in a virtual machine, and this process may be in
    a container.
    """
    here = (platform.node(), platform.release())
    if (about.get("Name"), about.get("KernelVersion")) != here:
        return None
    directory = str(about.get("DockerRootDir") or "")
    if store == "containerd":
        containerd = about.get("Containerd")
        address = containerd.get("Address") if isinstance(containerd, Mapping) else None
        if not isinstance(address, str):
            return None  # before Docker 27
        directory = _CONTAINERD_ROOT if address == _CONTAINERD else directory
    try:
        # Whoever may not enter the directory itself can still look at the one above it.
        return shutil.disk_usage(directory).free if os.path.isabs(directory) else None  # noqa: PTH117
    except (OSError, ValueError):  # such as a null byte
        return None


def _free_in(about: object) -> int | None:
    """Return what Podman reports as free."""
    store = about.get("store") if isinstance(about, Mapping) else None
    sizes = store if isinstance(store, Mapping) else {}
    allocated, used = sizes.get("graphRootAllocated"), sizes.get("graphRootUsed")
    if isinstance(allocated, int) and isinstance(used, int) and allocated > 0:
        return max(0, allocated - used)
    return None


def _allowed(ask: Callable[[], Any]) -> Any:
    """Return the engine's answer, or None if a proxy in front of its socket refuses the request."""
    try:
        return ask()
    except docker.errors.APIError as error:
        if not error.is_client_error():
            raise
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _store(about: Mapping[str, Any], version: EngineVersion) -> Store:
    if version.is_podman:
        return "podman"
    status = about.get("DriverStatus") or ()
    is_containerd = any("io.containerd.snapshotter" in str(pair) for pair in status)
    return "containerd" if is_containerd else "graphdriver"
