"""Hijack a connection from HTTP: after `101` it carries the protocol agreed on.

docker-py makes the connection, so unix sockets, TCP, TLS, named pipes and ssh
work as they do for every other call. Where docker-py keeps the raw connection
depends on the transport (docker-py `APIClient._get_raw_response_socket`).
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
    """A connection taken over from HTTP.

    Attributes:
        connection: A socket, or what docker-py uses instead: an `SSLSocket`,
            an ssh channel, a named pipe.
        reader: The buffered file that the response was read from; it may contain
            bytes that followed the response's headers.
        response: Keeps the connection open while it is referenced.
    """

    def __init__(self, connection: Any, reader: Any, response: Any) -> None:
        self.connection = connection
        self.reader = reader
        self.response = response

    @property
    def is_plain(self) -> bool:
        """Whether the connection is a plain operating system socket."""
        # docker-py's ssh socket is a subclass that carries no data itself.
        return type(self.connection) is socket.socket

    def leftover(self) -> bytes:
        """Return the bytes read along with the response. Plain and TLS sockets only."""
        self.connection.setblocking(False)
        # Peeking into an empty buffer reads from the socket, which therefore must not block.
        with contextlib.suppress(ssl.SSLWantReadError):
            peeked: bytes = self.reader.peek()
            return peeked
        return b""

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        for close in (self.connection.close, self.reader.close, self.response.close):
            with contextlib.suppress(Exception):
                close()


def hijack(api: APIClient, path: str, headers: Iterable[tuple[str, str]]) -> Hijacked:
    """Request an upgrade to h2c and return the connection.

    Args:
        api: A client used for nothing else.
        path: The path to request, such as `/session`.
        headers: Sent in addition to those of the upgrade; names may be repeated.

    Raises:
        docker.errors.APIError: The engine refused.
        requests.exceptions.RequestException: The engine did not answer.
    """
    prepared = api.prepare_request(Request("POST", docker_py.url(api, path)))
    # requests' headers hold one value per name, urllib3's several.
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
