"""The docker CLI with buildx, for comparison: it builds with the same protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rig.engine import Engine
from tests.rig.rig import Rig

_PLUGIN = "usr/libexec/docker/cli-plugins/docker-buildx"


@dataclass(frozen=True)
class Buildx:
    """`docker buildx` with a separate configuration.

    Attributes:
        docker: The docker CLI.
        configuration: The configuration directory, which contains the plugin.
    """

    docker: str
    configuration: Path

    def build(
        self, engine: Engine, context: Path, *options: str, progress: str = "quiet"
    ) -> subprocess.CompletedProcess[bytes]:
        """Build, and raise an error if the build fails."""
        words = ("buildx", "build", f"--progress={progress}", *options, str(context))
        return self.run(engine, words)

    def run(self, engine: Engine, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """Run the docker CLI, and raise an error if it fails."""
        done = subprocess.run(
            [self.docker, "--host", engine.url, *words],
            env={**os.environ, "DOCKER_CONFIG": str(self.configuration)},
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").splitlines()
            raise RuntimeError("\n".join(line[:200] for line in lines[-50:]))
        return done


def install(rig: Rig, directory: Path) -> Buildx:
    """Copy the plugin from the Debian in which the rig's Docker runs."""
    root = _debian(rig)
    plugins = directory / "cli-plugins"
    plugins.mkdir(parents=True)
    shutil.copy(root / _PLUGIN, plugins)
    (directory / "config.json").write_text(json.dumps({}))
    return Buildx(docker_cli(rig), directory)


def docker_cli(rig: Rig) -> str:
    """Return the path of this machine's docker CLI, else of the one in that Debian."""
    return shutil.which("docker") or str(_debian(rig) / "usr/bin/docker")


def _debian(rig: Rig) -> Path:
    return rig.debian("docker")


@pytest.fixture(scope="session")
def buildx(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Buildx:
    """The docker CLI with buildx."""
    return install(rig, tmp_path_factory.mktemp("docker") / "config")
