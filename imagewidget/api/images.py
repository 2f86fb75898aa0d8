"""The images in the engine's local cache."""

from __future__ import annotations

from imagewidget.api.starting import engine_of
from imagewidget.api.verbs import verb
from imagewidget.engine.client import DockerClient


@verb
def image_exists(
    reference: str, *, platform: str | None = None, client: DockerClient | None = None
) -> bool:
    """Return whether an image is in the engine's local cache.

    Args:
        reference: A name with a tag or digest, or an image id of 7 to 64 hex digits.
        platform: Such as `linux/arm64`; None for the engine's own.
        client: The engine to use, from :func:`connect`; None for the default one.

    Raises:
        InvalidReference: `reference` is neither a valid image name nor an id.
        InvalidContext: `platform` is not a valid platform.
        EngineUnavailable: The engine cannot be reached.
    """
    return engine_of(client).image_exists(reference, platform=platform)
