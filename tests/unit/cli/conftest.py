"""Fixtures for the tests of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.engine import Engine, Until

LAYER = "a" * 12


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine from which `owner/env:1` can be pulled, and on which every build fails."""
    engine = Engine(tmp_path)
    yield engine
    engine.stop()


@pytest.fixture
def pulled(engine: Engine) -> Engine:
    """The engine, whose pull waits until the command shows each of its phases."""
    engine.greeting = Until("owner/env:1")
    engine.pulls = [
        engine.script(
            {"status": "Pulling fs layer", "progressDetail": {}, "id": LAYER},
            {
                "status": "Downloading",
                "progressDetail": {"current": 5_000_000, "total": 10_000_000},
                "id": LAYER,
            },
            Until("downloading"),
            {"status": "Pull complete", "progressDetail": {}, "id": LAYER},
            {"status": "Status: Downloaded newer image for owner/env:1"},
        )
    ]
    return engine


@pytest.fixture
def broken(engine: Engine, tmp_path: Path) -> Path:
    """A directory whose build fails in its second step, after an attempt to clear the screen."""
    engine.greeting = Until("env:1")
    engine.build = engine.script(
        {"stream": "Step 1/2 : FROM scratch\n"},
        Until("[1/2] FROM scratch"),
        {"stream": "Step 2/2 : RUN cat /nowhere\n"},
        Until("[2/2] RUN cat /nowhere"),
        {"stream": "cat: \x1b[2J\x1b[31m/nowhere: No such file\x1b[0m\n"},
        Until("No such file"),
        {
            "errorDetail": {"code": 1, "message": "The command '/bin/sh -c cat /nowhere' "
            "returned a non-zero code: 1"},
            "error": "The command '/bin/sh -c cat /nowhere' returned a non-zero code: 1",
        },
    )  # fmt: skip
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nRUN cat /nowhere\n")
    return folder
