"""The names by which an engine finds an image in its local cache: references and ids."""

from __future__ import annotations

import re

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.image.reference import FULL_ID, parse

_SHORTEST_ID = 7


def local_name(text: str) -> str:
    """Return the name by which the engine finds an image in its local cache.

    Accepts what :func:`parse` accepts, and ids: 64 hex digits or their beginning,
    with or without `sha256:` in front.

    Raises:
        InvalidReference: `text` is neither a valid name nor an id.
        TypeError: `text` is not a str.
    """
    string(text, "reference")
    if FULL_ID.fullmatch(text):
        return text
    reference = parse(text)
    if reference.digest:
        # Like `ParseDockerRef`, ignore the tag if there is a digest.
        name = reference.name if reference.names_host else reference.familiar_name
        return f"{name}@{reference.digest}"
    if short := _short_id(text):
        return short  # Podman 5 refuses `sha256:` in front of a part of an id
    # Keep a host that was written: Podman distinguishes short names from full ones.
    return reference.canonical if reference.names_host else reference.familiar


def is_id_of(text: str, image_id: str) -> bool:
    """Return whether `text` is `image_id` or a sufficiently long beginning of it.

    The engine accepts a single hex digit as an id, so a name such as `a` or
    `cafe` can match an unrelated image; at least seven digits are required here.
    """
    if FULL_ID.fullmatch(text):
        return image_id.removeprefix("sha256:") == text.removeprefix("sha256:")
    short = _short_id(text)
    return len(short) >= _SHORTEST_ID and image_id.removeprefix("sha256:").startswith(short)


def looks_like_id(text: str) -> bool:
    """Return whether an engine would look for an image id that begins with `text`."""
    return bool(_short_id(text))


def _short_id(text: str) -> str:
    digits = text.removeprefix("sha256:")
    return digits if re.fullmatch(r"[a-f0-9]{1,64}", digits) else ""
