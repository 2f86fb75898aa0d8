"""A Jupyter server on loopback, with JupyterLab, Notebook 7 and Voila."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 90

_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


class JupyterServer:
    """A server that starts with the object, and stops with :meth:`stop`.

    Args:
        root: An empty directory for the notebooks and all of Jupyter's files.
        kernel_path: A directory to put first on the kernels' `PYTHONPATH`.
        python: The Python to run the server with, and with which front ends.
    """

    def __init__(
        self, root: Path, kernel_path: Path | None = None, python: str = sys.executable
    ) -> None:
        self.root = root / "notebooks"
        self.root.mkdir()
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        paths = [str(path) for path in (kernel_path, REPOSITORY) if path is not None]
        environment = {
            **os.environ,
            "HOME": str(root),
            "JUPYTER_CONFIG_DIR": str(root / "config"),
            "JUPYTER_DATA_DIR": str(root / "data"),
            "JUPYTER_RUNTIME_DIR": str(root / "runtime"),
            "IPYTHONDIR": str(root / "ipython"),
            "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
            "PYTHONPATH": os.pathsep.join(paths),
        }
        _write_settings(root / "settings")
        self._log = (root / "server.log").open("wb")
        self._process = subprocess.Popen(
            [python, "-m", "jupyterlab", "--no-browser", "--allow-root", *self._options()],
            cwd=self.root,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait(root / "server.log")

    def _options(self) -> list[str]:
        return [
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            # Without this, Voila shows nothing until the last cell has ended.
            "--VoilaConfiguration.progressive_rendering=True",
            "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        ]

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                self.api("GET", "status")
            except OSError:
                time.sleep(0.2)
            else:
                return
        self.stop()
        raise RuntimeError(f"Jupyter did not start:\n{log.read_text()[-3000:]}")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the server's REST API."""
        request = urllib.request.Request(  # noqa: S310 - this server
            f"{self.url}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def add_kernel(self, name: str, python_path: Path) -> None:
        """Install another kernel: this Python, with a directory first on its path."""
        add_kernel(self.root.parent / "data", name, python_path)

    def write(self, name: str, cells: list[str], kernel: str = "python3") -> str:
        """Write a notebook with these cells, and return its name."""
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": kernel, "display_name": kernel}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{index}",
                    "metadata": {},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for index, source in enumerate(cells)
            ],
        }
        (self.root / name).write_text(json.dumps(notebook))
        return name

    def close_sessions(self) -> None:
        """Shut down every session and kernel; Voila's kernels have no session."""
        for kind in ("sessions", "kernels"):
            for each in self.api("GET", kind):
                # It may have ended in the meantime: a Voila page shuts down its kernel when closed.
                with contextlib.suppress(urllib.error.HTTPError):
                    self.api("DELETE", f"{kind}/{each['id']}")

    def stop(self) -> None:
        """Stop the server and its kernels."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


def add_kernel(data: Path, name: str, python_path: Path) -> None:
    """Write the specification of a kernel into a data directory of Jupyter's.

    The kernel is this Python, with a directory first on its path.
    """
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join([str(python_path), str(REPOSITORY)])},
        "kernel_protocol_version": "5.5",
    }
    directory = data / "kernels" / name
    directory.mkdir(parents=True)
    (directory / "kernel.json").write_text(json.dumps(spec))


def _write_settings(directory: Path) -> None:
    for plugin, values in _SETTINGS.items():
        package, name = plugin.split(":")
        path = directory / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
