"""Platforms such as `linux/arm64`: check the argument, and match an image against one.

The grammar, the aliases and the rules are those of containerd's module `platforms`
(`platforms.go`, `database.go`, `compare.go`), with which Docker reads every platform.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidContext

DEFAULT = "DOCKER_DEFAULT_PLATFORM"
"""The environment variable with which the docker CLI replaces the engine's own platform."""

_PLATFORM = re.compile(r"[a-z0-9_-]+(/[a-z0-9_.-]+){0,2}")

_LONGEST = 100

_SYSTEMS = {
    *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux"),
    *("nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos"),
}
_ARCHITECTURES = {
    *("386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "ppc64", "ppc64le"),
    *("loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le", "ppc"),
    *("riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm"),
}
_ALIASES = {
    "aarch64": ("arm64", None),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
    "i386": ("386", ""),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
}
# The variant that is meant if there is none.
_USUAL = {"amd64": "v1", "arm": "v7", "arm64": "v8"}
_OLDEST_ARM = 5


@dataclass(frozen=True)
class Platform:
    """A platform, with its parts spelled as containerd spells them.

    Attributes:
        os: Such as `linux`; empty if unknown.
        architecture: Such as `arm64`; empty if unknown, or any.
        variant: Such as `v7`; empty for the usual one, or if unknown.
    """

    os: str
    architecture: str = ""
    variant: str = ""

    @classmethod
    def of(cls, text: str) -> Platform:
        """Return the platform that a checked text means."""
        return cls(*text.split("/"))

    @classmethod
    def of_parts(cls, system: object, architecture: object, variant: object = "") -> Platform:
        """Return the platform that an engine reports in separate fields."""
        name = "darwin" if str(system or "").lower() == "macos" else str(system or "").lower()
        return cls(name, *_normalized(str(architecture or ""), str(variant or "")))

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))

    @property
    def is_known(self) -> bool:
        """Whether both the operating system and the architecture are known."""
        return bool(self.os and self.architecture)

    def names(self, other: Platform) -> bool:
        """Return whether this platform, which a user named, is that of an image.

        An engine that does not report the variant of an image for ARM may have any.
        """
        if not other.is_known or self.os != other.os:
            return False
        if not self.architecture:
            return True
        is_same = self.architecture == other.architecture
        is_any = self.architecture == "arm" and not other.variant
        return is_same and (is_any or self._variant == other._variant)

    def runs(self, other: Platform) -> bool:
        """Return whether a machine of this platform runs an image for another without emulation."""
        if self.names(other):
            return True
        if not other.is_known or self.os != other.os:
            return False
        mine, its = self.architecture, other.architecture
        if mine == its:
            return _number(other._variant) <= _number(self._variant)
        if (mine, its) == ("arm64", "arm"):
            return _OLDEST_ARM <= _number(other._variant) <= _number(_USUAL["arm64"])
        return (mine, its) == ("amd64", "386")

    @property
    def _variant(self) -> str:
        return self.variant or _USUAL.get(self.architecture, "")


def check_platform(platform: object) -> str | None:
    """Check a platform such as `linux/arm64`, and return it as containerd spells it.

    Raises:
        InvalidContext: `platform` is not `os[/architecture[/variant]]`, or an architecture.
        TypeError: `platform` is not a str.
    """
    if platform is None:
        return None
    return _checked(string(platform, "platform"), "`platform`")


def wanted_platform(platform: object, environ: Mapping[str, str] | None = None) -> str | None:
    """Check and return a platform; if there is none, that in `DOCKER_DEFAULT_PLATFORM`.

    Args:
        platform: The argument.
        environ: The environment variables to use instead of `os.environ`.

    Raises:
        InvalidContext: The platform is not valid.
        TypeError: `platform` is not a str.
    """
    if platform is not None:
        return check_platform(platform)
    usual = (os.environ if environ is None else environ).get(DEFAULT)
    return _checked(usual, f"`{DEFAULT}`") if usual else None


def _checked(text: str, name: str) -> str:
    if not text.strip():
        raise InvalidContext(
            f"{name} is empty.",
            hint="Leave out `platform`, or set it to None, for the engine's own.",
        )
    lower = text.lower()
    parts = lower.split("/")
    is_alone = len(parts) == 1
    is_valid = len(text) <= _LONGEST and bool(_PLATFORM.fullmatch(lower))
    if is_alone and _normalized(lower)[0] in _ARCHITECTURES:
        parts = ["linux", lower]
    elif is_alone and lower not in {*_SYSTEMS, "macos"}:
        is_valid = False
    if not is_valid:
        source = f", which {name} has," if name == f"`{DEFAULT}`" else ""
        raise InvalidContext(
            f"`{text[:_LONGEST]}`{source} is not a valid platform.",
            hint="Use one such as `linux/amd64` or `linux/arm64`.",
        )
    return str(Platform.of_parts(*parts) if len(parts) > 1 else Platform.of_parts(lower, ""))


def _normalized(architecture: str, variant: str = "") -> tuple[str, str]:
    """Return an architecture and its variant as containerd spells them."""
    name, version = architecture.lower(), variant.lower()
    if name in _ALIASES:
        name, implied = _ALIASES[name]
        version = version if implied is None else implied
    if name in ("arm", "arm64") and version.isdecimal():
        version = f"v{version}"
    return name, "" if version == _USUAL.get(name) and name != "arm" else version


def _number(variant: str) -> float:
    """Return the number in a variant such as `v7`; of others, none is newer than another."""
    found = re.fullmatch(r"v(\d+(?:\.\d+)?)", variant)
    return float(found[1]) if found else 0.0
