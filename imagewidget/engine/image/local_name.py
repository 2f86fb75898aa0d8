"""The names under which an engine finds an image in its own cache: references and ids."""

from __future__ import annotations

import re

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.image.reference import FULL_ID, parse

_SHORTEST_ID = 7


def local_name(text: str) -> str:
    """Give the name by which the engine finds an image in its own cache.

    Takes what :func:`parse` takes, and ids: 64 hex digits or their beginning,
    with `sha256:` before them or not.

    Raises:
        InvalidReference: It is neither a name nor an id.
        TypeError: It is no text.
    """
    string(text, "reference")
    if FULL_ID.fullmatch(text):
        return text
    reference = parse(text)
    if reference.digest:
        # As `ParseDockerRef` does: beside a digest the tag says nothing.
        name = reference.name if reference.names_host else reference.familiar_name
        return f"{name}@{reference.digest}"
    if _short_id(text):
        return text
    # With its host where it was written: Podman keeps short names apart.
    return reference.canonical if reference.names_host else reference.familiar


def is_id_of(text: str, image_id: str) -> bool:
    """Tell whether `text` is `image_id` or a beginning of it that is long enough to be meant.

    The engine takes one hex digit for an id, so that a name such as `a` or
    `cafe` can meet a stranger; seven digits are what is asked for here.
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
