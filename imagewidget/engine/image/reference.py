"""Image references: what a name means, and which registries to try for it.

The grammar is Docker's, `host[:port]/path:tag@digest`, as the module
`distribution/reference` defines it (`regexp.go` and `normalize.go`; the engine
checks every name with it). Two rules are stricter here, because the lenient
reading only leads to a worse error later: a first component in upper case without
a dot or a port is not accepted as a registry, and a digest must have the length
that its algorithm requires.
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
    """The full name of an image.

    Attributes:
        host: The registry, such as `docker.io` or `localhost:5000`.
        path: The repository in it, such as `library/python`.
        tag: The tag; None only if there is a digest.
        digest: `sha256:` and 64 hex digits (or sha384, sha512), or None.
        names_host: Whether the registry was written in the reference.
    """

    host: str
    path: str
    tag: str | None = None
    digest: str | None = None
    names_host: bool = field(default=True, compare=False)
    _written_path: str = field(default="", compare=False, repr=False)

    @property
    def name(self) -> str:
        """The registry and repository, without tag and digest."""
        return f"{self.host}/{self.path}"

    @property
    def canonical(self) -> str:
        """The full reference: `docker.io/library/python:3.13`."""
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
        """The full reference as Docker shows it: `python:3.13`."""
        return self.familiar_name + self._suffix

    @property
    def version(self) -> str:
        """The digest if there is one, else the tag: what the registry is asked for."""
        return self.digest or self.tag or DEFAULT_TAG

    @property
    def can_be_tagged(self) -> bool:
        """Whether a local image can be tagged with this name; a digest cannot be assigned."""
        return self.digest is None

    def at(self, host: str) -> Reference:
        """Return the same image at another registry.

        Raises:
            InvalidReference: `host` is not a valid registry name.
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
    """Parse a reference and complete it as Docker would.

    The registry defaults to Docker Hub, the namespace of a single-component name
    there to `library/`, and the tag to `latest` if there is no digest either.

    Raises:
        InvalidReference: `text` is not a valid reference; the hint says what to
            write instead.
        TypeError: `text` is not a str.
    """
    string(text, "reference")
    if not text.strip() or len(text) > _LONGEST:
        raise InvalidReference(
            f"The image name is longer than {_LONGEST} characters."
            if text.strip()
            else "The image name is empty.",
            hint="Use a name such as `python:3.13-slim` or `ghcr.io/owner/env:1`.",
        )
    if "://" in text or text != text.strip():
        raise _invalid(text, _hint_for(text))
    if FULL_ID.fullmatch(text):
        raise InvalidReference(
            f"{text} is an image id, not a name.",
            hint="Use a name, with a tag or a digest; an id identifies local images only.",
        )
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise _invalid(text, "Write a digest after the `@`: `sha256:` and 64 hex digits.")
    host, remainder = _split_host(rest)
    written, colon, tag = remainder.partition(":")
    if written != written.lower() or (host and _is_upper_case_namespace(host)):
        raise _upper_case(text, host)
    if colon and not _TAG.fullmatch(tag):
        raise _invalid(
            text,
            "Write a tag of up to 128 letters, digits, `_`, `.` and `-` after the `:`; "
            "it cannot begin with `.` or `-`.",
        )
    if not _PATH.fullmatch(written):
        raise _invalid(text, _hint_for(text))
    path = _path_at(host or DOCKER_HUB, written)
    if len(path) > _LONGEST_PATH:
        raise _invalid(text, f"Shorten the repository name to at most {_LONGEST_PATH} characters.")
    return Reference(
        host=registry_host(host, text) if host else DOCKER_HUB,
        path=path,
        tag=tag or (None if digest else DEFAULT_TAG),
        digest=digest or None,
        names_host=bool(host),
        _written_path=written,
    )


def candidates(reference: Reference, registries: Iterable[str] | None) -> tuple[Reference, ...]:
    """Return the references to try for an image, in order.

    Only registries that the caller named are tried: the same name in two
    registries may belong to two people. A reference that names its registry
    is tried there only, whatever `registries` contains.

    Args:
        reference: The image.
        registries: The hosts to try, in order; None for Docker's default.

    Raises:
        InvalidReference: One of the registries is not a valid registry name.
    """
    if reference.names_host or registries is None:
        return (reference,)
    # Iterating over a single host given as a str would yield its letters.
    hosts = (registries,) if isinstance(registries, str) else registries
    return tuple(dict.fromkeys(reference.at(host) for host in hosts))


