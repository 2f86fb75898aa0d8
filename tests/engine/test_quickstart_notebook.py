"""The notebook of `make demo` does what it says, and what it built is what it promises."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from imagewidget.environment import default_tag
from tests.notebooks.quickstart import NOTEBOOK, PACKAGES
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

# The rig's bridges lead nowhere: what needs the network is built with the machine's own.
OUTLET = """
import functools
import imagewidget as iw
iw.provision = functools.partial(iw.provision, network="host")
"""
IMPORT = f"import importlib\nfor name in {PACKAGES!r}: importlib.import_module(name)"


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_provisions_the_environment(
    engine_containerd: Engine,
    dockerhub: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert dockerhub.host == "docker.io"  # where the environment's base image comes from
    engine_containerd.remove_image(default_tag())
    monkeypatch.setenv("DOCKER_HOST", engine_containerd.url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    book = nbformat.read(NOTEBOOK, as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(OUTLET))
    NotebookClient(book, timeout=800, env=dict(os.environ)).execute()

    said = "".join(
        str(output.get("text") or output["data"].get("text/plain", ""))
        for cell in book.cells
        for output in cell.get("outputs", [])
    )
    assert "source='build'" in said
    assert "RUN" in said
    assert "True" in said
    with engine_containerd.api() as api:
        config = api.create_host_config(network_mode="none")
        container = api.create_container(
            default_tag(), ["python", "-c", IMPORT], host_config=config
        )
        try:
            api.start(container)
            assert api.wait(container)["StatusCode"] == 0
        finally:
            api.remove_container(container, force=True)
