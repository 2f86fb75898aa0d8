"""Build the front end with the package, where it is not built already: in a git checkout."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "imagewidget/panel/static"
BUILT = ("stub.js", "core.js", "details.js", "THIRD_PARTY_LICENSES")
FRONT_END = "imagewidget/panel/frontend"
NO_NODE = (
    "Building imagewidget from a checkout needs Node 20.19 or ≥22.12 with npm, which is not on "
    "PATH: install it from https://nodejs.org, or run `pip install imagewidget`, which needs no "
    "Node."
)


class FrontEnd(BuildHookInterface):
    """Builds the modules with npm; an sdist already contains them."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Build the modules, unless all of them are there."""
        root = Path(self.root)
        if all((root / STATIC / name).is_file() for name in BUILT):
            return
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            sys.exit(NO_NODE)
        for command in (["install", "--no-save", "--no-fund", "--no-audit"], ["run", "build"]):
            ran = subprocess.run([npm, *command], cwd=root / FRONT_END, check=False)
            if ran.returncode:
                sys.exit(f"`npm {' '.join(command)}` failed in {FRONT_END}: see its output above.")
