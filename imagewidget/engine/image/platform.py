"""Platforms such as `linux/arm64`: check the argument, and match an image against one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidContext

_PLATFORM = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+(/[a-z0-9_.]+)?)?")

_LONGEST = 100

# The aliases that containerd accepts (`platforms/database.go`).
_ARCHITECTURES = {
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
}


def check_platform(platform: object) -> str | None:
    """Check and return a platform such as `linux/arm64` or `linux/arm/v7`.

    Raises:
        InvalidContext: `platform` is not of this form.
        TypeError: `platform` is not a str.
    """
    if platform is None:
        return None
    text = string(platform, "platform")
    if not text.strip():
        raise InvalidContext(
            "`platform` is empty.",
            hint="Leave out `platform`, or set it to None, for the engine's own.",
        )
    if not _PLATFORM.fullmatch(text) or len(text) > _LONGEST:
        raise InvalidContext(
            f"`{text[:_LONGEST]}` is not a valid platform.",
            hint="Use one such as `linux/amd64` or `linux/arm64`.",
        )
    return text


def supports_platform(platform: str, found: Mapping[str, Any]) -> bool:
    """Return whether an image is for a platform; a field that the engine omits counts as a match.

    Args:
        platform: `os[/arch[/variant]]`.
        found: The image as the engine describes it.
    """
    wanted = platform.lower().split("/")
    has = [str(found.get(key) or "").lower() for key in ("Os", "Architecture", "Variant")]
    if len(wanted) > 1:
        wanted[1] = _ARCHITECTURES.get(wanted[1], wanted[1])
    return all(not there or there == asked for asked, there in zip(wanted, has, strict=False))
