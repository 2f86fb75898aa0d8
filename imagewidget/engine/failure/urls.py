"""Remove what may be a secret from URLs."""

from __future__ import annotations

import re

# As in Go's `net/url`, the user's part ends at the last `@` before the path.
_WEB_USER = re.compile(r"(\bhttps?://)[^\s/\"']*@", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^\s/:\"']*):[^\s/\"']*@")
_QUERY = re.compile(r"(://[^\s\"'?]+)\?[^\s\"')]*")


def without_logins(text: str) -> str:
    """Remove the passwords from the URLs in `text`, and from web addresses the user too.

    What is written as the user of a web address may be a token.
    """
    return _PASSWORD.sub(r"\1@", _WEB_USER.sub(r"\1", text))


def without_queries(text: str) -> str:
    """Remove the part after the `?` from the URLs in `text`; it may be a signature."""
    return _QUERY.sub(r"\1", text)
