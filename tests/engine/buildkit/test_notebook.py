"""The notebook about BuildKit works as described."""

import re
from pathlib import Path

import pytest

from tests.engine.notebook import run_notebook, said
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "buildkit.ipynb"


@pytest.mark.matrix  # in `make test`, the quickstart notebook builds the same environment
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_runs(
    docker_engine: Engine,
    dockerhub: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert dockerhub.host == "docker.io"  # the registry of the environment's base image
    with docker_engine.api() as api:
        api.prune_builds(all=True)  # from earlier runs: the notebook times a first build

    cells = run_notebook(NOTEBOOK, docker_engine, monkeypatch, tmp_path)

    times = said(cells["cache-times"])
    seconds = [float(found) for found in re.findall(r"([\d.]+) s", times)]
    assert seconds[1] < seconds[0]
    assert "second" in times
    assert "3 packages from the cache" in times
    log = said(cells["secret-log-code"])
    assert "my-password" not in log
    assert "***" in log
    assert "nothing is left of it" in log
    one, two = re.findall(r"from +([\d.]+) s to +([\d.]+) s", said(cells["stages-times"]))
    assert max(float(one[0]), float(two[0])) < min(float(one[1]), float(two[1]))
