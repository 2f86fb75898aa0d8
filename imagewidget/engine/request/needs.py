"""What a build needs of its engine: refused before it starts, with the engine's version.

An engine ignores what it does not know, so a limit would silently not be set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imagewidget.engine.context.context import RemoteContext
from imagewidget.engine.dockerfile.place import lines_of
from imagewidget.engine.engine_info import EngineVersion
from imagewidget.engine.failure.errors import BuildFailed, DockerError
from imagewidget.engine.request.checks import ONLY_BUILDKIT
from imagewidget.engine.request.request import BuildRequest

_NUMBER = re.compile(r"\d+")
# The version of Docker's API with BuildKit 0.10.
_GIT_DIRECTORY = (1, 42)
# The versions of Podman with Buildah 1.33 and 1.41.
_PODMAN_HEREDOCS = (4, 8)
_PODMAN_EPOCH = (5, 6)


@dataclass(frozen=True)
class _Need:
    """An option that not every BuildKit has.

    Attributes:
        option: Its name.
        api: The first version of Docker's API with a BuildKit that has it.
        version: The Docker Engine of that API.
    """

    option: str
    api: tuple[int, int]
    version: str


# moby `daemon/internal/builder-next/builder.go`; the time needs BuildKit 0.11.
_OF_BUILDKIT = (
    _Need("output", (1, 40), "19.03"),
    _Need("shm_size", (1, 42), "23.0"),
    _Need("ulimits", (1, 42), "23.0"),
    _Need("source_date_epoch", (1, 43), "24.0"),
)


def check_buildkit(request: BuildRequest, engine: EngineVersion) -> None:
    """Refuse options that the engine's BuildKit ignores.

    Raises:
        DockerError: The engine is too old for an option.
    """
    for need in _OF_BUILDKIT:
        # 0 is a valid time, unlike None.
        is_set = getattr(request, need.option) not in (None, {})
        if is_set and not engine.offers(need.api):
            raise DockerError(
                f"`{need.option}` requires Docker Engine {need.version} or later; "
                f"this is {engine.title}.",
                hint=f"Upgrade the engine, or leave out `{need.option}=`.",
            )
    context = request.context
    is_part = isinstance(context, RemoteContext) and ":" in context.url.partition("#")[2]
    if is_part and not engine.offers(_GIT_DIRECTORY):
        raise DockerError(
            "A directory of a Git repository requires Docker Engine 23.0 or later; "
            f"this is {engine.title}.",
            hint="Upgrade the engine, or run `git clone` and pass the directory.",
        )


def check_classic(request: BuildRequest, engine: EngineVersion) -> None:
    """Refuse what the engine's classic builder cannot do.

    Raises:
        DockerError: An option requires BuildKit, or another version of Podman.
        BuildFailed: The builder does not understand the Dockerfile.
    """
    what = "BuildKit" if engine.has_buildkit else f"BuildKit, which {engine.title} does not have"
    for name in ONLY_BUILDKIT:
        if getattr(request, name):
            raise DockerError(
                f"`{name}` requires {what}.",
                hint=f"Use an engine with BuildKit, or leave out `{name}=`.",
            )
    if isinstance(request.context, RemoteContext):
        raise DockerError(
            f"A Git repository as the build context requires {what}.",
            hint="Use an engine with BuildKit, or run `git clone` and pass the directory.",
        )
    is_podman, version = engine.is_podman, _numbers(engine.version)
    if request.source_date_epoch is not None and not (is_podman and version >= _PODMAN_EPOCH):
        raise DockerError(
            f"`source_date_epoch` requires BuildKit, or Podman 5.6 or later; "
            f"this is {engine.title}.",
            hint="Use another engine, or leave out `source_date_epoch=`.",
        )
    if is_podman:
        _refuse_caches(request, engine)
    if not (is_podman and version >= _PODMAN_HEREDOCS):
        _refuse_heredocs(request, engine)


def _refuse_caches(request: BuildRequest, engine: EngineVersion) -> None:
    """Refuse images as caches: Podman keeps a cache in a repository of its own, without tags.

    Raises:
        DockerError: One of the caches is an image.
    """
    for name in request.cache_from:
        if re.search(r"[:@][^/]*$", name):
            raise DockerError(
                f"`cache_from` cannot be the image {name}, only a repository without a tag; "
                f"this is {engine.title}.",
                hint="Leave out `cache_from=`: Podman uses the layers that it has.",
            )


def _refuse_heredocs(request: BuildRequest, engine: EngineVersion) -> None:
    """Refuse heredocs, which Docker's classic builder skips without a word.

    Raises:
        BuildFailed: The Dockerfile has a heredoc.
    """
    place = next((one for one in request.dockerfile.instructions if one.has_heredoc), None)
    if place is None:
        return
    builder = "Podman" if engine.is_podman else "The classic builder of Docker"
    advice = (
        "Use Podman 4.8 or later"
        if engine.is_podman
        else "Leave out `builder=`, so that BuildKit is used"
    )
    raise BuildFailed(
        f"{builder} does not support heredocs (`<<`); this is {engine.title}.",
        hint=f"{advice}, or write the command without a heredoc.",
        dockerfile_line=place.line,
        source_lines=lines_of(place, request.dockerfile),
    )


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version such as `28.5.2+dfsg4`."""
    return tuple(map(int, _NUMBER.findall(version)[:2]))
