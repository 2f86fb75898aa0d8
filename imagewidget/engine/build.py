"""Build with BuildKit where the engine offers it, else with the classic builder."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from importlib import import_module
from typing import Literal, Protocol, cast

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.request.needs import check_buildkit, check_classic
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import BuildStarted, Event, Image, LogWritten

_MODULES = {
    "buildkit": "imagewidget.engine.buildkit.build",
    "classic": "imagewidget.engine.classic.build",
}

NO_BRIDGE = (
    "The engine has no bridge network, so RUN steps use the host's network "
    "(network='host'). Set network='none' to run them without a network."
)
"""The line logged when :func:`_with_working_network` replaces the network."""


class _Build(Protocol):
    def __call__(
        self,
        client: Client,
        request: BuildRequest,
        *,
        cancel: Cancellation,
        clock: Clock,
    ) -> Generator[Event, None, Image]: ...


def build(
    client: Client,
    request: BuildRequest,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Generator[Event, None, Image]:
    """Build with the requested builder, or the best one available.

    Args:
        client: The engine that builds.
        request: What to build.
        cancel: Stops the build.
        clock: Seconds since the job began.

    Yields:
        A `BuildStarted` with the chosen builder, then that builder's events.

    Returns:
        The image, with `"build"` as its source.

    Raises:
        InvalidContext: A secret can no longer be read.
        DockerError: The build failed, or the engine does not have the requested
            builder, or cannot do what an option asks for.
        Cancelled: The build was cancelled.
    """
    builder = choose(client, request, cancel)
    engine = client.version(cancel=cancel)
    (check_buildkit if builder == "buildkit" else check_classic)(request, engine)
    request = request.with_fallback_args(client.proxies()).with_secrets_read()
    yield BuildStarted(builder)
    request = _with_working_network(client, request, cancel)
    for note in request.notes:
        yield LogWritten(f"{note}\n")
    # Imported only here because BuildKit's session loads gRPC and protobuf, which takes time.
    run = cast("_Build", import_module(_MODULES[builder]).build)
    return (yield from run(client, request, cancel=cancel, clock=clock))


def choose(
    client: Client, request: BuildRequest, cancel: Cancellation | None = None
) -> Literal["buildkit", "classic"]:
    """Choose the builder: BuildKit where the engine offers it.

    Docker has BuildKit since 18.09, except for Windows containers; Podman's API
    has only the classic builder.

    Raises:
        DockerError: BuildKit was requested, and the engine does not have it.
    """
    if request.builder == "classic":
        return "classic"
    info = client.version(cancel=cancel)
    if info.has_buildkit:
        return "buildkit"
    if request.builder == "buildkit":
        raise DockerError(
            f"{info.title} does not have BuildKit.",
            hint="Leave out `builder=` to fall back on the classic builder.",
        )
    return "classic"


def _with_working_network(
    client: Client, request: BuildRequest, cancel: Cancellation
) -> BuildRequest:
    """Return the request with a network in which `RUN` steps work, and a note if that changed it.

    An engine started with `--bridge=none` has no default network for containers,
    so every `RUN` without an explicit network fails with "network bridge not
    found" (moby `builder-next/executor_linux.go`).
    """
    if request.network is not None or client.version(cancel=cancel).os == "windows":
        return request
    if client.has_bridge(cancel=cancel):
        return request
    return replace(request, network="host", notes=(*request.notes, NO_BRIDGE))
