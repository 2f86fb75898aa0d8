"""Platforms such as `linux/arm64`: the argument, and whether an image is for one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidContext

_PLATFORM = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+(/[a-z0-9_.]+)?)?")

# The names that containerd takes for others (`platforms/database.go`).
_ARCHITECTURES = {
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
}


def check_platform(platform: object) -> str | None:
    """Check a platform such as `linux/arm64` or `linux/arm/v7`.

    Raises:
        InvalidContext: It is not written as one.
        TypeError: It is not a str.
    """
    if platform is None:
        return None
    text = string(platform, "platform")
    if not _PLATFORM.fullmatch(text):
        raise InvalidContext(
            f"`{text}` is not a platform.",
            hint="Write one such as `linux/amd64` or `linux/arm64`.",
        )
    return text


def supports_platform(platform: str, found: Mapping[str, Any]) -> bool:
    """Return whether an image is for a platform; what the engine leaves out counts as fitting.

    Args:
        platform: `os[/arch[/variant]]`.
        found: What the engine says of the image.
    """
    wanted = platform.lower().split("/")
    has = [str(found.get(key) or "").lower() for key in ("Os", "Architecture", "Variant")]
    if len(wanted) > 1:
        wanted[1] = _ARCHITECTURES.get(wanted[1], wanted[1])
    return all(not there or there == asked for asked, there in zip(wanted, has, strict=False))
