"""Base systems built from Debian packages with mmdebstrap(1) and kept in the cache."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from tests.rig.packages import need
from tests.rig.processes import run
from tests.rig.say import say

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rig.places import Places

# `git` is for builds of a repository, `mount` for leaving the machine's root behind, and
# `catatonit` is what Podman runs for `--init`.
_DOCKER = ("docker.io", "containerd", "ca-certificates", "git", "iptables", "mount")
_PODMAN = ("podman", "runc", "catatonit")
_BUILDX = ("docker-cli", "docker-buildx")
_ENGINES = {
    "bookworm": (*_DOCKER, *_PODMAN),
    "trixie": (*_DOCKER, *_BUILDX),
    "forky": (*_DOCKER, *_BUILDX, *_PODMAN),
}
# A suite that is still being tested has a Release file that expires, and mirrors may be late.
_EXPIRED = '--aptopt=Acquire::Check-Valid-Until "false"'
# What the published `slim` images of Debian leave out (debuerreotype, slim-files).
_SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
    "path-include=/usr/share/doc/*/copyright",
)


def debian_with_engines(places: Places, suite: str) -> Path:
    """Return a directory with a Debian and its engines, which becomes the root of an engine.

    Several engines share it, so none may write to it.
    """
    packages = _ENGINES[suite]
    edition = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
    target = places.cache / f"{suite}-engines-{edition}"
    if not target.exists():
        need("mmdebstrap")
        say(f"making a Debian {suite} with its engines (a minute or two, once)")
        part = _fresh(target)
        options = ["--variant=apt", "--skip=check/empty", f"--include={','.join(packages)}"]
        if suite == "forky":
            options.append(_EXPIRED)
        run(["mmdebstrap", "--quiet", *options, suite, part])
        (part / "rig").mkdir()
        (part / "etc/hosts").touch()
        (part / "etc/resolv.conf").touch()
        part.rename(target)
    return target


def trixie_slim(places: Places) -> Path:
    """Return the tar of a minimal Debian 13, as close to ``debian:trixie-slim`` as possible."""
    target = places.cache / "trixie-slim.tar"
    if not target.exists():
        need("mmdebstrap")
        say("making a minimal Debian 13 (a quarter of a minute, once)")
        part = target.with_name("trixie-slim.part.tar")
        part.parent.mkdir(parents=True, exist_ok=True)
        options = [f"--dpkgopt={line}" for line in _SLIM]
        run(["mmdebstrap", "--quiet", "--variant=minbase", *options, "trixie", part])
        part.rename(target)
    return target


def _fresh(target: Path) -> Path:
    part = target.with_name(f"{target.name}.part")
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(parents=True)
    return part
