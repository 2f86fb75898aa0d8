"""Provision an image from the local cache, else a registry, else a build, in one operation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.failure.errors import (
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    Remedy,
    remedy_of,
)
from imagewidget.progress.events import CheckingLocal, Event, Image, LogWritten

Work = Callable[[], Generator[Event, None, Image]]


def provision(
    client: Client,
    reference: str,
    *,
    pull: Work | None,
    build: Work | None,
    cancel: Cancellation,
    platform: str | None = None,
) -> Generator[Event, None, Image]:
    """Find the image in the local cache, else pull it, else build it.

    Args:
        client: The engine to use.
        reference: The name of the image, wherever it comes from.
        pull: Pulls the image; None to skip the registries.
        build: Builds the image under that name; None if it cannot be built.
        cancel: Stops the operation.
        platform: Such as `linux/arm64`; a local image for another platform is ignored.

    Yields:
        The events of all three, as one operation.

    Returns:
        The image; its `source` says where it came from.

    Raises:
        DockerError: The last of the three failed with this error.
    """
    yield CheckingLocal(reference)
    with contextlib.suppress(ImageNotFound):
        return client.image(reference, platform=platform, cancel=cancel)
    if pull is not None:
        try:
            return (yield from pull())
        except DockerError as error:
            # If only the registries failed, a build may still succeed.
            is_final = remedy_of(error) is Remedy.NONE or isinstance(error, EngineUnavailable)
            if build is None or is_final:
                raise
            yield LogWritten(_explained(error))
    cancel.check()
    if build is None:
        raise ImageNotFound(f"There is no image {reference} in the local cache.")
    return (yield from build())


def _explained(error: DockerError) -> str:
    return f"No registry served the image, so it will be built. {error.message}\n"
