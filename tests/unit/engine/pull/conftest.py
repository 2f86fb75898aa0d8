"""The scripted engine of these tests has the image that they pull."""

import pytest

from tests.scripted import ScriptedEngine
from tests.unit.engine.pull.pulling import DIGEST, ID, REGISTRIES


@pytest.fixture
def scripted(scripted: ScriptedEngine) -> ScriptedEngine:
    found = {"Id": ID, "Size": 7, "RepoDigests": [f"ghcr.io/owner/env@{DIGEST}"]}
    for host in REGISTRIES:
        scripted.images[f"{host}/owner/env:1"] = found
        scripted.images[f"{host}/owner/env@{DIGEST}"] = found
    return scripted
