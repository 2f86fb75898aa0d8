r"""The table of what engines' messages mean; the first row that matches wins.

The patterns match the messages of moby (`daemon/internal/distribution/errors.go`,
`registry/`), containerd (`core/remotes/docker`), Podman (containers/image) and
Go's `net`, `crypto/x509` and `net/http`. Which errors are worth another try
follows moby's `retryOnError`, crane and skopeo: network errors, 408, 429 without a
pull limit and 5xx are; a decision of the registry is not.
"""

from __future__ import annotations

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

# "HTTP status: 500", "status code [manifests 1]: 429", "status from HEAD request to URL: 503".
# A number without such a word may be a port.
# What is in brackets, in the second, is not the status.
_HTTP = r"(?:(?:http|status|code|response)[^0-9\[]{0,80}|status code \[[^\]]{0,200}\]: )"


@dataclass(frozen=True)
class Rule:
    """One row of the table: a message in which `pattern` is found means `error`."""

    pattern: str
    error: type[DockerError]
    remedy: Remedy
    hint: str | None = None


OTHER_PLATFORM = (
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
_EXPIRED = (
    "Check the clock of the engine's machine, then the registry's certificate, which has expired "
    "or is not valid yet."
)
_OTHER_NAME = (
    "Check the registry's name; the certificate that came is for another one, often that of a "
    "proxy that intercepts connections."
)
_NAME = (
    "Check the spelling of the registry's name, and the network and DNS of the engine's machine."
)
_PROXY = "Check the engine's proxy, which does not answer; `docker info` shows its address."
_PROXY_REFUSES = (
    "Ask whoever runs the proxy of the engine's machine to allow the registry; `docker info` shows "
    "the proxy's address."
)
_PROXY_LOGIN = (
    "Write `USER:PASSWORD@` in front of the host in the proxy's address, in the engine's settings; "
    "`docker info` shows the address."
)
_PROXY_PLAIN = (
    "Write `http://` in the address of the engine's proxy, also for HTTPS; it does not use TLS "
    "itself. `docker info` shows the address."
)
_PROXY_CERTIFICATE = (
    "Install the CA certificate of the engine's proxy among those of the engine's machine, and "
    "restart the engine."
)
_WEB_PAGE = (
    "Check the network of the engine's machine: a web page came in place of the registry's "
    "answer, often from a captive portal or a proxy."
)
_KERNEL = (
    "Stop containers that are no longer needed, or restart the engine's machine; a limit of its "
    "kernel was reached, and its disk is not full."
)
_BUSY = "Try again in a minute; the registry is limiting the rate of requests."
_INCOMPLETE = "Ask the image's owner to push it again; the registry does not have all of its parts."
_UNREACHED_PART = (
    "Try again in a minute, or run `sudo systemctl restart containerd docker`; the engine cannot "
    "reach one of its components, such as containerd."
)
_REPLACED = "Try again; the engine was just replaced by another version."
_DAMAGED = "Try again; the data was damaged in transit, often by a proxy."

NO_ROOM = r"no space left on device|disk quota exceeded|not enough space"
"""What programs and engines say if a disk is full."""

RULES: tuple[Rule, ...] = (
    # Errors of the engine's machine: another registry would not help.
    Rule(
        r"(/sys/fs/cgroup|inotify|/proc/self/exe)[^\n]{0,400}: no space left on device",
        DockerError,
        Remedy.NONE,
        _KERNEL,
    ),
    Rule(NO_ROOM, DiskFull, Remedy.NONE),
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
    # The engine's proxy, whose words are otherwise those of a registry.
    Rule(
        rf"proxy authentication required|{_HTTP}407\b",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _PROXY_LOGIN,
    ),
    Rule(
        r"proxyconnect tcp: tls: first record does not look",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _PROXY_PLAIN,
    ),
    Rule(
        r"proxyconnect tcp: (tls: failed to verify certificate: )?x509:",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _PROXY_CERTIFICATE,
    ),
    Rule(r"proxyconnect", RegistryUnavailable, Remedy.AGAIN, _PROXY),
    # All that Go's client reports of a proxy that answers CONNECT with 403.
    Rule(r"\b(get|head) NAME: forbidden$", RegistryUnavailable, Remedy.ELSEWHERE, _PROXY_REFUSES),
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
        r"HTTP (200|401|403) response body: invalid character '<'"
        # 511 is what captive portals answer.
        rf"|(denied|unauthorized|unknown): <(!doctype|html)|{_HTTP}511\b"
        r"|(?<!HTTP \d{3} response body: )invalid character '<'|text/html\b",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _WEB_PAGE,
    ),
    Rule(
        r"HTTP 404 response body: invalid character '<'", ImageNotFound, Remedy.ELSEWHERE, _WEB_PAGE
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
    Rule(
        r"image operating system \S+ cannot be used", DockerError, Remedy.ELSEWHERE, OTHER_PLATFORM
    ),
    Rule(
        r"no matching manifest|no match for platform"
        r"|does not match the (specified|expected) platform"
        r"|no image found in (manifest list|image index)|does not provide the specified platform",
        ImageNotFound,
        Remedy.ELSEWHERE,
        OTHER_PLATFORM,
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
    Rule(r"certificate has expired", RegistryUnavailable, Remedy.ELSEWHERE, _EXPIRED),
    Rule(
        r"certificate is (not )?valid for|doesn't contain any IP SANs|relies on legacy Common Name",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _OTHER_NAME,
    ),
    Rule(
        r"x509:|failed to verify certificate|remote error: tls:",
        RegistryUnavailable,
        Remedy.ELSEWHERE,
        _CERTIFICATE,
    ),
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
        r"|i/o timeout|timed? ?out|TLS handshake|deadline exceeded|(?<![\w<-])EOF\b|server closed"
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
