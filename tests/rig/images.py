"""Make images from scratch, without an engine: layers, a config and a manifest.

The formats are the Docker image manifest V2, schema 2, and the image config of the OCI image
specification, which every engine and registry can read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_MACHINE = platform.machine()
OWN_ARCHITECTURE = _ARCHITECTURES.get(_MACHINE, _MACHINE)
FOREIGN_ARCHITECTURE = "s390x"
"""One that this machine cannot run."""
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Layer:
    """A compressed layer, and the digest of its tar, which the config needs."""

    blob: bytes
    diff_id: str

    @classmethod
    def of(cls, tar: bytes) -> Layer:
        """Compress a tar, at level 1 because most of its content is random."""
        return cls(gzip.compress(tar, 1, mtime=0), digest(tar))


@dataclass(frozen=True)
class Recipe:
    """An image to make; its layers are made only if a registry does not have it."""

    name: str
    layers: Sequence[Callable[[], Layer]]
    command: Sequence[str] = ("/bin/sh",)
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str = OWN_ARCHITECTURE

    @property
    def repository(self) -> str:
        """The name without its tag."""
        return self.name.rpartition(":")[0]

    @property
    def tag(self) -> str:
        """The tag alone."""
        return self.name.rpartition(":")[2]


def digest(content: bytes) -> str:
    """Return the digest of the content, in the notation of registries."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def random_layer(seed: int, size: int) -> Layer:
    """Return a layer with one file of `size` incompressible bytes, determined by `seed`."""
    content = random.Random(seed).randbytes(size)  # noqa: S311 - not a secret, only noise
    return Layer.of(_tar([_entry(f"data/{seed}", content, 0o644)]))


def busybox_layer() -> Layer:
    """Return a root file system that can run: busybox, and a link for each of its commands."""
    binary = shutil.which("busybox") or "/bin/busybox"
    names = subprocess.run([binary, "--list"], capture_output=True, text=True, check=True)
    entries: list[tuple[tarfile.TarInfo, bytes]] = [
        _directory("bin", 0o755),
        _directory("etc", 0o755),
        _directory("tmp", 0o1777),
        _entry("etc/passwd", b"root:x:0:0:root:/:/bin/sh\n", 0o644),
        _entry("bin/busybox", Path(binary).read_bytes(), 0o755),
    ]
    for name in sorted(set(names.stdout.split()) - {"busybox"}):
        link = tarfile.TarInfo(f"bin/{name}")
        link.type, link.linkname, link.mode = tarfile.SYMTYPE, "busybox", 0o777
        entries.append((link, b""))
    return Layer.of(_tar(entries))


def config(recipe: Recipe, layers: Sequence[Layer]) -> bytes:
    """Return the config of the image."""
    return json.dumps(
        {
            "architecture": recipe.architecture,
            "os": "linux",
            "created": "2025-01-01T00:00:00Z",
            "config": {
                "Env": [_PATH],
                "Cmd": list(recipe.command),
                "Labels": dict(recipe.labels),
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [
                {"created": "2025-01-01T00:00:00Z", "created_by": f"layer {number}"}
                for number in range(len(layers))
            ],
        },
    ).encode()


def manifest(configuration: bytes, layers: Sequence[Layer]) -> bytes:
    """Return the manifest of an image with this config and these layers."""
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": _CONFIG,
                "size": len(configuration),
                "digest": digest(configuration),
            },
            "layers": [
                {"mediaType": _LAYER, "size": len(layer.blob), "digest": digest(layer.blob)}
                for layer in layers
            ],
        },
    ).encode()


def _entry(name: str, content: bytes, mode: int) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    return entry, content


def _directory(name: str, mode: int) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry, b""


def _tar(entries: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    # GNU format: an engine's builder misreads a PAX header as a Dockerfile (FACTS, section 3).
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry, content in entries:
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
