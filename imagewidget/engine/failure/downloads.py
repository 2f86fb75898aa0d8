"""Explain why an `ADD URL` failed, for both builders: in words about the URL, not a registry."""

from __future__ import annotations

import re

from imagewidget.engine.failure.messages import sentence

_URL = re.compile(r"https?://[^\s\"',\]]+")
_DIGEST = r"(\w+:[0-9a-f]{32,})"
_MISMATCH = re.compile(
    rf"digest mismatch {_DIGEST}: {_DIGEST}"
    rf"|unexpected response digest .*: {_DIGEST}, want {_DIGEST}"
)
_STATUS = re.compile(r"(?:invalid response status|response status code:?) (\d{3})")
# What the connection or the server may have done; other failures are not about the URL.
_NETWORK = re.compile(
    r"dial|lookup|no such host|connect|time(?:d )?out|deadline|\bEOF\b|tls|x509|certificate"
    r"|unreachable|refused|reset|redirect|protocol|Get \"|unexpected response",
    re.IGNORECASE,
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
