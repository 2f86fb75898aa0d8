"""A user's credentials at a registry: passed to a build, or stored by `docker login`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Credentials:
    """A user's credentials at one registry; its secrets stay out of `repr`.

    Attributes:
        username: Empty if there is an identity token.
        password: The password or access token.
        identity_token: What some registries issue in place of a user name and password.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Credentials | None:
        """Read docker-py's dictionary, whose keys depend on where the login was found."""
        lower = {key.lower(): str(value) for key, value in (found or {}).items() if value}
        known = cls(
            lower.get("username", ""),
            lower.get("password", ""),
            lower.get("identitytoken", ""),
        )
        return known if known != cls() else None
