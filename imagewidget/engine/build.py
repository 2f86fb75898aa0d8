"""Build with whatever the engine has: BuildKit, else the classic builder."""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module
from typing import Literal, Protocol, cast

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import BuildStarted, Event, Image, LogWritten

_MODULES = {
    "buildkit": "imagewidget.engine.buildkit.build",
    "classic": "imagewidget.engine.classic.build",
}


class _Build(Protocol):
    def __call__(
        self,
        client: DockerClient,
        request: BuildRequest,
        *,
        cancel: Cancellation,
        clock: Clock,
    ) -> Generator[Event, None, Image]: ...


def build(
    client: DockerClient,
    request: BuildRequest,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Generator[Event, None, Image]:
    """Build with the builder that was asked for, or the best there is.

    Args:
        client: The engine that builds.
        request: What to build.
        cancel: How to stop it.
        clock: Seconds since the job began.

    Yields:
        Which builder it is, then what that one says.

    Returns:
        The image, with `"build"` as its source.

    Raises:
        InvalidContext: A secret cannot be read any more.
        DockerError: As the builder says; also if the engine has not the one
            that was asked for.
        Cancelled: It was asked for.
    """
    builder = choose(client, request, cancel)
    request = request.with_fallback_args(client.proxies()).with_secrets_read()
    yield BuildStarted(builder)
    for note in request.notes:
        yield LogWritten(f"{note}\n")
    # BuildKit's session needs gRPC and protobuf, which nobody else should pay for.
    run = cast("_Build", import_module(_MODULES[builder]).build)
    return (yield from run(client, request, cancel=cancel, clock=clock))


def choose(
    client: DockerClient, request: BuildRequest, cancel: Cancellation | None = None
) -> Literal["buildkit", "classic"]:
    """Choose the builder: BuildKit where the engine offers it.

    Docker has BuildKit since 18.09, except for Windows containers; Podman's API
    has only the classic builder.

    Raises:
        DockerError: BuildKit was asked for, or is needed, and is not there.
    """
    if request.builder == "classic":
        return "classic"
    info = client.info(cancel=cancel)
    if info.has_buildkit:
        return "buildkit"
    for name, given in (("secrets", request.secrets), ("ssh", request.ssh)):
        if given:
            raise DockerError(
                f"{info.title} has no BuildKit, which `{name}` needs.",
                hint=f"Use an engine with BuildKit, or leave out `{name}=`.",
            )
    if request.builder == "buildkit":
        raise DockerError(
            f"{info.title} has no BuildKit.",
            hint="Leave out `builder=`: the classic builder is taken where there is no BuildKit.",
        )
    return "classic"
