"""The notebook of `make demo` runs, and the image that it builds has the promised packages."""

from pathlib import Path

import pytest

from imagewidget.environment import default_tag
from tests.engine.notebook import run_notebook, said
from tests.notebooks.quickstart import NOTEBOOK, PACKAGES
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

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

    cells = run_notebook(NOTEBOOK, engine_containerd, monkeypatch, tmp_path)

    text = "".join(map(said, cells.values()))
    assert "source='build'" in text
    assert "RUN" in text
    assert "True" in text
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
