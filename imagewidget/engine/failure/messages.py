r"""Turn an engine's error messages into typed errors, with a hint and a remedy.

An engine has few error codes: what a registry answered is reported as text, in an
HTTP 500 of the engine as often as in a 404, or inside a stream that began with HTTP
200. So the text decides (:mod:`imagewidget.engine.failure.rules`), and the status code
only if the text is not known.
"""

from __future__ import annotations

import re

from imagewidget.engine.failure.errors import (
    AccessDenied,
    DockerError,
    RateLimited,
    RegistryUnavailable,
    Remedy,
    with_remedy,
)
from imagewidget.engine.failure.rules import OTHER_PLATFORM, RULES
from imagewidget.engine.failure.urls import without_logins, without_queries

_LONGEST = 600
_MOST = 8192
_HTTP_FORBIDDEN = 403
_HTTP_NOT_FOUND = 404

_FORBIDDEN = (
    "Ask whoever runs the engine for access, or use another one; the engine, or a proxy in "
    "front of its socket, does not allow this call."
)
_NO_CALL = (
    "Check the engine's version, and any proxy in front of its socket; the engine lacks this call."
)
# In moby up to 24, then in later versions of moby and in Podman.
_PLATFORM_THERE = re.compile(
    r"\bactual: ([\w/.]{3,40})|platform \(([\w/.]{3,40})\) does not match the \w+ platform"
)

_COMPILED = tuple((re.compile(rule.pattern, re.IGNORECASE), rule) for rule in RULES)

_BY_STATUS: dict[int, tuple[type[DockerError], Remedy]] = {
    400: (DockerError, Remedy.ELSEWHERE),
    401: (AccessDenied, Remedy.ELSEWHERE),
    403: (AccessDenied, Remedy.ELSEWHERE),
    408: (RegistryUnavailable, Remedy.AGAIN),
    429: (RateLimited, Remedy.AGAIN),
}


def explain(text: str, *, status: int | None = None) -> DockerError:
    """Return the error that an engine's message means.

    Args:
        text: The message: the `message` of an HTTP error, or the `errorDetail` of a
            stream. Only known phrases are matched, and names and addresses in it
            are ignored.
        status: The HTTP status of the response; None inside a stream.

    Returns:
        An error for which `remedy_of` returns what a pull may still try. An unknown message
        becomes a plain :class:`DockerError`; only with an HTTP 5xx is it worth another
        try at the same registry.
    """
    message = sentence(text)
    words = _without_names(message)
    for pattern, rule in _COMPILED:
        if pattern.search(words):
            hint = _with_platforms(message) if rule.hint is OTHER_PLATFORM else rule.hint
            return with_remedy(rule.error(message, hint=hint), rule.remedy)
    if status == _HTTP_NOT_FOUND:
        # A registry's 404 has known words, too, and so has an engine that lacks an image.
        return DockerError(message, hint=_NO_CALL if "page not found" in words.lower() else None)
    if status in _BY_STATUS:
        kind, remedy = _BY_STATUS[status]
        # A registry's refusal has a known message; any other comes from the engine.
        hint = _FORBIDDEN if status == _HTTP_FORBIDDEN else None
        return with_remedy(kind(message, hint=hint), remedy)
    if status is not None and status >= 500:  # noqa: PLR2004 - where HTTP's server errors begin
        hint = "Check the engine's log; the engine itself failed."
        return with_remedy(DockerError(message, hint=hint), Remedy.AGAIN)
    return DockerError(message)


def _with_platforms(message: str) -> str:
    """Return the hint for an image that is for other platforms, which some messages name."""
    there = _PLATFORM_THERE.search(message)
    if there is None:
        return OTHER_PLATFORM
    return (
        f"Set `platform='{there[1] or there[2]}'`, which the image is built for; an image for "
        "Windows needs an engine on Windows."
    )


def shortened(text: str) -> str:
    """Return the beginning and the end of a long message, which contain its cause.

    What is between them is usually a command that the message quotes.
    """
    return text if len(text) <= 2 * _MOST else f"{text[:_MOST]} … {text[-_MOST:]}"


def sentence(text: str) -> str:
    """Return an engine's message as one readable line.

    Line breaks and other control characters become spaces, a cause that is repeated
    is kept once, and what may be a secret in a URL is removed: a login, and the part
    after its `?` (signatures of a storage service).
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 8 * _LONGEST]).split())
    line = without_queries(without_logins(line))
    parts = line.removeprefix("Error response from daemon: ").split(": ")
    distinct = [part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]
    line = ": ".join(distinct) or "The engine gave no reason."
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _without_names(message: str) -> str:
    """Replace URLs, quoted names and references: `owner/denied:404` does not mean a refusal.

    Addresses of Docker's documentation are kept, because they identify the error.
    """
    words = re.sub(r"https?://(?!(?:www|docs)\.docker\.com/)[^\s\"']+", "URL", message)
    words = re.sub(r"\"(?!text/html)[^\s\"]*\"", "NAME", words)
    words = re.sub(r"\bdocker://\S+", "NAME", words)
    name = r"[\w.:\[\]-]+/[\w./-]+(:[\w.-]+)?(@\w+:\w+)?"
    return re.sub(
        rf"(?<!\S)(?!input/output error|i/o timeout|text/html|https://){name}(?=[\s,:]|$)",
        "NAME",
        words,
    )
