"""All uses of docker-py's private parts, which may change in any release.

Its clients, `docker.errors` and `docker.tls` are documented, and imported where
they are needed. Names with an underscore, and modules that are not documented
(`docker.auth`, `docker.constants`, `docker.credentials`, `docker.utils`), are used
only here; `tests/unit/test_private_parts.py` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import docker
import docker.auth
import docker.errors
import requests
from docker.constants import (
    DEFAULT_NPIPE,
    DEFAULT_UNIX_SOCKET,
    MINIMUM_DOCKER_API_VERSION,
)
from docker.credentials import Store
from docker.credentials.constants import PROGRAM_PREFIX
from docker.credentials.errors import StoreError
from docker.utils import parse_host
from docker.utils.config import home_dir, load_general_config
from docker.utils.json_stream import json_stream

OLDEST_API: str = MINIMUM_DOCKER_API_VERSION
"""The oldest API version that docker-py supports."""

DEFAULT_SOCKET: str = DEFAULT_UNIX_SOCKET.removeprefix("http+")
DEFAULT_PIPE: str = DEFAULT_NPIPE

HelperError: type[Exception] = StoreError
"""The exception that docker-py raises when a credential helper fails."""

_CONNECT_TIMEOUT = 10.0


class ApiClient(docker.APIClient):
    """docker-py's client, with a shorter timeout for connecting."""

    @property
    def connect_timeout(self) -> float:
        """The number of seconds to wait for a connection."""
        return min(_CONNECT_TIMEOUT, self.timeout)

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Set a shorter timeout for connecting than for answers; docker-py uses one for both."""
        kwargs.setdefault("timeout", (self.connect_timeout, self.timeout))
        return kwargs


class Logins:
    """The logins in Docker's configuration file, and the credential helpers that it names.

    Args:
        read: docker-py's `AuthConfig`.
    """

    def __init__(self, read: Any) -> None:
        self._read = read

    @classmethod
    def of_user(cls) -> Logins:
        """Read Docker's configuration file.

        Raises:
            docker.errors.InvalidConfigFile: The file is not valid.
            ValueError: The file is not valid.
        """
        return cls(docker.auth.load_config())

    @property
    def written(self) -> dict[str, Any]:
        """The logins in the file itself, as docker-py's dictionaries, by registry."""
        return self._read.auths or {}

    @property
    def helped(self) -> list[str]:
        """The registries that have a separate credential helper."""
        return list(self._read.cred_helpers or {})

    @property
    def common_helper(self) -> str | None:
        """The credential helper for all other registries."""
        return self._read.creds_store or None

    def helper(self, registry: str) -> str | None:
        """Return the credential helper for a registry, or None."""
        return self._read.get_credential_store(registry) or None

    def find(self, registry: str) -> dict[str, Any] | None:
        """Return the login for a registry, as docker-py's dictionary; may run a helper."""
        found: dict[str, Any] | None = self._read.resolve_authconfig(registry)
        return found


def logins(api: docker.APIClient) -> Logins:
    """Return the logins that a client read when it was created."""
    client: Any = api
    return Logins(client._auth_configs)


def url(api: docker.APIClient, path: str) -> str:
    """Return the URL of a path such as `/session`, including the API version."""
    client: Any = api
    return str(client._url(path))


def post(api: docker.APIClient, path: str, **options: Any) -> requests.Response:
    """Post to the engine with the headers of Docker's configuration file.

    Args:
        api: The client.
        path: Such as `/images/create`.
        options: The options of `requests.Session.post`.
    """
    client: Any = api
    response: requests.Response = client._post(url(api, path), **options)
    return response


def get_json(api: docker.APIClient, address: str, parameters: Mapping[str, str]) -> Any:
    """Return the engine's answer to a GET request.

    Raises:
        docker.errors.APIError: The engine refused the request.
    """
    client: Any = api
    return client._result(client._get(address, params=dict(parameters)), True)


def carrier(api: docker.APIClient, response: requests.Response) -> Any:
    """Return the connection of a response: a socket or its file, an ssh channel, a named pipe.

    Raises:
        docker.errors.APIError: The engine refused the request.
    """
    client: Any = api
    return client._get_raw_response_socket(response)


def unix_path(connection: Any) -> str | None:
    """Return the path of a connection's unix socket, or None if it is not one."""
    path: str | None = getattr(connection, "unix_socket", None)
    return path


def login_header(login: dict[str, Any]) -> str:
    """Encode a login for the header `X-Registry-Auth`."""
    encoded = docker.auth.encode_header(login)
    return encoded.decode() if isinstance(encoded, bytes) else encoded


def helper_program(helper: str) -> str:
    """Return the name of a credential helper's program."""
    return f"{PROGRAM_PREFIX}{helper}"


def hosts_known_to(helper: str) -> list[str]:
    """Return the registries for which a credential helper stores logins.

    Raises:
        HelperError: The helper failed.
        ValueError: The helper's answer is not JSON.
    """
    new_store: Any = Store
    return list(new_store(helper).list())


def configuration() -> Any:
    """Return the content of Docker's configuration file, unchecked."""
    return load_general_config()


def home() -> str:
    """Return the user's home directory, as Docker determines it."""
    return str(home_dir())


def takes(address: str, *, has_tls: bool) -> bool:
    """Return whether docker-py accepts an engine address."""
    try:
        parse_host(address, is_win32=False, tls=has_tls)
    except (docker.errors.DockerException, ValueError):
        return False
    return True


def json_values(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Yield the JSON values of a stream as they arrive.

    Raises:
        docker.errors.StreamParseError: The last value is incomplete.
    """
    read: Any = json_stream  # its type stubs do not allow bytes
    values: Iterator[Any] = read(chunks)
    return values
