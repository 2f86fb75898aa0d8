"""All uses of docker-py's private parts, which may change in any release.

Its clients, `docker.errors` and `docker.tls` are documented, and imported where
they are needed. Names with an underscore, and modules that are not documented
(`docker.constants`, `docker.utils`), are used
only here; `tests/unit/test_private_parts.py` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import docker
import docker.errors
import requests
from docker.constants import (
    DEFAULT_NPIPE,
    DEFAULT_UNIX_SOCKET,
    MINIMUM_DOCKER_API_VERSION,
)
from docker.utils import parse_host
from docker.utils.config import home_dir

OLDEST_API: str = MINIMUM_DOCKER_API_VERSION
"""The oldest API version that docker-py supports."""

DEFAULT_SOCKET: str = DEFAULT_UNIX_SOCKET.removeprefix("http+")
DEFAULT_PIPE: str = DEFAULT_NPIPE

_CONNECT_TIMEOUT = 10.0


class ApiClient(docker.APIClient):
    """docker-py's client, with a shorter timeout for connecting.

    It does not use docker-py's reader of Docker's configuration file, which refuses files
    that the docker CLI reads.
    """

    @property
    def _general_configs(self) -> dict[str, Any]:
        """What docker-py uses of the file: no proxies, no headers and no logins.

        The one empty login prevents docker-py from reading the file again for logins.
        """
        return {"auths": {"": {}}}

    @_general_configs.setter
    def _general_configs(self, read: object) -> None:
        """Ignore what docker-py's constructor has read."""

    @property
    def connect_timeout(self) -> float:
        """The number of seconds to wait for a connection."""
        return min(_CONNECT_TIMEOUT, self.timeout)

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Set a shorter timeout for connecting than for answers; docker-py uses one for both."""
        kwargs.setdefault("timeout", (self.connect_timeout, self.timeout))
        return kwargs


def url(api: docker.APIClient, path: str) -> str:
    """Return the URL of a path such as `/session`, including the API version."""
    client: Any = api
    return str(client._url(path))


def post(api: docker.APIClient, path: str, **options: Any) -> requests.Response:
    """Post to the engine.

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
