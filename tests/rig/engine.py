"""An engine of the rig, as the tests use it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker
import docker.errors

from tests.rig.processes import run, wait_until

Store = Literal["graphdriver", "containerd", "podman"]
Role = Literal[
    "docker", "docker-containerd", "podman", "oldest", "older-containerd", "oldest-podman"
]


@dataclass(frozen=True)
class Engine:
    """A running engine of the rig."""

    role: Role
    """What the tests need it for; its version is whatever Debian has."""
    store: Store
    """How it stores images, which determines what its pull stream looks like."""
    url: str
    """The value for ``DOCKER_HOST``, such as ``unix:///…/docker.sock``."""
    version: str
    """The version it reports, such as ``28.5.2+dfsg4``."""
    api_version: tuple[int, int]
    """The newest version of the API that it serves, such as ``(1, 51)``."""
    data_root: Path
    """Where its images are stored, as seen from outside its namespace."""
    containerd: Sequence[str] = ()
    """The command line of containerd's client, ``ctr``, for the containerd store."""

    @classmethod
    def at(
        cls, role: Role, store: Store, directory: Path, containerd: Sequence[str] = ()
    ) -> Engine:
        """Return the running engine whose state is in `directory`."""
        url = f"unix://{directory / 'docker.sock'}"
        with docker.APIClient(url) as api:
            said = api.version()
        major, minor = (int(part) for part in said["ApiVersion"].split("."))
        data = directory / "data"
        return cls(role, store, url, str(said["Version"]), (major, minor), data, containerd)

    @property
    def reports_unpacking(self) -> bool:
        """Whether its pulls say that a layer has been unpacked.

        The containerd store does since Docker 28, in seconds and without a total.
        """
        if self.store == "containerd":
            return self.api_version >= (1, 48)
        return self.store == "graphdriver"

    def api(self, timeout: float = 60) -> docker.APIClient:
        """Return a low-level docker-py client, which the caller must close."""
        return docker.APIClient(self.url, timeout=int(timeout))

    def images(self) -> set[str]:
        """Return the names of all its images."""
        with self.api() as api:
            return {tag for image in api.images() for tag in image.get("RepoTags") or ()}

    def remove_image(self, reference: str) -> None:
        """Remove one image by name, if it exists."""
        with self.api() as api, suppress(docker.errors.NotFound):
            api.remove_image(reference, force=True)

    def clean(self) -> None:
        """Remove every container, image and build cache, so that a pull starts from nothing."""
        with self.api(300) as api:
            for container in api.containers(all=True):
                with suppress(docker.errors.APIError):
                    api.remove_container(container["Id"], force=True, v=True)
            for image in api.images():
                with suppress(docker.errors.APIError):
                    api.remove_image(image["Id"], force=True)
            with suppress(docker.errors.APIError):
                api.prune_images(filters={"dangling": False})  # type: ignore[no-untyped-call]
            with suppress(docker.errors.APIError):
                api.prune_builds(all=True)
        if self.containerd:
            self._end_leases()

    def _end_leases(self) -> None:
        """Release what failed and cancelled pulls left behind; leases keep it for an hour."""
        listed = run([*self.containerd, "leases", "list"]).decode().splitlines()[1:]
        pulls = [
            line.split()[0] for line in listed if "buildkit" not in line and "gc.expire" in line
        ]
        if pulls:
            run([*self.containerd, "leases", "delete", "--sync", *pulls])

    def data_bytes(self) -> int:
        """Return the size of its data directory, which grows while the engine downloads."""
        return tree_bytes(self.data_root)

    def comes_to_rest(self, patience: float = 6.0) -> bool:
        """Wait until its data grows by less than a megabyte in a second; return whether it did.

        Data that was in transit when a pull was cancelled may still be written.
        """
        return wait_until(self._rests, patience)

    def _rests(self) -> bool:
        before = self.data_bytes()
        time.sleep(1.0)
        return self.data_bytes() - before < 1_000_000


def answers(socket: Path) -> bool:
    """Whether an engine serves its API on `socket`."""
    if not socket.exists():
        return False
    try:
        with docker.APIClient(f"unix://{socket}", timeout=5) as api:
            return bool(api.ping())
    except (docker.errors.DockerException, OSError):
        return False


def tree_bytes(directory: Path) -> int:
    """Return the total size of the files below `directory`; skip files that vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
    return total
