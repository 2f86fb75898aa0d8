"""What a scripted engine knows: its images, its script, and what it was asked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagewidget.engine.failure.errors import DockerError, InvalidReference
from imagewidget.engine.image.reference import Reference, parse
from imagewidget.testing.messages import Interruption, sha256_of

OWN_PLATFORM = "linux/amd64"
BUILDS = "builds"
"""The key of faults of builds, which no image can have."""


def key_of(reference: Reference) -> str:
    """Return the full name by which an engine knows an image: with a tag, or with a digest."""
    return f"{reference.name}{'@' if reference.digest else ':'}{reference.version}"


@dataclass(frozen=True)
class LocalImage:
    """An image: its id, its size in bytes, and its platform, such as `linux/arm64`."""

    id: str
    size: int
    platform: str


class LocalImages:
    """The local cache. It is not safe for use by several threads."""

    def __init__(self) -> None:
        self._by_name: dict[str, LocalImage] = {}
        self._by_id: dict[str, LocalImage] = {}

    @property
    def tags(self) -> list[str]:
        """The full names with a tag, sorted."""
        return sorted(name for name in self._by_name if "@" not in name)

    def add(self, image: LocalImage, *names: str) -> None:
        """Add an image and names for it; another image that has one of the names loses it."""
        self._by_id[image.id] = image
        self._by_name |= dict.fromkeys(names, image)

    def find(self, text: str) -> LocalImage | None:
        """Return the image with a name, or whose id begins with `text`; None if there is none."""
        try:
            found = self._by_name.get(key_of(parse(text)))
        except InvalidReference:
            found = None
        beginning = f"sha256:{text.removeprefix('sha256:')}"
        by_id = (image for image in self._by_id.values() if image.id.startswith(beginning))
        return found or next(by_id, None)

    def inspected(self, image: LocalImage) -> dict[str, Any]:
        """Return the answer to `inspect`."""
        names = [parse(name) for name, each in self._by_name.items() if each == image]
        system, architecture, variant = (*image.platform.split("/"), "", "")[:3]
        return {
            "Id": image.id,
            "RepoTags": [name.familiar for name in names if not name.digest],
            "RepoDigests": [name.familiar for name in names if name.digest],
            "Size": image.size,
            "Os": system,
            "Architecture": architecture,
            "Variant": variant,
        }


def digest_of(reference: Reference) -> str:
    """Return the digest of an image in its registry: the requested one, else an invented one."""
    return reference.digest or sha256_of("manifest", key_of(reference))


@dataclass(frozen=True)
class Build:
    """A build that the engine was asked for.

    Attributes:
        tag: The full name for the image, such as `docker.io/owner/env:1`; empty if it has none.
        dockerfile: The text of the Dockerfile.
        files: The content of each file of the context, by its path.
        parameters: The parameters of `POST /build` in Docker's API, as they arrived.
    """

    tag: str
    dockerfile: str = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)

    @property
    def build_args(self) -> dict[str, str]:
        """The values for `ARG`, by name."""
        return dict(json.loads(self.parameters.get("buildargs") or "{}"))


Kind = type[DockerError] | Interruption
"""How something goes wrong: as this error, or in the middle of a build."""


@dataclass
class _Fault:
    """Something that goes wrong `left` more times; None for every time."""

    kind: Kind
    left: int | None


class State:
    """What the engine has, what will go wrong, and what it was asked for.

    Whoever reads or changes it holds the lock of `changed`, and notifies its waiters
    of a change that can be seen from outside.

    Attributes:
        changed: The lock, and the waiters.
        images: The local cache.
        served: The sizes of the layers of each image in a registry, by its full name.
        pulls: The full name in every pull request.
        builds: Every build whose context arrived.
        hung_up: The name of every pull and build that its client cut off.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.images = LocalImages()
        self.served: dict[str, tuple[int, ...]] = {}
        self.pulls: list[str] = []
        self.builds: list[Build] = []
        self.hung_up: list[str] = []
        self._faults: dict[str, list[_Fault]] = {}

    def store(self, reference: Reference, size: int, platform: str) -> None:
        """Add an image to the local cache, as if it had been pulled."""
        key = key_of(reference)
        image = LocalImage(sha256_of("image", key, platform), size, platform)
        self.images.add(image, key, f"{reference.name}@{digest_of(reference)}")
        self.changed.notify_all()

    def add_fault(self, key: str, kind: Kind, times: int | None) -> None:
        """Let pulls of the image named `key`, or builds if it is `BUILDS`, go wrong.

        Raises:
            ValueError: They are already set to go wrong every time.
        """
        faults = self._faults.setdefault(key, [])
        if faults and faults[-1].left is None:
            what = "every build" if key == BUILDS else f"every pull of {key}"
            raise ValueError(
                f"This would never happen: {what} is already set to go wrong in another way."
            )
        faults.append(_Fault(kind, times))

    def next_fault(self, key: str) -> Kind | None:
        """Return what goes wrong this time, if anything."""
        faults = self._faults.get(key)
        if not faults:
            return None
        fault = faults[0]
        if fault.left is not None:
            fault.left -= 1
            if fault.left == 0:
                del faults[0]
        return fault.kind
