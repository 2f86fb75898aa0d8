"""Fixtures for the unit tests of the engine's wing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted import ScriptedEngine


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedEngine]:
    """A scripted engine, with an empty configuration of Docker."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    running = ScriptedEngine(tmp_path)
    yield running
    running.stop()
