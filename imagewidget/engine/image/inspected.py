"""Read an engine's answer to `inspect` for an image: its id, digest and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image.local_name import is_id_of, looks_like_id
from imagewidget.engine.image.reference import parse


def full_id(found: Mapping[str, Any]) -> str:
    """Return an inspected image's id with `sha256:`, which Podman may leave out."""
    image_id = str(found.get("Id") or "")
    return image_id if ":" in image_id else f"sha256:{image_id}"


def digest_of(found: Mapping[str, Any], reference: str) -> str | None:
    """Return an inspected image's digest in the registry that `reference` names.

    An image has one digest for each repository it was pulled from or pushed to;
    if there is none for this repository, any other identifies the same content.
    """
    known = [str(each) for each in found.get("RepoDigests") or () if "@" in str(each)]
    try:
        name = parse(reference).familiar_name
    except InvalidReference:
        name = ""
    own = [each for each in known if each.partition("@")[0] == name]
    return next((each.partition("@")[2] for each in own + known), None)


def matches_reference(reference: str, found: Mapping[str, Any]) -> bool:
    """Return whether the image that an engine found is the one that `reference` means.

    An engine accepts a single hex digit as the beginning of an id, so it may find
    an unrelated image for the name `a`.
    """
    if not looks_like_id(reference) or is_id_of(reference, full_id(found)):
        return True
    tags = (str(tag) for tag in found.get("RepoTags") or ())
    return any(tag.rpartition("/")[2] == f"{reference}:latest" for tag in tags)
