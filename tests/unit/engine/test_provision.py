"""The local cache, then registries, then a build: what leads to the next, and what does not."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import (
    DiskFull,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    PullFailed,
    Remedy,
    Stalled,
)
from imagewidget.engine.failure.messages import explain
from imagewidget.engine.provision import provision
from imagewidget.progress.events import Event, Image
from tests.scripted import ScriptedEngine

ID = "sha256:" + "deadbeef" * 8
BUILT = Image(ID, "owner/env:1", None, 7, "build")


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedEngine]:
    running = ScriptedEngine(tmp_path)
    yield running
    running.stop()


def provisioned(scripted: ScriptedEngine, error: DockerError) -> Image:
    """Provision where the pull fails and the build does not."""

    def work(failure: DockerError | None) -> Generator[Event, None, Image]:
        yield from ()
        if failure:
            raise failure
        return BUILT

    def run() -> Generator[Event, None, Image]:
        nonlocal found
        found = yield from provision(
            scripted.client,
            "owner/env:1",
            pull=lambda: work(error),
            build=lambda: work(None),
            cancel=Cancellation(),
        )
        return found

    found: Image | None = None
    list(run())
    assert found is not None
    return found


def test_what_is_here_is_looked_up_once(scripted: ScriptedEngine) -> None:
    scripted.images["owner/env:1"] = {"Id": ID, "Size": 7}

    assert provisioned(scripted, DockerError("unused")).source == "local"
    assert len(scripted.asked_for("/json")) == 1


@pytest.mark.parametrize(
    "error",
    [
        ImageNotFound("x"),
        Stalled("x"),
        PullFailed("x"),
        explain("unsupported media type application/x"),
        explain("mediaType in manifest should be application/x", status=400),
    ],
)
def test_what_the_registries_do_not_serve_is_built(
    scripted: ScriptedEngine, error: DockerError
) -> None:
    assert provisioned(scripted, error) == BUILT


@pytest.mark.parametrize("error", [DiskFull("x"), EngineUnavailable("x", remedy=Remedy.AGAIN)])
def test_what_is_wrong_with_the_engine_is_wrong_for_a_build(
    scripted: ScriptedEngine, error: DockerError
) -> None:
    with pytest.raises(type(error)):
        provisioned(scripted, error)
