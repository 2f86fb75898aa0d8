"""A user's credentials at a registry: passed as `auth=`, or stored by `docker login`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagewidget.engine.failure.arguments import key, mapping
from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image.reference import registry_at, registry_host


@dataclass(frozen=True)
class Credentials:
    """A user's credentials at one registry; its secrets stay out of `repr`.

    Attributes:
        username: Empty if there is an identity token.
        password: The password or access token.
        identity_token: What some registries issue in place of a user name and password.
        registry_token: What is sent to the registry itself in place of them.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the password and the tokens, if there are any."""
        return tuple(filter(None, (self.password, self.identity_token, self.registry_token)))


def check_auth(auth: object) -> dict[str, Credentials]:
    """Check the argument `auth`, and return the credentials by registry.

    Args:
        auth: `{"ghcr.io": ("user", "password")}`, or a mapping with `username` and
            `password` in place of the pair; None for no credentials. All hosts of
            Docker Hub count as `docker.io`.

    Raises:
        InvalidReference: A key is not a valid registry name, or names the same registry
            as another one; or a user name or a password is empty.
        TypeError: `auth`, a key or a value has the wrong type.
    """
    found: dict[str, Credentials] = {}
    written: dict[str, str] = {}
    is_of_docker_py = isinstance(auth, Mapping) and {"username", "password"} <= auth.keys()
    if is_of_docker_py or not isinstance(auth, (Mapping, type(None))):
        raise TypeError(
            "`auth` must be a mapping with the registry of each user, "
            'as in `{"ghcr.io": ("user", "password")}`.'
        )
    for given, value in mapping(auth, "auth").items():
        host = key(given, "auth")
        registry = registry_at(registry_host(host))
        if registry in found:
            raise InvalidReference(
                f"`auth` has two entries for one registry: {written[registry]!r} and {host!r}.",
                hint="Leave out one of them.",
            )
        written[registry] = host
        found[registry] = _credentials(host, value)
    return found


def _check_filled(host: str, username: str, password: str) -> None:
    """Refuse what a variable that is not set becomes: a registry would only deny access."""
    missing = " and ".join(
        name for name, value in (("user name", username), ("password", password)) if not value
    )
    if missing:
        raise InvalidReference(
            f"`auth[{host!r}]` has an empty {missing}.",
            hint="Check that the variable from which you read it is set, or leave out the entry.",
        )


def _credentials(host: str, value: object) -> Credentials:
    if isinstance(value, Mapping):
        value = (value.get("username"), value.get("password"))
    if isinstance(value, (tuple, list)) and len(value) == 2:  # noqa: PLR2004 - a pair
        username, password = value
        if isinstance(username, str) and isinstance(password, str):
            _check_filled(host, username, password)
            return Credentials(username, password)
    raise TypeError(
        f"`auth[{host!r}]` must be a pair of user name and password, or a mapping with "
        "`username` and `password`."
    )
