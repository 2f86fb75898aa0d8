"""A scripted engine that is the default engine."""

from collections.abc import Iterator

import pytest

from imagewidget.testing import ScriptedEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedEngine]:
    with ScriptedEngine() as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        yield engine
