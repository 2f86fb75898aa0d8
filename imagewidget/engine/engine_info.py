"""An engine's description of itself, as plain data: it can be used without docker-py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class EngineVersion:
    """What an engine reports of itself in a single request, `/version`.

    Attributes:
        name: `Docker Engine`, `Docker Desktop` or `Podman`.
        version: The engine's version, such as `26.1.5`; may be empty.
        api_version: The API version used with it.
        has_buildkit: Whether it can build with BuildKit.
        os: The operating system of its containers, such as `linux`; empty if unknown.
        arch: Their architecture as Go names it, such as `amd64`; empty if unknown.
        is_podman: Whether it is Podman.
    """

    name: str
    version: str
    api_version: str
    has_buildkit: bool
    os: str
    arch: str
    is_podman: bool

    @property
    def title(self) -> str:
        """The name and version: `Docker Engine 26.1.5`."""
        return f"{self.name} {self.version}".strip()

    def offers(self, api: tuple[int, int]) -> bool:
        """Return whether what was added to the API in a version can be used with it."""
        return tuple(map(int, self.api_version.split("."))) >= api


@dataclass(frozen=True)
class EngineInfo:
    """The engine that performs an operation.

    Attributes:
        name: `Docker Engine`, `Docker Desktop` or `Podman`.
        version: The engine's version, such as `26.1.5`.
        api_version: The API version used with it.
        store: Where it stores images. The `graphdriver` and the `containerd`
            store report different things during a pull, `podman` the least.
        has_buildkit: Whether it can build with BuildKit.
        os: The operating system of its containers, such as `linux`.
        arch: Their architecture as Go names it, such as `amd64`.
        is_remote: Whether the connection to it crosses a network.
        has_bridge: Whether containers have a network by default.
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
        """The name and version: `Docker Engine 26.1.5`."""
        return f"{self.name} {self.version}".strip()
