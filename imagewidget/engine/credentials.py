"""Who a user is at a registry: given with a build, or kept by `docker login`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Credentials:
    """A user's credentials at one registry; its secrets stay out of `repr`.

    Attributes:
        username: Empty with an identity token.
        password: The password or access token.
        identity_token: What some registries give instead of both.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Credentials | None:
        """Read docker-py's dictionary, whose keys depend on where it found them."""
        lower = {key.lower(): str(value) for key, value in (found or {}).items() if value}
        known = cls(
            lower.get("username", ""),
            lower.get("password", ""),
            lower.get("identitytoken", ""),
        )
        return known if known != cls() else None
