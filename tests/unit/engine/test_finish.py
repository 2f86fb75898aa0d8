"""The image of a pull or a build is looked up and named, even if a request fails once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, DockerError, ImageNotFound
from imagewidget.engine.finish import finished
from tests.scripted import Answer, ScriptedEngine, refusal

ID = "sha256:" + "1a" * 32
TAG = "owner/env:1"
BUSY, MISSING = refusal(500, "the engine is busy"), refusal(404, "No such image")
MOVING = refusal(409, f'image "docker.io/{TAG}": already exists')


@pytest.fixture
def scripted(scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    monkeypatch.setattr("imagewidget.engine.finish._BEFORE_AGAIN", 0.01)
    monkeypatch.setattr("imagewidget.engine.finish._TAG_PAUSE", 0.001)
    scripted.images[ID] = {"Id": ID, "Size": 7}
    return scripted


@pytest.fixture
def another(tmp_path: Path) -> Iterator[ScriptedEngine]:
    directory = tmp_path / "another"
    directory.mkdir()
    engine = ScriptedEngine(directory)
    engine.images[ID] = {"Id": ID, "Size": 7}
    yield engine
    engine.stop()


@pytest.mark.parametrize("answer", [BUSY, MISSING])
def test_one_failed_request_is_repeated(scripted: ScriptedEngine, answer: object) -> None:
    scripted.first = {"/json": [answer], "/tag": [answer]}  # type: ignore[list-item]

    assert finished(scripted.client, ID, Cancellation(), tags=[TAG]).id == ID
    assert len(scripted.asked_for("/json")) == 2
    assert [each.query["repo"] for each in scripted.asked_for("/tag")] == [
        "docker.io/owner/env"
    ] * 2


def test_two_failures_are_an_error(scripted: ScriptedEngine) -> None:
    scripted.first = {"/json": [MISSING, MISSING]}
    with pytest.raises(ImageNotFound, match="There is no image"):
        finished(scripted.client, ID, Cancellation())


def test_an_image_that_cannot_be_named_is_not_lost(scripted: ScriptedEngine) -> None:
    scripted.first = {"/tag": [BUSY, BUSY]}
    with pytest.raises(DockerError) as caught:
        finished(scripted.client, ID, Cancellation(), tags=[TAG])
    expected = f"The image is there as {'1a' * 6}, without the name {TAG}."
    assert caught.value.message.endswith(expected)


def test_a_tag_that_another_build_moves_is_tried_for_longer(scripted: ScriptedEngine) -> None:
    scripted.first = {"/tag": [MOVING] * 11}
    finished(scripted.client, ID, Cancellation(), tags=[TAG, "owner/env:2"])
    assert len(scripted.asked_for("/tag")) == 13


def test_an_engine_that_hangs_at_a_tag_holds_nobody_else_up(
    scripted: ScriptedEngine, another: ScriptedEngine
) -> None:
    scripted.first = {"/tag": [Answer(is_silent=True)]}
    hanging, waiting = Cancellation(), Cancellation()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(finished, scripted.client, ID, hanging, tags=[TAG])
        assert scripted.is_waiting.wait(10)
        # Another engine has turns of its own.
        assert finished(another.client, ID, Cancellation(), tags=[TAG]).id == ID
        # A job whose turn has not come can be cancelled.
        second = pool.submit(finished, scripted.client, ID, waiting, tags=[TAG])
        threading.Timer(0.3, waiting.request).start()
        with pytest.raises(Cancelled):
            second.result(10)
        assert not first.done()
        hanging.request()
        with pytest.raises(Cancelled):
            first.result(10)
    assert len(scripted.asked_for("/tag")) == 1


def test_a_cancelled_job_is_not_tried_again(scripted: ScriptedEngine) -> None:
    cancel = Cancellation()
    cancel.request()
    with pytest.raises(Cancelled):
        finished(scripted.client, ID, cancel, tags=[TAG])
    assert scripted.asked_for("/json") == []
