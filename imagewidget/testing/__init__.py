"""A scripted Docker engine, for testing code that pulls and builds images, without Docker.

```python
import pytest

import imagewidget as iw
from imagewidget.testing import ScriptedEngine


@pytest.fixture
def engine(monkeypatch):
    with ScriptedEngine() as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)  # so that `client=` can be left out
        yield engine


def test_the_lesson_gets_its_image(engine):
    engine.serve("ghcr.io/owner/env:1", layers=[5_000_000, 2_000_000])

    job = iw.provision("owner/env:1", display=False)

    assert job.result(timeout=10).source == "ghcr.io"
    assert engine.pulls == ["ghcr.io/owner/env:1"]
```

It needs neither pytest nor Docker, and never uses the network.
"""

from __future__ import annotations

from imagewidget.testing.engine import ScriptedEngine
from imagewidget.testing.state import Build

__all__ = ["Build", "ScriptedEngine"]
