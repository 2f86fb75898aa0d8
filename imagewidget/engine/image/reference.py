"""Image references: what a name means, and which registries to ask for it.

The grammar is Docker's own, `host[:port]/path:tag@digest`, as the module
`distribution/reference` defines it (`regexp.go` and `normalize.go`; the engine
checks every name with it). Two things are stricter here, each because the loose
reading only leads to a worse error later: a first part in upper case without a
dot or a port is not taken for a registry, and a digest must have the length of
its algorithm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidReference

DOCKER_HUB = "docker.io"
DEFAULT_TAG = "latest"

_LEGACY_HUB = "index.docker.io"
_HUB_HOSTS = frozenset({DOCKER_HUB, _LEGACY_HUB, "registry-1.docker.io", ""})
_OFFICIAL = "library/"
_LONGEST = 1024
_LONGEST_PATH = 255

_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(
    rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?",
)
_PATH_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")
FULL_ID = re.compile(r"(?:sha256:)?[a-f0-9]{64}")


@dataclass(frozen=True)
class Reference:
    """An image's name in full.

    Attributes:
        host: The registry, such as `docker.io` or `localhost:5000`.
        path: The repository in it, such as `library/python`.
        tag: The tag; None only where there is a digest.
        digest: `sha256:` and 64 hex digits (or sha384, sha512), or None.
        names_host: Whether the text itself named the registry.
    """

    host: str
    path: str
    tag: str | None = None
    digest: str | None = None
    names_host: bool = field(default=True, compare=False)
    _written_path: str = field(default="", compare=False, repr=False)

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.host}/{self.path}"

    @property
    def canonical(self) -> str:
        """All of it: `docker.io/library/python:3.13`."""
        return self.name + self._suffix

    @property
    def familiar_name(self) -> str:
        """The name as Docker shows it: `python`, `owner/env`, `ghcr.io/owner/env`."""
        if self.host != DOCKER_HUB:
            return self.name
        official = self.path.removeprefix(_OFFICIAL)
        return self.path if "/" in official else official

    @property
    def familiar(self) -> str:
        """All of it as Docker shows it: `python:3.13`."""
        return self.familiar_name + self._suffix

    @property
    def version(self) -> str:
        """What the registry is asked for: the digest where there is one, else the tag."""
        return self.digest or self.tag or DEFAULT_TAG

    @property
    def can_be_tagged(self) -> bool:
        """Whether a local image can bear this name: a digest cannot be given away."""
        return self.digest is None

    def at(self, host: str) -> Reference:
        """Give the same image at another registry.

        Raises:
            InvalidReference: `host` is not the name of a registry.
        """
        host = registry_host(host)
        path = _path_at(host, self._written_path or self.path)
        return replace(self, host=host, path=path, names_host=True)

    @property
    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return tag + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.familiar


def parse(text: str) -> Reference:
    """Read a reference and complete it as Docker would.

    Docker Hub is the registry where none is named, `library/` its namespace for
    a name of one part, and `latest` the tag where neither tag nor digest is given.

    Raises:
        InvalidReference: It is none; the hint says what to write instead.
        TypeError: It is no text.
    """
    string(text, "reference")
    if not text or len(text) > _LONGEST:
        raise InvalidReference(
            "An image needs a name." if not text else "That name is too long for an image.",
            hint="Write one such as `python:3.13-slim` or `ghcr.io/owner/env:1`.",
        )
    if "://" in text or text != text.strip():
        raise _invalid(text, _hint_for(text))
    if FULL_ID.fullmatch(text):
        raise InvalidReference(
            f"{text} is an image id, not a name.",
            hint="An id finds images that are here; a registry knows them by name or by digest.",
        )
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise _invalid(text, "After the `@` comes a digest: `sha256:` and 64 hex digits.")
    host, remainder = _split_host(rest)
    written, colon, tag = remainder.partition(":")
    if written != written.lower() or (host and _is_upper_case_namespace(host)):
        raise _upper_case(text, host)
    if colon and not _TAG.fullmatch(tag):
        raise _invalid(text, "A tag has up to 128 letters, digits, `_`, `.` and `-`.")
    if not _PATH.fullmatch(written):
        raise _invalid(text, _hint_for(text))
    path = _path_at(host or DOCKER_HUB, written)
    if len(path) > _LONGEST_PATH:
        raise _invalid(text, f"A repository's name has at most {_LONGEST_PATH} characters.")
    return Reference(
        host=registry_host(host, text) if host else DOCKER_HUB,
        path=path,
        tag=tag or (None if digest else DEFAULT_TAG),
        digest=digest or None,
        names_host=bool(host),
        _written_path=written,
    )


def candidates(reference: Reference, registries: Iterable[str] | None) -> tuple[Reference, ...]:
    """List where to ask for an image, in turn.

    No registry is asked that the caller did not name: one name in two
    registries may belong to two people. A reference that names its registry
    goes there alone, whatever `registries` says.

    Args:
        reference: What is wanted.
        registries: The hosts to ask, in order; None for Docker's own choice.

    Raises:
        InvalidReference: One of them is not the name of a registry.
    """
    if reference.names_host or registries is None:
        return (reference,)
    # A single host given as a string would otherwise be read letter by letter.
    hosts = (registries,) if isinstance(registries, str) else registries
    return tuple(dict.fromkeys(reference.at(host) for host in hosts))


def registry_host(text: str, written: str = "") -> str:
    """Check the name of a registry: `ghcr.io`, `localhost:5000`, `[::1]:5000`.

    Args:
        text: The host.
        written: What it is a part of, for the error; the host itself if empty.

    Raises:
        InvalidReference: It is none.
        TypeError: It is no text.
    """
    string(text, "registry")
    hint = "A registry is a host, such as `ghcr.io` or `localhost:5000`."
    if "://" in text:
        hint = f"Leave out `{text.partition('://')[0]}://`."
    elif _HOST.fullmatch(text) and _looks_like_host(text):
        return DOCKER_HUB if text == _LEGACY_HUB else text
    if written:
        raise _invalid(written, hint)
    raise InvalidReference(f"{text} is not the name of a registry.", hint=hint)


def registry_at(host: str) -> str:
    """Return the registry that a host serves: those of Docker Hub, and no host, are one."""
    return DOCKER_HUB if host in _HUB_HOSTS else host


def _split_host(text: str) -> tuple[str, str]:
    """Cut `host/rest`; the host is empty where the first part is a namespace."""
    first, slash, rest = text.partition("/")
    if slash and (_looks_like_host(first) or first != first.lower()):
        return first, rest
    return "", text


def _looks_like_host(text: str) -> bool:
    return text == "localhost" or "." in text or ":" in text


def _is_upper_case_namespace(host: str) -> bool:
    """Whether moby would take an upper-case namespace for a registry."""
    return not _looks_like_host(host) and host != host.lower()


def _path_at(host: str, written: str) -> str:
    is_hub = host in (DOCKER_HUB, _LEGACY_HUB)
    return _OFFICIAL + written if is_hub and "/" not in written else written


def _upper_case(text: str, host: str) -> InvalidReference:
    kept = f"{host}/" if host and not _is_upper_case_namespace(host) else ""
    name, colon, tag = text.removeprefix(kept).partition(":")
    return InvalidReference(
        f"{text} is not the name of an image: names are in lower case.",
        hint=_did_you_mean(f"{kept}{name.lower()}{colon}{tag}"),
    )


def _did_you_mean(text: str) -> str:
    """Offer a name; one that would be refused as well has a hint of its own."""
    try:
        parse(text)
    except InvalidReference as error:
        return error.hint
    return f"Did you mean `{text}`?"


def _hint_for(text: str) -> str:
    if "://" in text:
        return f"Leave out `{text.partition('://')[0]}://`."
    if text != text.strip():
        return f"There is a space before or after it. {_did_you_mean(text.strip())}"
    return (
        "A name has lower-case letters and digits, with `.`, `_`, `-` and `/` between them, "
        "such as `python:3.13-slim` or `ghcr.io/owner/env:1`."
    )


def _invalid(text: str, hint: str) -> InvalidReference:
    return InvalidReference(f"{text} is not the name of an image.", hint=hint)
