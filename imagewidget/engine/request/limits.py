"""What the commands of a build find around them: names of hosts, and limits of resources."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagewidget.engine.failure.arguments import key, mapping, string
from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.request.checks import check_number

_GATEWAY = "host-gateway"
_HOST = re.compile(r"[a-zA-Z0-9_]([a-zA-Z0-9._-]{0,252}[a-zA-Z0-9_])?")
_UNLIMITED = -1
_LIMIT = re.compile(r"-1|\d{1,19}|unlimited")
# The names of github.com/docker/go-units, which engines parse limits with.
_LIMITS = frozenset(
    {
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
        "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """A limit of resources for a process; -1 stands for none."""

    soft: int
    hard: int


def check_add_hosts(hosts: object) -> dict[str, str]:
    """Check the names of hosts for `RUN`, with their addresses.

    Raises:
        InvalidContext: A name or an address is not valid.
    """
    checked: dict[str, str] = {}
    for given, value in mapping(hosts, "add_hosts").items():
        name = key(given, "add_hosts")
        address = string(value, f"add_hosts[{name!r}]").strip()
        if not _HOST.fullmatch(name):
            raise InvalidContext(
                f"`{name}` is not a valid name for a host." if name else "A host has no name.",
                hint="Use letters, digits, dots and hyphens, as in `db.example.org`.",
            )
        if address != _GATEWAY:
            address = _address(name, address)
        checked[name] = address
    return checked


def check_ulimits(limits: object) -> dict[str, Limit]:
    """Check the limits of resources for `RUN`, by name.

    Args:
        limits: A number for both limits, or `"SOFT:HARD"`.

    Raises:
        InvalidContext: There is no such limit, or its value is not valid.
    """
    checked = {}
    for given, value in mapping(limits, "ulimits").items():
        name = key(given, "ulimits")
        if name not in _LIMITS:
            raise InvalidContext(
                f"There is no limit called `{name}`.",
                hint=f"Use one of: {', '.join(sorted(_LIMITS))}.",
            )
        checked[name] = _limit(name, value)
    return checked


def as_words(limits: Mapping[str, Limit]) -> list[str]:
    """Return limits as a command line spells them: `nofile=1024:2048`."""
    return [f"{name}={limit.soft}:{limit.hard}" for name, limit in limits.items()]


def as_objects(limits: Mapping[str, Limit]) -> list[dict[str, Any]]:
    """Return limits as Docker's API takes them."""
    return [{"Name": name, "Soft": one.soft, "Hard": one.hard} for name, one in limits.items()]


def _address(name: str, text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise InvalidContext(
            f"`{text}` is not a valid address for the host `{name}`."
            if text
            else f"The host `{name}` has no address.",
            hint=f"Use an IP address such as `192.0.2.1`, or `{_GATEWAY}` for the engine's "
            "machine.",
        ) from None


def _limit(name: str, value: object) -> Limit:
    what = f"ulimits[{name!r}]"
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(":")]
        if len(parts) > 2 or not all(map(_LIMIT.fullmatch, parts)):  # noqa: PLR2004 - a pair
            raise InvalidContext(
                f"`{value}` is not a valid value for the limit `{name}`.",
                hint='Use a number, or two as in `"1024:2048"` for the soft and the hard limit.',
            )
        numbers = [_UNLIMITED if part == "unlimited" else int(part) for part in parts]
    elif isinstance(value, int) and not isinstance(value, bool):
        numbers = [value]
    else:
        raise TypeError(f"`{what}` must be an int or a str, not {type(value).__name__}.")
    for number in numbers:
        check_number(number, what, int, least=_UNLIMITED)
    soft, hard = numbers[0], numbers[-1]
    if hard != _UNLIMITED and not 0 <= soft <= hard:
        raise InvalidContext(
            f"The soft limit of `{name}` is above its hard limit.",
            hint="Write the soft limit first, as in `1024:2048`.",
        )
    return Limit(soft, hard)
