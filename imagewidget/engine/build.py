"""Build with whatever the engine has: BuildKit, else the classic builder."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from importlib import import_module
from typing import Literal, Protocol, cast

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.connection.info import EngineInfo
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import BuildStarted, Event, Image, LogWritten

_MODULES = {
    "buildkit": "imagewidget.engine.buildkit.build",
    "classic": "imagewidget.engine.classic.build",
}

NO_BRIDGE = (
    "The engine has no bridge network, so RUN steps use the engine's own network "
    "(network='host'). Give network='none' to keep them off any."
)
"""What the log says when :func:`_with_working_network` had to choose."""


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
    request = _with_working_network(request, client.info(cancel=cancel))
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


def _with_working_network(request: BuildRequest, engine: EngineInfo) -> BuildRequest:
    """Return the request with the network that makes `RUN` steps work, and a note if it is changed.

    An engine started with `--bridge=none` has no network for a container that
    asks for none in particular: there each `RUN` fails with "network bridge not
    found" (moby `builder-next/executor_linux.go`).
    """
    if request.network is not None or engine.has_bridge or engine.os == "windows":
        return request
    return replace(request, network="host", notes=(*request.notes, NO_BRIDGE))