def registry_host(text: str, written: str = "") -> str:
    """Check and return the name of a registry: `ghcr.io`, `localhost:5000`, `[::1]:5000`.

    Args:
        text: The host.
        written: The reference that contains the host, for the error message; empty if
            there is only the host.

    Raises:
        InvalidReference: `text` is not a valid registry name.
        TypeError: `text` is not a str.
    """
    string(text, "registry")
    hint = "Use a host as the registry, such as `ghcr.io` or `localhost:5000`."
    if "://" in text:
        hint = f"Leave out `{text.partition('://')[0]}://`."
    elif len(re.split(r"[,\s]+", text.strip(", "))) > 1:
        hint = 'Pass several registries as a list, such as `["ghcr.io", "docker.io"]`.'
    elif _HOST.fullmatch(text) and _looks_like_host(text):
        return DOCKER_HUB if text == _LEGACY_HUB else text
    if written:
        raise _invalid(written, hint)
    what = f"{text} is not a valid registry name." if text.strip() else "A registry has no name."
    raise InvalidReference(what, hint=hint)


def registry_at(host: str) -> str:
    """Return the registry at a host: all hosts of Docker Hub, and an empty one, are `docker.io`."""
    return DOCKER_HUB if host in _HUB_HOSTS else host


def _split_host(text: str) -> tuple[str, str]:
    """Split `host/rest`; the host is empty if the first component is a namespace."""
    first, slash, rest = text.partition("/")
    if slash and (_looks_like_host(first) or first != first.lower()):
        return first, rest
    return "", text


def _looks_like_host(text: str) -> bool:
    return text == "localhost" or "." in text or ":" in text


def _is_upper_case_namespace(host: str) -> bool:
    """Whether this is an upper-case namespace that moby would treat as a registry."""
    return not _looks_like_host(host) and host != host.lower()


def _path_at(host: str, written: str) -> str:
    is_hub = host in (DOCKER_HUB, _LEGACY_HUB)
    return _OFFICIAL + written if is_hub and "/" not in written else written


def _upper_case(text: str, host: str) -> InvalidReference:
    kept = f"{host}/" if host and not _is_upper_case_namespace(host) else ""
    name, colon, tag = text.removeprefix(kept).partition(":")
    return InvalidReference(
        f"{text} is not a valid image name: names must be in lower case.",
        hint=_did_you_mean(f"{kept}{name.lower()}{colon}{tag}"),
    )


def _did_you_mean(text: str) -> str:
    """Return a hint that suggests `text`, or if it is not valid either, the hint of its error."""
    try:
        parse(text)
    except InvalidReference as error:
        return error.hint
    return f"Did you mean `{text}`?"


# The address of a page about an image, as a browser shows it.
_HUB_PAGE = re.compile(
    r"(?:https?://)?hub\.docker\.com/(?:_/|r/(?P<owner>[^/\s]+/)|layers/library/)"
    r"(?P<name>[^/?#\s]+)(?:[/?#]\S*)?"
)


def _hint_for(text: str) -> str:
    page = _HUB_PAGE.fullmatch(text)
    if page is not None:
        return _did_you_mean((page["owner"] or "") + page["name"])
    if re.fullmatch(r"[a-z0-9./_-]+ +(?:[\w.-]*[0-9][\w.-]*|latest)", text):
        return _did_you_mean(":".join(text.split()))
    if "://" in text:
        return f"Leave out `{text.partition('://')[0]}://`."
    if text != text.strip():
        return f"Leave out the whitespace around it. {_did_you_mean(text.strip())}"
    return (
        "Use lower-case letters and digits, with `.`, `_`, `-` and `/` between them, "
        "as in `python:3.13-slim` or `ghcr.io/owner/env:1`."
    )


def _invalid(text: str, hint: str) -> InvalidReference:
    return InvalidReference(f"{text} is not a valid image name.", hint=hint)
