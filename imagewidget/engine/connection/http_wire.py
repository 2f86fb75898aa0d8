"""The connection beneath requests, as no library promises to show it.

These are parts of requests and urllib3 (how a pool makes its connections), of
`http.client` and `socket` (where the answer is read from) and of paramiko (what it
has read ahead). They are used here and nowhere else:
`tests/unit/test_private_parts.py` names them.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from typing import Any

Connect = Callable[[Any, Callable[[], None]], None]
"""Makes a connection, in place of its own method `connect`, which comes second."""


def connect_by(adapter: Any, connect: Connect) -> None:
    """Let `connect` make every connection of one of requests' adapters. Twice does no harm."""
    # requests ≥ 2.32 asks for a pool by the first name, older ones by the second.
    for name in ("get_connection_with_tls_context", "get_connection"):
        find_pool = getattr(adapter, name, None)
        if find_pool is not None:
            if not isinstance(find_pool, _Watched):
                watch = functools.partial(_watch_pool, connect)
                setattr(adapter, name, _Watched(find_pool, watch))
            break


def _watch_pool(connect: Connect, pool: Any) -> None:
    # docker-py's pools for unix sockets, pipes and ssh override this very
    # method of urllib3's pool, so that it is the one seam common to all.
    if not isinstance(pool._new_conn, _Watched):
        pool._new_conn = _Watched(pool._new_conn, functools.partial(_watch_connection, connect))


def _watch_connection(connect: Connect, connection: Any) -> None:
    connection.connect = functools.partial(connect, connection, connection.connect)


class _Watched:
    """A function whose results are shown to a watcher before they are returned."""

    def __init__(self, function: Any, watch: Any) -> None:
        self._function = function
        self._watch = watch

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self._function(*args, **kwargs)
        self._watch(result)
        return result


def connect_unix(connection: Any, path: str) -> None:
    """Connect as docker-py does, but leave no open socket behind where nobody listens."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(connection.timeout)
        connected.connect(path)
    except OSError:
        connected.close()
        raise
    connection.sock = connected


def without_time_limit(connection: Any) -> Any:
    """Lift the limit that was for connecting; return the socket, or what is in its place.

    urllib3 would limit each `send` of a body by the time for connecting: an engine
    that pauses while it reads a context would be taken for a dead one.
    """
    connection.timeout = None
    connection.sock.settimeout(None)
    return connection.sock


def reader_of(response: Any) -> Any:
    """Return the buffered file that one of requests' responses is read from."""
    return response.raw._fp.fp


def bare(carrier: Any) -> Any:
    """Return the socket itself, where docker-py gives its file."""
    return getattr(carrier, "_sock", carrier)


def read_ahead(reader: Any) -> bytes:
    """Return what paramiko's file has read and not yet given; other files have nothing."""
    return bytes(getattr(reader, "_rbuffer", b""))
