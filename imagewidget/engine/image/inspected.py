"""Read an engine's answer to `inspect` for an image: its id, digest, names, platforms and sizes.

In the containerd store an image may have a variant for each of several platforms, not all of
them in the local cache. From API 1.48 on the engine lists them (`manifests=1`); before, it
describes that of its own platform, or any other if that one is not there. Attestations are
in that list too, but are not images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagewidget.engine.failure.errors import ImageNotFound, InvalidReference
from imagewidget.engine.image.local_name import is_id_of, looks_like_id
from imagewidget.engine.image.platform import Platform
from imagewidget.engine.image.reference import parse
from imagewidget.progress.events import Image


@dataclass(frozen=True)
class Variant:
    """What the local cache has of an image for one platform.

    Attributes:
        platform: The platform.
        packed: Bytes as in the registry; None if the engine does not report it.
    """

    platform: Platform
    packed: int | None = None


@dataclass(frozen=True)
class LocalImage:
    """An image of the local cache.

    Attributes:
        reference: The name by which it was found.
        id: Its id, `sha256:` and 64 hex digits.
        digest: The digest of its manifest in the registry; None if it has none.
        size: Bytes on the engine's disk, as `docker images` shows them.
        variants: The platforms that it is there for.
        is_complete: Whether `variants` has all of them.
    """

    reference: str
    id: str
    digest: str | None
    size: int
    variants: tuple[Variant, ...]
    is_complete: bool

    def for_platform(self, wanted: str | None, own: Platform) -> Image:
        """Return the image for a platform.

        Args:
            wanted: A checked platform; None for one that the engine runs, or for any if
                `reference` is an id, which identifies one image.
            own: The engine's own platform.

        Raises:
            ImageNotFound: It is not in the local cache for that platform.
        """
        if self.variant(wanted, own) or (wanted is None and self._was_found_by_id):
            return self.described(wanted, own)
        asked = f"{wanted}" if wanted else f"the engine's own platform, {own}"
        there = ", ".join(str(one.platform) for one in self.variants if one.platform.is_known)
        raise ImageNotFound(
            f"The local image {self.reference} is not for {asked}"
            + (f", but for {there}." if there else "."),
            hint="Pull or build it for that platform first.",
        )

    def variant(self, wanted: str | None, own: Platform) -> Variant | None:
        """Return what is there for a platform, None for one that the engine runs."""
        if wanted is None and not own.is_known:
            return self.variants[0]
        named = Platform.of(wanted) if wanted else own
        found = [one for one in self.variants if named.names(one.platform)]
        if wanted is None:
            found += [one for one in self.variants if own.runs(one.platform)]
        return next(iter(found), None)

    def described(self, wanted: str | None, own: Platform) -> Image:
        """Return the image whatever platform it is for."""
        variant = self.variant(wanted, own)
        if variant is None and len(self.variants) == 1:
            variant = self.variants[0]
        return Image(
            id=self.id,
            reference=self.reference,
            digest=self.digest,
            size=self.size,
            source="local",
            download_size=variant.packed if variant else None,
        )

    @property
    def _was_found_by_id(self) -> bool:
        return looks_like_id(self.reference) and is_id_of(self.reference, self.id)


def local_image(
    found: Mapping[str, Any],
    reference: str,
    own: Platform,
    listed: Mapping[str, Any] | None = None,
) -> LocalImage:
    """Read the answer to `inspect`.

    Args:
        found: The answer.
        reference: The name that was asked for.
        own: The engine's own platform.
        listed: The image in the answer to `/images/json`, if it has the size.
    """
    size = _count(found.get("Size"))
    variants = tuple(_variants(found))
    described = Platform.of_parts(found.get("Os"), found.get("Architecture"), found.get("Variant"))
    is_complete = bool(variants) or not is_in_containerd(found)
    if variants:
        # Of attestations too, as in `docker images`.
        size = sum(_total(each, "Total") for each in _manifests(found)) or size
    else:
        # Up to API 1.47 the size of an image without the engine's own platform is not right.
        is_packed = is_in_containerd(found) and own.names(described)
        variants = (Variant(described, size if is_packed else None),)
        size = _count(listed.get("Size")) if listed else size
    return LocalImage(
        reference=reference,
        id=full_id(found),
        digest=digest_of(found, reference),
        size=size,
        variants=variants,
        is_complete=is_complete,
    )


def is_in_containerd(found: Mapping[str, Any]) -> bool:
    """Return whether an inspected image may be in the containerd store.

    Its snapshots have no directories that the engine could report.
    """
    driver = found.get("GraphDriver")
    return isinstance(driver, Mapping) and bool(driver.get("Name")) and not driver.get("Data")


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


def _available(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of the images in the local cache; not those of attestations."""
    for each in _manifests(found):
        if each.get("Kind") == "image" and each.get("Available"):
            yield each


def _manifests(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = found.get("Manifests")
    return (
        (each for each in listed if isinstance(each, Mapping))
        if isinstance(listed, list)
        else iter(())
    )


def _variants(found: Mapping[str, Any]) -> Iterator[Variant]:
    for each in _available(found):
        data = each.get("ImageData")
        platform = data.get("Platform") if isinstance(data, Mapping) else None
        parts = platform if isinstance(platform, Mapping) else {}
        yield Variant(
            Platform.of_parts(parts.get("os"), parts.get("architecture"), parts.get("variant")),
            _total(each, "Content") or None,
        )


def _total(entry: Mapping[str, Any], kind: str) -> int:
    sizes = entry.get("Size")
    return _count(sizes.get(kind)) if isinstance(sizes, Mapping) else 0


def _count(value: object) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return max(0, int(value)) if is_count else 0  # type: ignore[call-overload]
