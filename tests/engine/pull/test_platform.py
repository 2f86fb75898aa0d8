"""Images for several platforms, and for another one: what is pulled, what is there, its size."""

from __future__ import annotations

import pytest

import imagewidget as iw
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.failure.errors import ImageNotFound
from imagewidget.progress.events import LayerChanged, LayerPhase
from tests.engine.pulling import must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.images import FOREIGN_ARCHITECTURE, OWN_ARCHITECTURE
from tests.rig.registry import Registry

OWN = f"linux/{OWN_ARCHITECTURE}"
FOREIGN = f"linux/{FOREIGN_ARCHITECTURE}"
VARIANTS = (1, 48)
"""The first API version in which an engine lists the platforms of an image."""


def has_variants(engine: Engine) -> bool:
    """Whether the engine keeps an image for several platforms, and lists them."""
    client = new_client(engine.url)
    return client.info().store == "containerd" and client.version().offers(VARIANTS)


def provision(engine: Engine, reference: str, **options: object) -> iw.Job:
    client = iw.connect(engine.url)
    job = iw.provision(reference, client=client, display=False, **options)
    job.result()
    return job


@pytest.mark.parametrize("platform", [OWN, FOREIGN])
def test_the_requested_platform_is_pulled(
    engine: Engine, registry: Registry, platform: str
) -> None:
    engine.clean()

    pulled, image = must_pull(engine, registry.two_platforms, platform=platform)

    client = new_client(engine.url)
    assert client.image(registry.two_platforms, platform=platform).id == image.id
    assert pulled.states[-1].warnings == ()
    with engine.api() as api:
        found = api.inspect_image(image.id)["Architecture"]  # type: ignore[no-untyped-call]
    assert found == platform.partition("/")[2]


def test_a_platform_that_the_image_does_not_have(engine: Engine, registry: Registry) -> None:
    pulled = try_pull(engine, registry.two_platforms, platform="linux/riscv64")

    assert isinstance(pulled.error, ImageNotFound)
    assert "platform=" in pulled.error.hint


def test_an_image_is_local_for_the_platform_that_was_pulled(
    engine: Engine, registry: Registry
) -> None:
    engine.clean()
    must_pull(engine, registry.two_platforms, platform=FOREIGN)
    client = iw.connect(engine.url)

    assert client.image_exists(registry.two_platforms, platform=FOREIGN)
    assert not client.image_exists(registry.two_platforms)
    assert not client.image_exists(registry.two_platforms, platform=OWN)
    with pytest.raises(ImageNotFound, match=f"not for the engine's own platform, {OWN}"):
        client.image(registry.two_platforms)
    assert provision(engine, registry.two_platforms, platform=FOREIGN).result().source == "local"
    job = provision(engine, registry.two_platforms)
    assert job.result().source == registry.host
    assert client.image_exists(registry.two_platforms)
    assert provision(engine, registry.two_platforms).result().source == "local"
    # The other stores keep one platform for each name.
    assert client.image_exists(registry.two_platforms, platform=FOREIGN) is has_variants(engine)


def test_a_single_image_for_another_platform_is_a_warning(
    engine: Engine, registry: Registry
) -> None:
    engine.clean()

    pulled, image = must_pull(engine, registry.foreign, platform=OWN)

    (warning,) = pulled.states[-1].warnings
    assert warning.message == f"The image is for {FOREIGN}, not for {OWN}."
    client = iw.connect(engine.url)
    assert client.image_exists(image.id)
    assert not client.image_exists(registry.foreign)
    pulled, _ = must_pull(engine, registry.foreign)
    assert pulled.states[-1].warnings == ()


def test_dockers_default_platform_holds_for_pull_provision_and_build(
    docker_engine: Engine, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_engine.clean()
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", FOREIGN)
    client = iw.connect(docker_engine.url)

    iw.pull(registry.two_platforms, client=client, display=False).result()
    assert client.image_exists(registry.two_platforms, platform=FOREIGN)
    assert provision(docker_engine, registry.two_platforms).result().source == "local"
    built = iw.build(
        dockerfile=f"FROM {registry.two_platforms}\nLABEL a=b\n",
        tag="rig/built-for-another:1",
        client=client,
        display=False,
    ).result()
    with docker_engine.api() as api:
        found = api.inspect_image(built.id)["Architecture"]  # type: ignore[no-untyped-call]
    assert found == FOREIGN_ARCHITECTURE
    again = iw.pull(registry.two_platforms, platform=OWN, client=client, display=False)
    again.result()
    assert client.image_exists(registry.two_platforms, platform=OWN)


def test_the_size_is_that_of_the_list_of_images(engine: Engine, registry: Registry) -> None:
    engine.clean()
    _, image = must_pull(engine, registry.two_platforms)

    with engine.api() as api:
        (listed,) = (each for each in api.images() if image.id.endswith(each["Id"][-64:]))
    assert image.size == listed["Size"]
    if new_client(engine.url).info().store == "containerd":
        # Two layers of a megabyte each, which hardly compress.
        assert image.download_size is not None
        assert 2_000_000 < image.download_size < 2_200_000 < image.size
    else:
        assert image.download_size is None
    local = iw.connect(engine.url).image(registry.two_platforms)
    assert (local.size, local.download_size) == (image.size, image.download_size)


def test_attestations_are_not_layers(engine: Engine, registry: Registry) -> None:
    engine.clean()

    pulled, _ = must_pull(engine, registry.two_platforms)

    assert len(pulled.states[-1].layers) == 2


def test_layers_are_in_the_order_of_the_image(docker_engine: Engine, registry: Registry) -> None:
    docker_engine.clean()
    pulled, _ = must_pull(docker_engine, registry.nine)
    found = [layer.id for layer in pulled.states[-1].layers]
    expected = registry.layers(registry.nine)
    if new_client(docker_engine.url).info().store != "containerd":
        assert found == expected
        return
    # It looks at one layer after the other while it unpacks them, and may find several
    # complete, in any order; those below the one that it unpacks are the only certain ones.
    assert sorted(found) == sorted(expected)
    if has_variants(docker_engine):  # before, it reported neither order nor unpacking
        complete: list[str] = []
        for event in pulled.events:
            if isinstance(event, LayerChanged) and event.phase is LayerPhase.EXTRACTING:
                assert set(complete) <= set(expected[: expected.index(event.id)])
            elif isinstance(event, LayerChanged) and event.phase is LayerPhase.DONE:
                complete.append(event.id)
        assert found == complete


def test_the_free_space_is_that_of_the_engines_disk(podman: Engine) -> None:
    storage = new_client(podman.url).storage()

    assert storage.store == "podman"
    assert storage.free is not None
    assert 0 < storage.free < 2**60
