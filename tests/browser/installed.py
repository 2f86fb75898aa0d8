"""Front ends and tools that are not in the project's environment, installed for the tests."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from tests.left_out import leave_out

TIMEOUT = 600  # seconds; JupyterLab takes half a minute with a full cache


def install(directory: Path, *packages: str) -> str:
    """Return the Python of a new environment with these packages."""
    venv.create(directory, with_pip=False)
    python = str(directory / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    done = subprocess.run(
        [*pip, *packages], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        leave_out(" ".join(packages), f"pip cannot install them: {done.stderr.strip()[-300:]}")
    return python
