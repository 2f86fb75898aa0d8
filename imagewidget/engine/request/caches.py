"""The caches of a build: where layers may be reused from, and whether the image becomes one.

`docker buildx` writes them as `type=registry,ref=IMAGE`. An engine's own API takes
the names of images, and an inline cache only; other kinds need BuildKit's API.
"""

from __future__ import annotations

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.image.local_name import local_name
from imagewidget.engine.request.checks import check_texts

INLINE = "inline"
_REGISTRY = "registry"


def check_cache_from(images: object) -> tuple[str, ...]:
    """Check the images to use as a cache, and return their names.

    Args:
        images: Names, the ids of local images, or `type=registry,ref=NAME`.

    Raises:
        InvalidReference: One of them is neither a valid name nor an id.
        InvalidContext: One of them is another kind of cache.
    """
    return tuple(_image(text) for text in check_texts(images, "cache_from"))


def check_cache_to(cache: object) -> str | None:
    """Check the cache to write: `"inline"`, also as `"type=inline"`, or None.

    Raises:
        InvalidContext: It is another kind of cache.
    """
    if cache is None:
        return None
    text = string(cache, "cache_to")
    if text in (INLINE, f"type={INLINE}"):
        return INLINE
    kind = _fields(text).get("type", text) if "=" in text else text
    raise InvalidContext(
        f"`cache_to` cannot be `{kind}`: an engine's API writes only the cache in the image itself."
        if kind
        else "`cache_to` has no type.",
        hint='Set `cache_to="inline"`, and push the image.',
    )


def _image(text: str) -> str:
    """Return the name of an image to use as a cache."""
    name = text
    if "," in text or text.startswith("type="):
        fields = _fields(text)
        kind, name = fields.get("type", _REGISTRY), fields.get("ref", "")
        if kind != _REGISTRY:
            raise InvalidContext(
                f"A cache of type `{kind}` cannot be used: an engine's API takes images only.",
                hint="Use the name of an image, such as `owner/env:1`.",
            )
        unknown = sorted(fields.keys() - {"type", "ref"})
        if unknown and "=" in text:
            raise InvalidContext(
                f"`{unknown[0]}` of a cache cannot be used: an engine's API takes images only.",
                hint="Leave out everything but the image's name, such as `owner/env:1`.",
            )
        if unknown or not name:
            raise InvalidReference(
                f"{text} is not a valid image name.",
                hint="Pass the name of an image, as in `owner/env:1`; pass several as a list.",
            )
    local_name(name)
    return name


def _fields(text: str) -> dict[str, str]:
    """Return the values of `KEY=VALUE,KEY=VALUE` by key; a part without `=` is a key."""
    pairs = (part.partition("=") for part in text.split(","))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
