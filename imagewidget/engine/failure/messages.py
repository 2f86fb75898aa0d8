r"""What an engine says when something fails → a typed error, and what may still help.

An engine has few error codes of its own: what a registry answered comes as
text, in an HTTP 500 of the engine as often as in a 404, or inside a stream that
began with HTTP 200. So the text decides, and the code only where the text says
nothing. :data:`RULES` is the one table; the first row that fits wins.

The words are those of moby (`daemon/internal/distribution/errors.go`,
`registry/`), containerd (`core/remotes/docker`), Podman (containers/image) and
Go's `net`, `crypto/x509` and `net/http`. Which of them are worth another try
follows moby's own `retryOnError`, crane and skopeo: network errors, 408, 429
without a pull limit and 5xx are; what the registry decided is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imagewidget.engine.failure.errors import (
    AccessDenied,
    DiskFull,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
    RateLimited,
    RegistryUnavailable,
    Remedy,
)

_LONGEST = 600
_HTTP_FORBIDDEN = 403

# "HTTP status: 500", "status code [manifests 1]: 429", "status from HEAD request to URL: 503":
# a number alone may be a port.
_HTTP = r"(?:http|status|code|response)[^0-9]{0,80}"


@dataclass(frozen=True)
class Rule:
    """One row: a message that `pattern` is found in means `error`."""

    pattern: str
    error: type[DockerError]
    remedy: Remedy
    hint: str | None = None


_PLATFORM = "The image is not built for this platform; name one it has with `platform=`."
_CERTIFICATE = (
    "The engine does not trust the registry's certificate: put its CA in "
    "`/etc/docker/certs.d/REGISTRY/ca.crt` on the engine's machine."
)
_PLAIN_HTTP = (
    "The registry speaks HTTP, not HTTPS. If that is meant, add it to `insecure-registries` in "
    "the engine's `daemon.json` (Podman: `registries.conf`)."
)
_NAME = (
    "Check the spelling of the registry's name, and the network and DNS of the engine's machine."
)
_PROXY = "The engine's proxy does not answer: see `HTTPProxy` in `docker info`."
_BUSY = "The registry asks to slow down; it usually passes within a minute."
_INCOMPLETE = "The registry lacks a part of the image: its owner has to push it again."
_UNREACHED_PART = (
    "The engine does not reach a part of its own, such as containerd: it may be starting, "
    "or `sudo systemctl restart containerd docker` brings both back."
)
_REPLACED = "Another engine stands there than a moment ago, of another version: try again."
_FORBIDDEN = (
    "The engine, or a proxy before its socket, does not allow this call: "
    "ask whoever runs it, or name another engine."
)
_DAMAGED = "What arrived was damaged on its way, often by a proxy; try again."

RULES: tuple[Rule, ...] = (
    # The engine's own machine: no registry can help.
    Rule(r"no space left on device|disk quota exceeded|not enough space", DiskFull, Remedy.NONE),
    Rule(
        r"read-only file system|input/output error|max depth exceeded",
        DockerError,
        Remedy.NONE,
        "The engine cannot write the image: check its disk, and the engine's own log.",
    ),
    Rule(r"client version \S+ is too (new|old)", EngineUnavailable, Remedy.AGAIN, _REPLACED),
    Rule(r"dial unix ", EngineUnavailable, Remedy.AGAIN, _UNREACHED_PART),
    Rule(
        r"invalid reference format|is a reserved name|invalid repository name"
        r"|must be lowercase|invalid tag format|invalid digest format",
        InvalidReference,
        Remedy.NONE,
    ),
    # Limits, the lasting kind before the passing one.
    Rule(
        r"pull rate limit|(increase|download)-rate-limit|rate limit (was )?reached",
        RateLimited,
        Remedy.ELSEWHERE,
    ),
    Rule(
        rf"toomanyrequests|{_HTTP}429\b|too many requests",
        RateLimited,
        Remedy.AGAIN,
        _BUSY,
    ),
    # What the registry has and has not.
    Rule(
        r"blob unknown|unknown blob|content descriptor .* not found|fetching blob: .*\b404\b",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _INCOMPLETE,
    ),
    Rule(
        r"no matching manifest|no match for platform|does not match the specified platform"
        r"|no image found in (manifest list|image index)|does not provide the specified platform",
        ImageNotFound,
        Remedy.ELSEWHERE,
        _PLATFORM,
    ),
    Rule(
        r"pull access denied|requested access to the resource is denied|insufficient_scope"
        r"|(^|: )(denied|unauthorized)\b|authentication required|no basic auth credentials"
        rf"|authorization failed|incorrect username or password|{_HTTP}(401|403)\b",
        AccessDenied,
        Remedy.ELSEWHERE,
    ),
    Rule(
        r"manifest unknown|name unknown|repository name not known|manifest for .* not found"
        r"|no such image|image not known|no such manifest|repository .* not found"
        rf"|(^|: )not found$|{_HTTP}404\b",
        ImageNotFound,
        Remedy.ELSEWHERE,
    ),
    Rule(
        r"unsupported media ?type|schema 1 support|unsupported manifest|encountered remote"
        r"|not yet supported|not supported by the engine|no unqualified-search registries"
        r"|(^|: )unsupported: ",
        DockerError,
        Remedy.ELSEWHERE,
        "This engine cannot use what the registry has under that name.",
    ),
    # The way there: what will not change by itself, then what may.
    Rule(
        r"server gave HTTP response to HTTPS client|first record does not look like a TLS",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _PLAIN_HTTP,
    ),
    Rule(
        r"x509:|failed to verify certificate|remote error: tls:",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _CERTIFICATE,
    ),
    Rule(r"proxyconnect", RegistryUnavailable, Remedy.AGAIN, _PROXY),
    Rule(
        r"no such host|name resolution|server misbehaving|lookup .* on .*: ",
        RegistryUnavailable,
        Remedy.AGAIN,
        _NAME,
    ),
    Rule(
        r"verification failed for digest|unexpected commit (digest|size)|digest did not match"
        r"|does not match (the )?(expected )?digest|short read|unexpected size",
        RegistryUnavailable,
        Remedy.AGAIN,
        _DAMAGED,
    ),
    Rule(
        r"connection refused|connection reset|broken pipe|no route to host|unreachable|host is down"
        r"|i/o timeout|timed? ?out|TLS handshake|deadline exceeded|\bEOF\b|server closed"
        r"|request canceled|context canceled|connection lost|GOAWAY|stream error|INTERNAL_ERROR",
        RegistryUnavailable,
        Remedy.AGAIN,
    ),
    Rule(
        rf"{_HTTP}(408|5\d\d)\b|internal server error|bad gateway|service unavailable"
        # `unknown` and `unavailable` are codes of the registry API for a fault of its own.
        r"|gateway time-?out|temporarily unavailable|(^|: )(unknown|unavailable): ",
        RegistryUnavailable,
        Remedy.AGAIN,
    ),
)

_COMPILED = tuple((re.compile(rule.pattern, re.IGNORECASE), rule) for rule in RULES)

_BY_STATUS: dict[int, tuple[type[DockerError], Remedy]] = {
    400: (DockerError, Remedy.ELSEWHERE),
    401: (AccessDenied, Remedy.ELSEWHERE),
    403: (AccessDenied, Remedy.ELSEWHERE),
    404: (ImageNotFound, Remedy.ELSEWHERE),
    408: (RegistryUnavailable, Remedy.AGAIN),
    429: (RateLimited, Remedy.AGAIN),
}


def explain(text: str, *, status: int | None = None) -> DockerError:
    """Turn what an engine said into the error it means.

    Args:
        text: The engine's words: the `message` of an HTTP error, or the
            `errorDetail` of a stream. It is data: only known words count, and
            names and addresses in it are not read for any.
        status: The HTTP status it came with; None inside a stream.

    Returns:
        An error whose `remedy` says what a pull may still try. Words that
        nobody knows make a plain :class:`DockerError`, except in an HTTP 5xx,
        which is worth another try.
    """
    message = sentence(text)
    words = _without_names(message)
    for pattern, rule in _COMPILED:
        if pattern.search(words):
            return rule.error(message, hint=rule.hint, remedy=rule.remedy)
    if status in _BY_STATUS:
        kind, remedy = _BY_STATUS[status]
        # A registry's refusal has words; one without is the engine's own.
        return kind(message, remedy=remedy, hint=_FORBIDDEN if status == _HTTP_FORBIDDEN else None)
    if status is not None and status >= 500:  # noqa: PLR2004 - where HTTP's server errors begin
        hint = "The engine failed by itself: its own log says more."
        return DockerError(message, hint=hint, remedy=Remedy.AGAIN)
    return DockerError(message)


def sentence(text: str) -> str:
    """Make one readable line of an engine's words.

    Line breaks and other control characters become spaces, a cause that is told
    twice is told once, and what a URL carries after its `?` (signatures of a
    storage service) or before its `@` (a password) is left out.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 8 * _LONGEST]).split())
    line = re.sub(r"(://[^\s\"'?]+)\?[^\s\"')]*", r"\1", line)
    line = re.sub(r"://[^\s/@\"']*@", "://", line)
    parts = line.removeprefix("Error response from daemon: ").split(": ")
    told = [part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]
    line = ": ".join(told) or "The engine gave no reason."
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _without_names(message: str) -> str:
    """Leave out URLs, quoted names and references: `owner/denied:404` is no refusal.

    Docker's own pages stay, for their addresses say what they are about.
    """
    words = re.sub(r"https?://(?!(?:www|docs)\.docker\.com/)[^\s\"']+", "URL", message)
    words = re.sub(r"\"[^\s\"]*\"", "NAME", words)
    words = re.sub(r"\bdocker://\S+", "NAME", words)
    name = r"[\w.:\[\]-]+/[\w./-]+(:[\w.-]+)?(@\w+:\w+)?"
    return re.sub(
        rf"(?<!\S)(?!input/output error|i/o timeout|https://){name}(?=[\s,:]|$)", "NAME", words
    )
