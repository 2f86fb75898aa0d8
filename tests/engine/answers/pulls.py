"""Pulls, and the images that they leave."""

from __future__ import annotations

import dataclasses

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled
from imagewidget.engine.pull.pull import pull
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.events import LayerChanged, LayerPhase
from tests.engine.answers.check import NO, Asked, check, kind_of, yes_if
from tests.rig.images import FOREIGN_ARCHITECTURE, OWN_ARCHITECTURE

SECTION, PLATFORMS, IMAGES = "Pulls", "Platforms", "Images that are there"
OWN, FOREIGN = f"linux/{OWN_ARCHITECTURE}", f"linux/{FOREIGN_ARCHITECTURE}"


@check(SECTION, "Layers shown of an image that has nine", "9")
def nine_layers(on: Asked) -> str:
    on.engine.clean()
    return str(len(on.pull(on.registry.nine).states[-1].layers))


@check(
    SECTION,
    "Unpacking is reported",
    "in bytes",
    {
        "docker-containerd": "in seconds",
        "older-containerd podman oldest-podman": "no",
    },
)
def unpacking(on: Asked) -> str:
    on.engine.clean()
    layers = on.pull(on.registry.nine).states[-1].layers
    if any(layer.extract_total for layer in layers):
        return "in bytes"
    return "in seconds" if any(layer.extract_seconds for layer in layers) else "no"


@check(SECTION, "Rows for an image with four layers, two of them identical", "3")
def repeated_layers(on: Asked) -> str:
    on.engine.clean()
    return str(len(on.pull(on.registry.repeated).states[-1].layers))


@check(SECTION, "Attestations are shown as layers", "no")
def attestations(on: Asked) -> str:
    on.engine.clean()
    return yes_if(len(on.pull(on.registry.two_platforms).states[-1].layers) != 2)


@check(SECTION, "The manifest's digest is known afterwards", "yes")
def digest(on: Asked) -> str:
    return yes_if(on.must_pull(on.registry.one).digest)


@check(SECTION, "A pull by digest", "yes")
def by_digest(on: Asked) -> str:
    image = on.must_pull(on.registry.one)
    on.engine.clean()
    name = on.registry.one.rpartition(":")[0]
    return yes_if(on.pull(f"{name}@{image.digest}").image)


@check(SECTION, "Nothing is downloaded again", "yes")
def up_to_date(on: Asked) -> str:
    on.pull(on.registry.nine)
    last = on.pull(on.registry.nine).states[-1]
    return yes_if(all(layer.phase is LayerPhase.CACHED for layer in last.layers))


@check(SECTION, "An unknown tag", "`ImageNotFound`")
def unknown_tag(on: Asked) -> str:
    return kind_of(on.pull(f"{on.registry.one}-none").error)


@check(SECTION, "An unknown repository", "`ImageNotFound`")
def unknown_repository(on: Asked) -> str:
    return kind_of(on.pull(f"{on.registry.host}/rig/nothing:1").error)


@check(SECTION, "A registry that refuses connections", "`RegistryUnavailable`")
def refused_connection(on: Asked) -> str:
    return kind_of(on.pull(f"{on.nobody}/rig/one:1", retry=RetryPolicy(attempts=1)).error)


@check(SECTION, "A private image without a login", "`AccessDenied`")
def private(on: Asked) -> str:
    return kind_of(on.pull(on.private).error)


@check(SECTION, "Cancel ends it", "yes")
def cancelled(on: Asked) -> str:
    on.engine.clean()
    cancel = Cancellation()
    try:
        for event in pull(on.client, on.registry.nine, cancel=cancel):
            if isinstance(event, LayerChanged):
                cancel.request()
    except Cancelled:
        return yes_if(not on.client.image_exists(on.registry.nine))
    return NO


@check(PLATFORMS, "The platform that was asked for is pulled", "yes")
def asked_platform(on: Asked) -> str:
    on.engine.clean()
    image = on.must_pull(on.registry.two_platforms, platform=FOREIGN)
    return yes_if(on.inspected(image.id)["Architecture"] == FOREIGN_ARCHITECTURE)


@check(PLATFORMS, "A platform that the image does not have", "`ImageNotFound`")
def missing_platform(on: Asked) -> str:
    return kind_of(on.pull(on.registry.two_platforms, platform="linux/riscv64").error)


@check(PLATFORMS, "An image for another platform only is pulled with a warning", "yes")
def foreign_only(on: Asked) -> str:
    on.engine.clean()
    warnings = on.pull(on.registry.foreign, platform=OWN).states[-1].warnings
    return yes_if(
        [each.message for each in warnings] == [f"The image is for {FOREIGN}, not for {OWN}."]
    )


@check(PLATFORMS, "An image for another platform counts as being there", "no")
def foreign_is_there(on: Asked) -> str:
    on.engine.clean()
    on.pull(on.registry.two_platforms, platform=FOREIGN)
    return yes_if(on.client.image_exists(on.registry.two_platforms))


@check(PLATFORMS, "It counts if its platform is asked for", "yes")
def foreign_is_found(on: Asked) -> str:
    on.engine.clean()
    on.pull(on.registry.two_platforms, platform=FOREIGN)
    return yes_if(on.client.image_exists(on.registry.two_platforms, platform=FOREIGN))


@check(
    PLATFORMS,
    "Platforms of one image kept beside each other",
    "1",
    {"docker-containerd": "2"},
)
def platforms_kept(on: Asked) -> str:
    on.engine.clean()
    for platform in (FOREIGN, OWN):
        on.pull(on.registry.two_platforms, platform=platform)
    name, client = on.registry.two_platforms, on.client
    return str(sum(client.image_exists(name, platform=each) for each in (FOREIGN, OWN)))


@check(IMAGES, "The size is that of the engine's own list", "yes")
def size(on: Asked) -> str:
    on.engine.clean()
    image = on.must_pull(on.registry.one)
    with on.engine.api() as api:
        (listed,) = api.images()
    return yes_if(image.size == listed["Size"])


@check(
    IMAGES,
    "The size of the download is known",
    "no",
    {"docker-containerd older-containerd": "yes"},
)
def download_size(on: Asked) -> str:
    return yes_if(on.must_pull(on.registry.one).download_size)


@check(IMAGES, "It is found by a short id, with and without `sha256:`", "yes")
def short_id(on: Asked) -> str:
    image = on.must_pull(on.registry.one)
    short, client = image.id.removeprefix("sha256:")[:12], on.client
    return yes_if(client.image_exists(short) and client.image_exists(f"sha256:{short}"))


@check(IMAGES, "It is found by its digest", "yes")
def found_by_digest(on: Asked) -> str:
    image = on.must_pull(on.registry.one)
    name = on.registry.one.rpartition(":")[0]
    return yes_if(on.client.image_exists(f"{name}@{image.digest}"))


@check(IMAGES, "The local image equals the pulled one", "yes")
def same_image(on: Asked) -> str:
    image = on.must_pull(on.registry.one)
    local = on.client.image(on.registry.one)
    return yes_if(dataclasses.replace(image, source=local.source) == local)
