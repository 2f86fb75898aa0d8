"""All uses of the private parts of the libraries that carry HTTP.

These are parts of requests and urllib3 (how a pool makes its connections), of
`http.client` and `socket` (where the answer is read from) and of paramiko (what it
has read ahead). They are used only here; `tests/unit/test_private_parts.py` lists
them.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from typing import Any

Connect = Callable[[Any, Callable[[], None]], None]
"""Called with a connection and its original `connect`; connects it."""


def connect_by(adapter: Any, connect: Connect) -> None:
    """Make a requests adapter open every connection with `connect`; may be called repeatedly."""
    find_pool = adapter.get_connection_with_tls_context
    if not isinstance(find_pool, _Watched):
        watch = functools.partial(_watch_pool, connect)
        adapter.get_connection_with_tls_context = _Watched(find_pool, watch)


def _watch_pool(connect: Connect, pool: Any) -> None:
    # docker-py's pools for unix sockets, pipes and ssh all override this method of
    # urllib3's pool, so it is the one place to hook into all of them.
    if not isinstance(pool._new_conn, _Watched):
        pool._new_conn = _Watched(pool._new_conn, functools.partial(_watch_connection, connect))


def _watch_connection(connect: Connect, connection: Any) -> None:
    connection.connect = functools.partial(connect, connection, connection.connect)


class _Watched:
    """A function whose results are passed to `watch` before they are returned."""

    def __init__(self, function: Any, watch: Any) -> None:
        self._function = function
        self._watch = watch

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self._function(*args, **kwargs)
        self._watch(result)
        return result


def connect_unix(connection: Any, path: str) -> None:
    """Connect as docker-py does, but close the socket if connecting fails."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(connection.timeout)
        connected.connect(path)
    except OSError:
        connected.close()
        raise
    connection.sock = connected


def without_time_limit(connection: Any) -> Any:
    """Remove the connect timeout from a connection; return its socket, or the equivalent.

    urllib3 would apply the connect timeout to each `send` of a body: an engine
    that pauses while it reads a context would be treated as unreachable.
    """
    connection.timeout = None
    connection.sock.settimeout(None)
    return connection.sock


def reader_of(response: Any) -> Any:
    """Return the buffered file that a response of requests reads from."""
    return response.raw._fp.fp


def bare(carrier: Any) -> Any:
    """Return the socket, where docker-py returned a file around it."""
    return getattr(carrier, "_sock", carrier)


def read_ahead(reader: Any) -> bytes:
    """Return what paramiko's file has buffered but not yet returned; empty for other files."""
    return bytes(getattr(reader, "_rbuffer", b""))
