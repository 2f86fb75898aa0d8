"""Provisioning from the local cache, registries or a build: which errors lead to the next."""

from collections.abc import Generator

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
    with_remedy,
)
from imagewidget.engine.failure.messages import explain
from imagewidget.engine.provision import provision
from imagewidget.progress.events import Event, Image
from tests.scripted import ScriptedEngine

ID = "sha256:" + "deadbeef" * 8
BUILT = Image(ID, "owner/env:1", None, 7, "build")


def provisioned(scripted: ScriptedEngine, error: DockerError) -> Image:
    """Provision an image whose pull fails with `error` and whose build succeeds."""

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


def test_a_local_image_is_looked_up_once(scripted: ScriptedEngine) -> None:
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
def test_an_image_that_no_registry_serves_is_built(
    scripted: ScriptedEngine, error: DockerError
) -> None:
    assert provisioned(scripted, error) == BUILT


@pytest.mark.parametrize(
    "error", [DiskFull("x"), with_remedy(EngineUnavailable("x"), Remedy.AGAIN)]
)
def test_an_error_of_the_engine_is_raised_without_a_build(
    scripted: ScriptedEngine, error: DockerError
) -> None:
    with pytest.raises(type(error)):
        provisioned(scripted, error)
