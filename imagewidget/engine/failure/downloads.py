"""Explain why an `ADD URL` failed, for both builders: in words about the URL, not a registry."""

from __future__ import annotations

import re

from imagewidget.engine.failure.messages import sentence

_URL = re.compile(r"https?://[^\s\"',\]]+")
_DIGEST = r"(\w+:[0-9a-f]{32,})"
# Podman's words, those of BuildKit, and those of BuildKit since 0.29.
_MISMATCH = re.compile(
    rf"unexpected response digest for \S+: {_DIGEST}, want {_DIGEST}"
    rf"|digest mismatch {_DIGEST}: {_DIGEST}"
    rf"|digest mismatch for \S+: {_DIGEST} \(expected: {_DIGEST}\)"
)
_STATUS = re.compile(
    r"(?:invalid response status|response status code:?|failed to GET \S+ with status) (\d{3})\b"
)
# What the connection or the server may have done, in the words of Go; other failures are not
# about the URL, even if the name of a file consists of such words.
_NETWORK = re.compile(
    r"\bdial (?:tcp|udp|unix)\b|\bno such host\b|\blookup \S+ on \S+:"
    r"|\bconnection re(?:fused|set)\b"
    r"|\b(?:i/o|handshake) timeout\b|\btimed out\b|\bdeadline exceeded\b|(?<![\w./-])EOF(?![\w./-])"
    r"|\btls: |\bx509: |\bcertificate (?:signed|has|is)\b|\b(?:network|host) is unreachable\b"
    r"|\bno route to host\b|\bstopped after \d+ redirects\b|\bunsupported protocol scheme\b"
    r"|\bserver gave HTTP response\b|\b(?:Get|Head) \"|\bproxyconnect\b|\bunexpected response\b"
    r"|\bstream error: |\bmalformed HTTP\b"
)
_HINT = (
    "Check the URL, and that the engine's machine reaches it; the engine downloads it, not this "
    "machine."
)
_PREFIX = re.compile(r"^(?:ADD failed: |reading \"[^\"]*\": )+")


def download_failed(step: str, text: str) -> tuple[str, str] | None:
    """Return the message and the hint for a step whose download failed, else None.

    Args:
        step: Its instruction, or only the URL, which older engines show.
        text: The engine's message.
    """
    found = _URL.search(step) if step.startswith(("ADD ", "http://", "https://")) else None
    if found is None or "only supports" in text:  # the flags are wrong, in Podman's words
        return None
    url = sentence(found[0])
    mismatch = _MISMATCH.search(text)
    if mismatch:
        has, wanted = (each for each in mismatch.groups() if each)
        return (
            f"`{url}` has the digest {has}, not {wanted}.",
            "Check the URL, whose file may have changed, then correct `--checksum=`.",
        )
    status = _STATUS.search(text)
    if not status and not _NETWORK.search(text):
        return None
    reason = f"the server answered {status[1]}." if status else sentence(_PREFIX.sub("", text))
    return f"`{url}` cannot be downloaded: {reason}", _HINT
