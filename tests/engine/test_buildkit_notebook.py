"""The notebook about BuildKit does what it says."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.rig.engine import Engine
from tests.rig.standin import StandIn

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "buildkit.ipynb"

# The rig's bridges lead nowhere: what needs the network is built with the machine's own.
OUTLET = """
import functools
import imagewidget as iw
iw.build = functools.partial(iw.build, network="host")
iw.provision = functools.partial(iw.provision, network="host", registries=())
"""


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_runs(
    docker_engine: Engine,
    dockerhub: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert dockerhub.host == "docker.io"  # where the environment's base image comes from
    with docker_engine.api() as api:
        api.prune_builds(all=True)  # of an earlier run: the notebook compares a first time
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    book = nbformat.read(NOTEBOOK, as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(OUTLET))
    NotebookClient(book, timeout=800, env=dict(os.environ)).execute()
    cells = {cell.id: cell for cell in book.cells}

    def said(cell: str) -> str:
        return "".join(output.get("text", "") for output in cells[cell].outputs)

    seconds = [float(found) for found in re.findall(r"([\d.]+) s", said("cache-times"))]
    assert seconds[1] < seconds[0] / 2
    assert "second" in said("cache-times")
    assert "3 packages from the cache" in said("cache-times")
    assert "my-password" not in said("secret-log-code")
    assert "***" in said("secret-log-code")
    assert "nothing is left of it" in said("secret-log-code")
    one, two = re.findall(r"from +([\d.]+) s to +([\d.]+) s", said("stages-times"))
    assert max(float(one[0]), float(two[0])) < min(float(one[1]), float(two[1]))
