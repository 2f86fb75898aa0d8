"""The images in the rig's registries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.rig.chroot import trixie_slim
from tests.rig.images import (
    FOREIGN_ARCHITECTURE,
    OWN_ARCHITECTURE,
    Layer,
    Recipe,
    busybox_layer,
    random_layer,
)
from tests.rig.indexes import INDEX, Index, push_index

if TYPE_CHECKING:
    from tests.rig.places import Places
    from tests.rig.push import Store

MEGABYTE = 1_000_000

ONE = "rig/one:1"
NINE = "rig/nine:1"
SIXTY_FOUR = "rig/sixty-four:1"
REPEATED = "rig/repeated:1"
PRIVATE = "private/base:1"
TWO_PLATFORMS = "rig/platforms:1"
FOREIGN = "rig/foreign:1"
DEBIAN = "library/debian:trixie-slim"
# The image that the tests of fallback from registry to registry pull.
ENVIRONMENT = "owner/env:1"

_NOISE_NINE = [partial(random_layer, 900 + n, 30 * MEGABYTE) for n in range(8)]
_NOISE_SIXTY_FOUR = [partial(random_layer, 6400 + n, MEGABYTE) for n in range(63)]
_ONCE, _TWICE = (partial(random_layer, 200 + n, MEGABYTE) for n in range(2))

RECIPES = (
    Recipe(ONE, [busybox_layer]),
    Recipe(NINE, [busybox_layer, *_NOISE_NINE]),
    Recipe(SIXTY_FOUR, [busybox_layer, *_NOISE_SIXTY_FOUR]),
    # The same layer twice, as in real images with several empty layers.
    Recipe(REPEATED, [busybox_layer, _TWICE, _ONCE, _TWICE]),
    Recipe(PRIVATE, [busybox_layer, partial(random_layer, 300, MEGABYTE)]),
    Recipe(FOREIGN, [partial(random_layer, 73, MEGABYTE)], architecture=FOREIGN_ARCHITECTURE),
    *(
        Recipe(
            f"{host}/{ENVIRONMENT}",
            [busybox_layer, partial(random_layer, seed, 3 * MEGABYTE)],
            labels={"org.example.served-by": host},
        )
        for seed, host in ((400, "ghcr.io"), (500, "docker.io"))
    ),
)

INDEXES = (
    Index(
        TWO_PLATFORMS,
        [
            Recipe(
                TWO_PLATFORMS,
                [busybox_layer, partial(random_layer, seed, MEGABYTE)],
                architecture=architecture,
            )
            for seed, architecture in ((71, OWN_ARCHITECTURE), (72, FOREIGN_ARCHITECTURE))
        ],
    ),
)


STAND_INS = ("ghcr.io", "docker.io")


def sow(store: Store, places: Places) -> None:
    """Make and push the images that the registry does not have yet."""
    for recipe in (*RECIPES, debian(places)):
        _ensure(store, recipe)
    for index in INDEXES:
        if not store.has(index.repository, index.tag, INDEX):
            push_index(store, index)
    for host in STAND_INS:
        for name in (ONE, NINE, SIXTY_FOUR, REPEATED, DEBIAN):
            repository, _, tag = name.rpartition(":")
            if not store.has(f"{host}/{repository}", tag):
                store.copy(name, f"{host}/{name}")


def sow_debian(store: Store, places: Places) -> None:
    """Push only the base image, unless the registry has it."""
    _ensure(store, debian(places))


def _ensure(store: Store, recipe: Recipe) -> None:
    if not store.has(recipe.repository, recipe.tag):
        store.push(recipe)


def debian(places: Places) -> Recipe:
    """Return a substitute for ``debian:trixie-slim``, which is also made of Debian packages."""
    return Recipe(DEBIAN, [lambda: Layer.of(trixie_slim(places).read_bytes())], ("bash",))
