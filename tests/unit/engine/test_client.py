"""The client that users have: it shows little of what operations use."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

import imagewidget as iw
from imagewidget.engine.client import client_behind
from imagewidget.testing import ScriptedEngine


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    with ScriptedEngine() as engine:
        yield engine


def test_it_has_only_what_users_need() -> None:
    public = {name for name in dir(iw.connect("unix:///nowhere")) if not name.startswith("_")}

    assert public == {"address", "image", "image_exists", "info", "ping"}


def test_it_asks_the_engine(engine: ScriptedEngine) -> None:
    engine.add_image("owner/env:1", size=5, platform="linux/arm64")
    client = iw.connect(engine.url)

    client.ping()

    assert client.address == engine.url
    assert client.info().version == client.info(refresh=True).version
    assert client.info() is client.info()
    assert not client.image_exists("owner/env:1")
    assert client.image_exists("owner/env:1", platform="linux/AARCH64")
    assert client.image("owner/env:1", platform="linux/arm64").size == 5
    with pytest.raises(iw.ImageNotFound, match="not for linux/amd64"):
        client.image("owner/env:1", platform="linux/amd64")


@pytest.mark.parametrize("address", ["unix:///nowhere", "tcp://10.0.0.5:2376", "ssh://user@host"])
def test_its_address_is_the_one_it_was_made_with(address: str) -> None:
    client = iw.connect(address)

    assert client.address == address
    assert repr(client) == f"DockerClient({address!r})"


def test_an_engine_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    client = iw.connect(f"unix://{tmp_path}/none.sock")

    for ask in (client.ping, client.info, lambda: client.image("a/b:1")):
        with pytest.raises(iw.EngineUnavailable):
            ask()


def test_what_is_behind_a_client_is_kept_for_as_long_as_the_client() -> None:
    client = iw.connect("unix:///nowhere")
    behind = weakref.ref(client_behind(client))
    assert behind() is client_behind(client)
    del client
    gc.collect()
    assert behind() is None
