"""A Chromium to test with: the one of the distribution, or none."""

from __future__ import annotations

import os
import shutil
import subprocess

# Chromium runs as root here, without a graphics card, and shall talk to loopback only.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Give the path of Chromium, installing Debian's package where that is possible."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return found
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "chromium"]):
        subprocess.run(command, check=False, capture_output=True, timeout=600)
    return shutil.which("chromium")
