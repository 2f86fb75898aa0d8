"""Install missing commands from Debian or Ubuntu packages, and report what is unavailable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig.say import say

if TYPE_CHECKING:
    from collections.abc import Iterator

# The package of each command. A command that is already installed is used as it is.
PACKAGES = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "ip": "iproute2",
    "mount": "mount",
    "slirp4netns": "slirp4netns",
    "podman": "podman",
    "runc": "runc",
    "docker-registry": "docker-registry",
    "mmdebstrap": "mmdebstrap",
    "busybox": "busybox-static",
    "openssl": "openssl",
    "ssh-keygen": "openssh-client",
    "chromium": "chromium",
}
# mmdebstrap checks Debian's signatures; on Ubuntu the keys are in a separate package.
_COMPANIONS = {
    "mmdebstrap": ("debian-archive-keyring",),
    "podman": ("conmon",),
    "dockerd": ("ca-certificates",),
}
_POLICY = Path("/usr/sbin/policy-rc.d")


class Unavailable(Exception):
    """A part of the rig cannot run on this machine; the message is the reason."""


def need(*commands: str) -> None:
    """Install the commands that are missing; raise `Unavailable` if that is not possible."""
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
    if sys.platform != "linux":
        raise Unavailable("starting real engines needs Linux")
    if os.geteuid() != 0:
        raise Unavailable("starting real engines needs root")
    missing = [name for name in commands if not shutil.which(name)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"{', '.join(missing)} missing, and this is neither Debian nor Ubuntu")
    wanted = [PACKAGES[name] for name in missing]
    for name in missing:
        wanted += _COMPANIONS.get(name, ())
    say(f"installing {', '.join(wanted)}")
    with _no_services():
        failed = _install(wanted)
    if failed:
        raise Unavailable(f"apt-get could not install {', '.join(wanted)}: {failed}")


def _install(packages: list[str]) -> str:
    """Install packages; if that fails, update the lists and retry. Return the error or ``""``."""
    install = ["install", "-y", "--no-install-recommends", *packages]
    if not _apt(*install):
        return ""
    _apt("update")
    return _apt(*install)


def _apt(*words: str) -> str:
    done = subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep the services of packages from starting, with Debian's policy-rc.d (invoke-rc.d(8))."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
