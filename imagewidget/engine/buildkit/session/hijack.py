"""Take a connection over from HTTP: after `101` it carries whatever was agreed.

docker-py makes the connection, so unix sockets, TCP, TLS, named pipes and ssh
work as they do for every other call. Where docker-py keeps the raw connection
differs by transport (docker-py `APIClient._get_raw_response_socket`).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable
from typing import Any

from docker import APIClient
from requests import Request
from urllib3 import HTTPHeaderDict

from imagewidget.engine.connection import docker_py, http_wire


class Hijacked:
    """A connection that speaks HTTP no more.

    Attributes:
        connection: A socket, or what docker-py has in its place: an `SSLSocket`,
            an ssh channel, a named pipe.
        reader: The buffered file that the answer was read from; it may hold
            bytes that came after the answer's headers.
        response: Keeps the connection open while it is referenced.
    """

    def __init__(self, connection: Any, reader: Any, response: Any) -> None:
        self.connection = connection
        self.reader = reader
        self.response = response

    @property
    def is_plain(self) -> bool:
        """Whether the connection is an operating system's socket and no more."""
        # docker-py's ssh socket is a subclass that carries nothing itself.
        return type(self.connection) is socket.socket

    def leftover(self) -> bytes:
        """Give the bytes that were read with the answer. Plain and TLS sockets only."""
        self.connection.setblocking(False)
        # A peek into an empty buffer reads: the socket must be unwilling to wait.
        with contextlib.suppress(ssl.SSLWantReadError):
            peeked: bytes = self.reader.peek()
            return peeked
        return b""

    def close(self) -> None:
        """Close the connection. Closing twice does no harm."""
        for close in (self.connection.close, self.reader.close, self.response.close):
            with contextlib.suppress(Exception):
                close()


def hijack(api: APIClient, path: str, headers: Iterable[tuple[str, str]]) -> Hijacked:
    """Ask for an upgrade to h2c and give the connection.

    Args:
        api: A client that does nothing else.
        path: Such as `/session`.
        headers: Sent along with the upgrade's own; a name may come more than once.

    Raises:
        docker.errors.APIError: The engine refused.
        requests.exceptions.RequestException: The engine did not answer.
    """
    prepared = api.prepare_request(Request("POST", docker_py.url(api, path)))
    # requests' own headers hold one value a name, urllib3's several lines.
    several = HTTPHeaderDict(prepared.headers)
    several.extend([*headers, ("Upgrade", "h2c")])
    several["Connection"] = "Upgrade"
    prepared.headers = several  # type: ignore[assignment]
    settings = api.merge_environment_settings(prepared.url, {}, True, None, None)
    response = api.send(prepared, timeout=api.timeout, allow_redirects=False, **settings)
    try:
        connection = http_wire.bare(docker_py.carrier(api, response))
        reader = http_wire.reader_of(response)
    except BaseException:
        response.close()
        raise
    return Hijacked(connection, reader, response)
