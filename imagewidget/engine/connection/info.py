"""The query for an engine's description of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import docker
import docker.errors

from imagewidget.engine.engine_info import EngineInfo


def engine_info(api: docker.APIClient, *, is_remote: bool) -> EngineInfo:
    """Query an engine for its description. BuildKit was added in API 1.39 (engine 18.09)."""
    version = api.version(api_version=False)
    about = _allowed(api.info) or {}
    components = version.get("Components") or [{}]
    is_podman = "podman" in str(components[0].get("Name", "")).lower()
    system = str(version.get("Os") or about.get("OSType") or "linux")
    numbers = tuple(int(part) for part in api.api_version.split("."))
    has_buildkit = not is_podman and system != "windows" and numbers >= (1, 39)
    return EngineInfo(
        name="Podman" if is_podman else _product(version),
        version=str(version.get("Version") or about.get("ServerVersion") or ""),
        api_version=api.api_version,
        store="podman" if is_podman else _store(about),
        has_buildkit=has_buildkit,
        os=system,
        arch=str(version.get("Arch") or ""),
        is_remote=is_remote,
        has_bridge=_has_bridge(api),
    )


def _has_bridge(api: docker.APIClient) -> bool:
    """Return whether there is a bridge network; if listing is not allowed, assume so."""
    networks = _allowed(api.networks)
    return networks is None or any(
        network.get("Name") in ("bridge", "podman") for network in networks
    )


def _allowed(ask: Callable[[], Any]) -> Any:
    """Return the engine's answer, or None if a proxy in front of its socket refuses the request."""
    try:
        return ask()
    except docker.errors.APIError as error:
        if not error.is_client_error():
            raise
        return None


def _product(version: Mapping[str, Any]) -> str:
    platform = str((version.get("Platform") or {}).get("Name") or "")
    return "Docker Desktop" if platform.startswith("Docker Desktop") else "Docker Engine"


def _store(about: Mapping[str, Any]) -> Literal["graphdriver", "containerd"]:
    status = about.get("DriverStatus") or ()
    is_containerd = any("io.containerd.snapshotter" in str(pair) for pair in status)
    return "containerd" if is_containerd else "graphdriver"
