"""What an engine reports of itself."""

from __future__ import annotations

from tests.engine.answers.check import Asked, check, yes_if

SECTION = "The engine"


@check(SECTION, "Its name", "Docker Engine", {"podman oldest-podman": "Podman"})
def name(on: Asked) -> str:
    return on.client.version().name


@check(
    SECTION,
    "Its image store",
    "graphdriver",
    {"docker-containerd older-containerd": "containerd", "podman oldest-podman": "podman"},
)
def store(on: Asked) -> str:
    return on.client.info().store


@check(SECTION, "What builds", "BuildKit", {"podman oldest-podman": "its builder of Dockerfiles"})
def builder(on: Asked) -> str:
    return "BuildKit" if on.client.version().has_buildkit else "its builder of Dockerfiles"


@check(SECTION, "Its own platform is known", "yes")
def own_platform(on: Asked) -> str:
    return yes_if(str(on.client.platform()).startswith("linux/"))


@check(SECTION, "An unknown image is not there", "yes")
def unknown_image(on: Asked) -> str:
    return yes_if(not on.client.image_exists("rig/nothing:1"))
