"""Run one of the project's notebooks against one of the rig's engines."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.rig.engine import Engine

# The rig's bridges have no access to a network, so builds use the host's.
_OUTLET = """
import functools
import imagewidget as iw
iw.build = functools.partial(iw.build, network="host")
iw.provision = functools.partial(iw.provision, network="host")
"""


def run_notebook(
    path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, settings: Path
) -> dict[str, nbformat.NotebookNode]:
    """Run a whole notebook in a new kernel, and return its cells with their outputs, by id.

    Args:
        path: The notebook.
        engine: The engine that its cells use.
        monkeypatch: Sets the environment that the kernel inherits.
        settings: A directory for IPython's settings, so that the user's do not apply.
    """
    monkeypatch.setenv("DOCKER_HOST", engine.url)
    monkeypatch.setenv("IPYTHONDIR", str(settings))
    book = nbformat.read(path, as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(_OUTLET))
    NotebookClient(book, timeout=800, env=dict(os.environ)).execute()
    return {cell.id: cell for cell in book.cells}


def said(cell: nbformat.NotebookNode) -> str:
    """Return the output of a cell, as text."""
    return "".join(
        str(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output in cell.get("outputs", [])
    )
