"""A user's credentials at a registry: passed as `auth=`, or stored by `docker login`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagewidget.engine.failure.arguments import key, mapping
from imagewidget.engine.image.reference import registry_at, registry_host


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

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the password and the identity token, if there are any."""
        return tuple(filter(None, (self.password, self.identity_token)))

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


def check_auth(auth: object) -> dict[str, Credentials]:
    """Check the argument `auth`, and return the credentials by registry.

    Args:
        auth: `{"ghcr.io": ("user", "password")}`, or a mapping with `username` and
            `password` in place of the pair; None for no credentials. All hosts of
            Docker Hub count as `docker.io`.

    Raises:
        InvalidReference: A key is not a valid registry name.
        TypeError: `auth`, a key or a value has the wrong type.
    """
    return {
        registry_at(registry_host(key(host, "auth"))): _credentials(key(host, "auth"), value)
        for host, value in mapping(auth, "auth").items()
    }


def _credentials(host: str, value: object) -> Credentials:
    if isinstance(value, Mapping):
        value = (value.get("username"), value.get("password"))
    if isinstance(value, (tuple, list)) and len(value) == 2:  # noqa: PLR2004 - a pair
        username, password = value
        if isinstance(username, str) and isinstance(password, str):
            return Credentials(username, password)
    raise TypeError(
        f"`auth[{host!r}]` must be a pair of user name and password, or a mapping with "
        "`username` and `password`."
    )
