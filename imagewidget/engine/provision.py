"""Provision: the local cache, then registries, then a build, as one operation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.failure.errors import DockerError, EngineUnavailable, ImageNotFound, Remedy
from imagewidget.progress.events import CheckingLocal, Event, Image, LogWritten

Work = Callable[[], Generator[Event, None, Image]]


def provision(
    client: DockerClient,
    reference: str,
    *,
    pull: Work | None,
    build: Work | None,
    cancel: Cancellation,
    platform: str | None = None,
) -> Generator[Event, None, Image]:
    """Find the image in the local cache, else pull it, else build it.

    Args:
        client: The engine to ask.
        reference: The name the image has in the end, wherever it comes from.
        pull: Asks the registries; None asks none.
        build: Builds it under that name; None where it cannot be built.
        cancel: How to stop it.
        platform: Such as `linux/arm64`: a local image for another one does not count.

    Yields:
        What happens, of all three as one operation.

    Returns:
        The image, with where it came from as its source.

    Raises:
        DockerError: What the last of the three said.
    """
    yield CheckingLocal(reference)
    with contextlib.suppress(ImageNotFound):
        return client.image(reference, platform=platform, cancel=cancel)
    if pull is not None:
        try:
            return (yield from pull())
        except DockerError as error:
            # Where a registry had its say, a build may still succeed.
            is_final = error.remedy is Remedy.NONE or isinstance(error, EngineUnavailable)
            if build is None or is_final:
                raise
            yield LogWritten(_explained(error))
    cancel.check()
    if build is None:
        raise ImageNotFound(f"{reference} is not in the local cache.")
    return (yield from build())


def _explained(error: DockerError) -> str:
    return f"No registry served the image, so it is built here. {error.message}\n"
