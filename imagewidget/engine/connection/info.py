"""What an engine says of itself and of an image, as small plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import docker
import docker.errors

from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image import local_name as local
from imagewidget.engine.image import reference as references


@dataclass(frozen=True)
class EngineInfo:
    """What serves an operation.

    Attributes:
        name: `Docker Engine`, `Docker Desktop` or `Podman`.
        version: Its version, such as `26.1.5`.
        api_version: The version of the API that is spoken with it.
        store: Where it keeps images. The `graphdriver` and the `containerd`
            store tell different things during a pull, `podman` the least.
        has_buildkit: Whether it can build with BuildKit at all.
        os: The system its containers run on, such as `linux`.
        arch: Their processor in Go's words, such as `amd64`.
        is_remote: Whether what is sent to it crosses a network.
        has_bridge: Whether containers have a network without asking for one.
    """

    name: str
    version: str
    api_version: str
    store: Literal["graphdriver", "containerd", "podman"]
    has_buildkit: bool
    os: str
    arch: str
    is_remote: bool
    has_bridge: bool

    @property
    def title(self) -> str:
        """Name and version in one: `Docker Engine 26.1.5`."""
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True)
class Credentials:
    """What is kept for a registry; its secrets stay out of `repr`.

    Attributes:
        username: Empty with an identity token.
        password: The password or access token.
        identity_token: What some registries give instead of both.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Credentials | None:
        """Read docker-py's dictionary, whose keys depend on where it found them."""
        lower = {key.lower(): str(value) for key, value in (found or {}).items() if value}
        known = cls(
            lower.get("username", ""),
            lower.get("password", ""),
            lower.get("identitytoken", ""),
        )
        return known if known != cls() else None


def engine_info(api: docker.APIClient, *, is_remote: bool) -> EngineInfo:
    """Ask an engine what it is. BuildKit came with API 1.39 (engine 18.09)."""
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
    """Look for a bridge; where that is not allowed: most engines have one."""
    networks = _allowed(api.networks)
    return networks is None or any(
        network.get("Name") in ("bridge", "podman") for network in networks
    )


def _allowed(ask: Callable[[], Any]) -> Any:
    """Give the engine's answer; None where a proxy before its socket refuses the question."""
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


def full_id(found: Mapping[str, Any]) -> str:
    """Give an inspected image's id with `sha256:`, which Podman may leave out."""
    image_id = str(found.get("Id") or "")
    return image_id if ":" in image_id else f"sha256:{image_id}"


def digest_of(found: Mapping[str, Any], reference: str) -> str | None:
    """Find an inspected image's digest in the registry that `reference` names.

    An image has one digest for each repository it was pulled from or pushed to;
    where none is of this repository, any of them names the same content.
    """
    known = [str(each) for each in found.get("RepoDigests") or () if "@" in str(each)]
    try:
        name = references.parse(reference).familiar_name
    except InvalidReference:
        name = ""
    own = [each for each in known if each.partition("@")[0] == name]
    return next((each.partition("@")[2] for each in own + known), None)


def was_meant(reference: str, found: Mapping[str, Any]) -> bool:
    """Tell whether an engine found an image by what was meant.

    An engine takes a single hex digit for the beginning of an id, and so finds
    an image for the name `a`.
    """
    if not local.could_be_id(reference) or local.is_id_of(reference, full_id(found)):
        return True
    tags = (str(tag) for tag in found.get("RepoTags") or ())
    return any(tag.rpartition("/")[2] == f"{reference}:latest" for tag in tags)


def is_for(platform: str, found: Mapping[str, Any]) -> bool:
    """Tell whether an image is for a platform; what an engine does not say is not held against it.

    Args:
        platform: `os[/arch[/variant]]`.
        found: What the engine says of the image.
    """
    wanted = platform.lower().split("/")
    has = [str(found.get(key) or "").lower() for key in ("Os", "Architecture", "Variant")]
    if len(wanted) > 1:
        wanted[1] = _ARCHITECTURES.get(wanted[1], wanted[1])
    return all(not there or there == asked for asked, there in zip(wanted, has, strict=False))


# The names that containerd takes for others (`platforms/database.go`).
_ARCHITECTURES = {
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
}
