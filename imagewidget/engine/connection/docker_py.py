"""Whatever of docker-py is used without a promise that it stays.

Its clients, `docker.errors` and `docker.tls` are documented, and imported where
they are needed. What has an underscore, and what its documentation does not name
(`docker.auth`, `docker.constants`, `docker.credentials`, `docker.utils`), is used
here and nowhere else: `tests/unit/test_private_parts.py` names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
"""The oldest version of the API that docker-py speaks."""

DEFAULT_SOCKET: str = DEFAULT_UNIX_SOCKET.removeprefix("http+")
DEFAULT_PIPE: str = DEFAULT_NPIPE

HelperError: type[Exception] = StoreError
"""What docker-py raises when a credential helper fails."""

_CONNECT_TIMEOUT = 10.0


class ApiClient(docker.APIClient):
    """docker-py's client, less patient with an engine that cannot be reached."""

    @property
    def connect_timeout(self) -> float:
        """Seconds to wait for a connection."""
        return min(_CONNECT_TIMEOUT, self.timeout)

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Wait less long for a connection than for an answer; docker-py waits alike for both."""
        kwargs.setdefault("timeout", (self.connect_timeout, self.timeout))
        return kwargs


class Logins:
    """The logins that Docker's configuration file has, and the helpers that it names.

    Args:
        read: docker-py's `AuthConfig`.
    """

    def __init__(self, read: Any) -> None:
        self._read = read

    @classmethod
    def of_user(cls) -> Logins:
        """Read Docker's configuration file.

        Raises:
            docker.errors.InvalidConfigFile: It makes no sense.
            ValueError: Likewise.
        """
        return cls(docker.auth.load_config())

    @property
    def written(self) -> dict[str, Any]:
        """What stands in the file itself, in docker-py's words, by registry."""
        return self._read.auths or {}

    @property
    def helped(self) -> list[str]:
        """The registries that have a helper of their own."""
        return list(self._read.cred_helpers or {})

    @property
    def common_helper(self) -> str | None:
        """The helper for all other registries."""
        return self._read.creds_store or None

    def helper(self, registry: str) -> str | None:
        """Return the helper that is asked about a registry."""
        return self._read.get_credential_store(registry) or None

    def find(self, registry: str) -> dict[str, Any] | None:
        """Return the login for a registry, in docker-py's words; this may run a helper."""
        found: dict[str, Any] | None = self._read.resolve_authconfig(registry)
        return found


def logins(api: docker.APIClient) -> Logins:
    """Return the logins that a client read when it was made."""
    client: Any = api
    return Logins(client._auth_configs)


def url(api: docker.APIClient, path: str) -> str:
    """Return the address of a path such as `/session`, with the API's version in it."""
    client: Any = api
    return str(client._url(path))


def post(api: docker.APIClient, path: str, **options: Any) -> requests.Response:
    """Post to the engine with the headers of Docker's configuration file.

    Args:
        api: The client.
        path: Such as `/images/create`.
        options: Those of `requests.Session.post`.
    """
    client: Any = api
    response: requests.Response = client._post(url(api, path), **options)
    return response


def carrier(api: docker.APIClient, response: requests.Response) -> Any:
    """Return what carries a response: a socket or its file, an ssh channel, a named pipe.

    Raises:
        docker.errors.APIError: The engine refused.
    """
    client: Any = api
    return client._get_raw_response_socket(response)


def unix_path(connection: Any) -> str | None:
    """Return the path that a connection leads to, if it is one to a unix socket."""
    path: str | None = getattr(connection, "unix_socket", None)
    return path


def login_header(login: dict[str, Any]) -> str:
    """Encode a login as an engine wants it in `X-Registry-Auth`."""
    encoded = docker.auth.encode_header(login)
    return encoded.decode() if isinstance(encoded, bytes) else encoded


def helper_program(helper: str) -> str:
    """Return the name of the program that a credential helper is."""
    return f"{PROGRAM_PREFIX}{helper}"


def hosts_known_to(helper: str) -> list[str]:
    """Ask a credential helper for which registries it keeps logins.

    Raises:
        HelperError: It failed.
        ValueError: It did not answer with JSON.
    """
    new_store: Any = Store
    return list(new_store(helper).list())


def configuration() -> Any:
    """Read Docker's configuration file; whatever it holds."""
    return load_general_config()


def home() -> str:
    """Return the user's home directory, as Docker finds it."""
    return str(home_dir())


def takes(address: str, *, has_tls: bool) -> bool:
    """Whether docker-py can read the address of an engine."""
    try:
        parse_host(address, is_win32=False, tls=has_tls)
    except (docker.errors.DockerException, ValueError):
        return False
    return True


def json_values(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Read JSON values that follow one another, as they come.

    Raises:
        docker.errors.StreamParseError: The last one is not complete.
    """
    read: Any = json_stream  # its type stubs know no bytes
    values: Iterator[Any] = read(chunks)
    return values
