"""An image for two platforms: which of the two is pulled."""

import json
from collections.abc import Sequence
from functools import partial

import pytest

from imagewidget.engine.failure.errors import ImageNotFound
from tests.engine.pulling import must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.images import MANIFEST, Layer, Recipe, config, digest, manifest, random_layer
from tests.rig.push import Store
from tests.rig.registry import Registry

NAME = "rig/two-platforms"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def pushed(store: Store, architecture: str, layers: Sequence[Layer]) -> dict[str, object]:
    """Push the image for one architecture; return its entry in the manifest list."""
    content = json.loads(config(Recipe(f"{NAME}:1", []), layers))
    configuration = json.dumps({**content, "architecture": architecture}).encode()
    for blob in (configuration, *(layer.blob for layer in layers)):
        store._push_blob(NAME, blob)
    body = manifest(configuration, layers)
    store._push_manifest(NAME, digest(body), body)
    platform = {"architecture": architecture, "os": "linux"}
    return {
        "mediaType": MANIFEST,
        "size": len(body),
        "digest": digest(body),
        "platform": platform,
    }


@pytest.fixture
def two_platforms(registry: Registry) -> str:
    store = Store(registry.host)
    made = [
        pushed(store, architecture, [partial(random_layer, seed, 200_000)()])
        for architecture, seed in (("amd64", 71), ("arm64", 72))
    ]
    body = json.dumps({"schemaVersion": 2, "mediaType": LIST, "manifests": made}).encode()
    status, *_ = store._ask("PUT", f"/v2/{NAME}/manifests/1", body, {"Content-Type": LIST})
    assert status == 201
    return f"{registry.host}/{NAME}:1"


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_the_requested_platform_is_pulled(
    engine: Engine,
    two_platforms: str,
    architecture: str,
) -> None:
    engine.clean()

    _, image = must_pull(engine, two_platforms, platform=f"linux/{architecture}")

    with engine.api() as api:
        assert api.inspect_image(image.id)["Architecture"] == architecture  # type: ignore[no-untyped-call]


def test_a_platform_that_the_image_does_not_have(engine: Engine, two_platforms: str) -> None:
    pulled = try_pull(engine, two_platforms, platform="linux/s390x")

    assert isinstance(pulled.error, ImageNotFound)
    assert "platform=" in pulled.error.hint
