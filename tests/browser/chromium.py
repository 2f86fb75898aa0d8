"""Find a Chromium to test with."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

from playwright.sync_api import sync_playwright

from tests.rig.packages import Unavailable, need

_NAMES = ("chromium", "chromium-browser", "google-chrome")

# Chromium runs as root here, without a graphics card, and must connect to loopback only.
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
    """Return the path of a Chromium that runs, installing Debian's package if possible.

    Ubuntu's package is a stub for a snap, which may not run. Playwright's own Chromium is used
    then, if it is installed (`playwright install chromium`).
    """
    if not any(shutil.which(name) for name in _NAMES):
        with contextlib.suppress(Unavailable):
            need("chromium")
    found = [path for name in _NAMES if (path := shutil.which(name))]
    with sync_playwright() as playwright:
        found.append(playwright.chromium.executable_path)
    return next((path for path in found if _runs(path)), None)


def _runs(path: str) -> bool:
    """Return whether the program reports its version."""
    try:
        done = subprocess.run(
            [path, "--version"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
