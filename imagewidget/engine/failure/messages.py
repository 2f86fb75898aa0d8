r"""Turn an engine's error messages into typed errors, with a hint and a remedy.

An engine has few error codes: what a registry answered is reported as text, in an
HTTP 500 of the engine as often as in a 404, or inside a stream that began with HTTP
200. So the text decides, and the status code only if the text is not known.
:data:`RULES` is the only table; the first row that matches wins.

The patterns match the messages of moby (`daemon/internal/distribution/errors.go`,
`registry/`), containerd (`core/remotes/docker`), Podman (containers/image) and
Go's `net`, `crypto/x509` and `net/http`. Which errors are worth another try
follows moby's `retryOnError`, crane and skopeo: network errors, 408, 429 without a
pull limit and 5xx are; a decision of the registry is not.
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
    with_remedy,
)
from imagewidget.engine.failure.urls import without_logins, without_queries

_LONGEST = 600
_HTTP_FORBIDDEN = 403

# "HTTP status: 500", "status code [manifests 1]: 429", "status from HEAD request to URL: 503".
# A number without such a word may be a port.
_HTTP = r"(?:http|status|code|response)[^0-9]{0,80}"


@dataclass(frozen=True)
class Rule:
    """One row of the table: a message in which `pattern` is found means `error`."""

    pattern: str
    error: type[DockerError]
    remedy: Remedy
    hint: str | None = None


_PLATFORM = (
    "Set `platform=` to one that the image is built for; an image for Windows needs an engine on "
    "Windows."
)
_ARTIFACT = (
    "Check the name; the registry has something else under it than an image, such as a chart or "
    "a model."
)
_CERTIFICATE = (
    "Install the registry's CA certificate on the engine's machine as "
    "`/etc/docker/certs.d/REGISTRY/ca.crt`, so that the engine trusts it."
)
_PLAIN_HTTP = (
    "If the registry is meant to use HTTP rather than HTTPS, add it to `insecure-registries` in "
    "the engine's `daemon.json` (Podman: `registries.conf`)."
)
_NAME = (
    "Check the spelling of the registry's name, and the network and DNS of the engine's machine."
)
_PROXY = "Check the engine's proxy, which does not answer; `docker info` shows its address."
_BUSY = "Try again in a minute; the registry is limiting the rate of requests."
_INCOMPLETE = "Ask the image's owner to push it again; the registry does not have all of its parts."
_UNREACHED_PART = (
    "Try again in a minute, or run `sudo systemctl restart containerd docker`; the engine cannot "
    "reach one of its components, such as containerd."
)
_REPLACED = "Try again; the engine was just replaced by another version."
_FORBIDDEN = (
    "Ask whoever runs the engine for access, or use another one; the engine, or a proxy in "
    "front of its socket, does not allow this call."
)
_DAMAGED = "Try again; the data was damaged in transit, often by a proxy."

RULES: tuple[Rule, ...] = (
    # Errors of the engine's machine: another registry would not help.
    Rule(r"no space left on device|disk quota exceeded|not enough space", DiskFull, Remedy.NONE),
    Rule(
        r"max depth exceeded",
        DockerError,
        Remedy.NONE,
        "Use an image with fewer layers, or combine `RUN` and `COPY` steps; the engine's store "
        "allows about 125 layers.",
    ),
    Rule(
        r"read-only file system|input/output error",
        DockerError,
        Remedy.NONE,
        "Check the engine's disk and its log; the engine cannot write the image.",
    ),
    Rule(r"client version \S+ is too (new|old)", EngineUnavailable, Remedy.AGAIN, _REPLACED),
    Rule(r"dial unix ", EngineUnavailable, Remedy.AGAIN, _UNREACHED_PART),
    Rule(
        r"invalid reference format|is a reserved name|invalid repository name"
        r"|must be lowercase|invalid tag format|invalid digest format",
        InvalidReference,
        Remedy.NONE,
    ),
    # Limits: the permanent kind before the temporary one.
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
    # Missing or incomplete images.
    Rule(
        r"(HTTP 200 response body: |(?<!HTTP \d{3} response body: ))invalid character '<'",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        "Check the network of the engine's machine: a web page came in place of the registry's "
        "answer, often from a captive portal or a proxy.",
    ),
    Rule(
        r"blob unknown|unknown blob|content descriptor .* not found|fetching blob: .*\b404\b",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _INCOMPLETE,
    ),
    Rule(
        r"image-specific operation on artifact|encountered unknown type"
        r"|unsupported media ?type application/vnd\.(?!docker\.|oci\.image\.)",
        DockerError,
        Remedy.ELSEWHERE,
        _ARTIFACT,
    ),
    Rule(r"image operating system \S+ cannot be used", DockerError, Remedy.ELSEWHERE, _PLATFORM),
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
        r"no unqualified-search registries",
        DockerError,
        Remedy.ELSEWHERE,
        "Name the registry in the reference, as in `docker.io/owner/env:1`.",
    ),
    Rule(
        r"unsupported media ?type|schema 1 support|unsupported manifest|encountered remote"
        r"|not yet supported|not supported by the engine"
        r"|(^|: )unsupported: ",
        DockerError,
        Remedy.ELSEWHERE,
        "Use another tag or another engine; this engine does not support that image.",
    ),
    # The connection to the registry: permanent errors, then temporary ones.
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
        r"|does not match (the )?(expected )?digest|short read|unexpected size"
        r"|failed size validation",
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
        # `unknown` and `unavailable` are the registry API's codes for its internal errors.
        r"|gateway time-?out|temporarily unavailable|(^|: )(unknown|unavailable): "
        # containerd, which leaves out the status; what a registry has decided is matched above.
        r"|error from registry: ",
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
            return with_remedy(rule.error(message, hint=rule.hint), rule.remedy)
    if status in _BY_STATUS:
        kind, remedy = _BY_STATUS[status]
        # A registry's refusal has a known message; any other comes from the engine.
        hint = _FORBIDDEN if status == _HTTP_FORBIDDEN else None
        return with_remedy(kind(message, hint=hint), remedy)
    if status is not None and status >= 500:  # noqa: PLR2004 - where HTTP's server errors begin
        hint = "Check the engine's log; the engine itself failed."
        return with_remedy(DockerError(message, hint=hint), Remedy.AGAIN)
    return DockerError(message)


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
    words = re.sub(r"\"[^\s\"]*\"", "NAME", words)
    words = re.sub(r"\bdocker://\S+", "NAME", words)
    name = r"[\w.:\[\]-]+/[\w./-]+(:[\w.-]+)?(@\w+:\w+)?"
    return re.sub(
        rf"(?<!\S)(?!input/output error|i/o timeout|https://){name}(?=[\s,:]|$)", "NAME", words
    )
