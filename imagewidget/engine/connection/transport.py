"""docker-py's client, with a way to break its calls off from another thread.

An engine sends the head of a response only with the first line of a pull, so
until then there is no response that could be closed: what has to be cut is the
connection itself. Closing it is also how an engine is told to stop
(`context.Context` of the request in moby and Podman).
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import docker
import requests
import urllib3.exceptions
from docker.utils.json_stream import json_stream

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import login
from imagewidget.engine.failure.errors import Stalled
from imagewidget.engine.failure.messages import explain

_CHUNK = 65_536
_CONNECT_TIMEOUT = 10.0


class Transport(docker.APIClient):
    """One operation's connections to the engine; not to be shared between operations.

    It is docker-py's `APIClient` with one method more, :meth:`cut`.
    """

    # docker-py's own, which its type stubs leave out.
    _post: Any
    _url: Any
    _auth_configs: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._cancellation = Cancellation()
        self._sockets: list[Any] = []
        self._streams: list[requests.Response] = []
        self._lock = threading.Lock()
        super().__init__(*args, **kwargs)

    def cut(self) -> None:
        """Break off every call that is under way, and let none begin.

        Safe from any thread. A thread that was waiting for the engine sees its
        connection end at once; one that was waiting for a connection gets `Cancelled`.
        """
        self._cancellation.request()
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            _shut(each)

    def close(self) -> None:
        """End every connection, also that of a stream that was not read to its end.

        An error in a stream keeps its reader alive in the traceback, and with
        it the connection, which requests' session knows no more.
        """
        for stream in self._streams:
            stream.close()
        super().close()

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Keep to the engine's own CA: requests would let `REQUESTS_CA_BUNDLE` win over it.

        See psf/requests#3829.
        """
        own = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, own, cert)

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Wait less long for a connection than for an answer; docker-py waits alike for both."""
        kwargs.setdefault("timeout", (min(_CONNECT_TIMEOUT, self.timeout), self.timeout))
        return kwargs

    def login_headers(self, host: str, cancel: Cancellation) -> dict[str, str]:
        """Give the header with this user's login for a registry; empty without one.

        Raises:
            DockerError: A credential helper is missing, failed, or says nothing.
            Cancelled: It was asked for.
        """
        return login.headers(self._auth_configs, host, cancel)

    def post_stream(
        self,
        path: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        stall_timeout: float | None,
        body: Any = None,
    ) -> Iterator[Any]:
        """Post to the engine, and read its answer as the messages come.

        docker-py's own methods set no time limit here, and read a stream that
        broke off as one that ended.

        Args:
            path: Such as `/images/create`.
            parameters: The query.
            headers: Beside those of Docker's configuration file.
            stall_timeout: Seconds without a byte; None waits for ever.
            body: Bytes, or an iterable of bytes that is sent in chunks.

        Yields:
            Each JSON value of the stream.

        Raises:
            Stalled: No byte came for `stall_timeout` seconds.
            DockerError: The engine refused, in HTTP.
            requests.exceptions.RequestException: The connection failed.
        """
        with self._stall_noticed(stall_timeout):
            response = self._post(
                self._url(path),
                params=dict(parameters),
                headers=dict(headers),
                data=body,
                stream=True,
                timeout=(min(_CONNECT_TIMEOUT, self.timeout), stall_timeout),
            )
            self._streams.append(response)
            with contextlib.closing(response):
                if not response.ok:
                    raise explain(_words_in(response), status=response.status_code)
                yield from json_stream(response.iter_content(_CHUNK))

    @contextlib.contextmanager
    def _stall_noticed(self, seconds: float | None) -> Iterator[None]:
        try:
            yield
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
            is_stall = isinstance(error, requests.exceptions.ReadTimeout) or any(
                isinstance(each, urllib3.exceptions.ReadTimeoutError) for each in error.args
            )
            if seconds is None or not is_stall:
                raise
            raise Stalled(f"The engine said nothing for {seconds:g} s.") from error

    def get_adapter(self, url: Any) -> Any:
        """Give the adapter for `url`, with its connections watched."""
        adapter = super().get_adapter(url)
        # requests ≥ 2.32 asks for a pool by the first name, older ones by the second.
        for name in ("get_connection_with_tls_context", "get_connection"):
            find_pool = getattr(adapter, name, None)
            if find_pool is not None:
                if not isinstance(find_pool, _Watched):
                    setattr(adapter, name, _Watched(find_pool, self._watch_pool))
                break
        return adapter

    def _watch_pool(self, pool: Any) -> None:
        # docker-py's pools for unix sockets, pipes and ssh override this very
        # method of urllib3's pool, so that it is the one seam common to all.
        if not isinstance(pool._new_conn, _Watched):  # noqa: SLF001
            pool._new_conn = _Watched(pool._new_conn, self._watch_connection)  # noqa: SLF001

    def _watch_connection(self, connection: Any) -> None:
        connection.connect = functools.partial(self._connect, connection, connection.connect)

    def _connect(self, connection: Any, connect: Any) -> None:
        if hasattr(connection, "unix_socket"):
            _connect_unix(connection)
        else:
            # A host that does not answer, a handshake: what waits there has no socket yet.
            self._cancellation.wait_for(connect, lambda _: connection.close())
        # urllib3 would limit each `send` of a body by the time for connecting: an
        # engine that pauses while it reads a context would be taken for a dead one.
        connection.timeout = None
        connection.sock.settimeout(None)
        self._add(connection.sock)

    def _add(self, connected: Any) -> None:
        with self._lock:
            self._sockets.append(connected)
        if self._cancellation.is_requested:
            _shut(connected)


class _Watched:
    """A function whose results are shown to a watcher before they are returned."""

    def __init__(self, function: Any, watch: Any) -> None:
        self._function = function
        self._watch = watch

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self._function(*args, **kwargs)
        self._watch(result)
        return result


def _connect_unix(connection: Any) -> None:
    """Connect as docker-py does, but leave no open socket behind where nobody listens."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(connection.timeout)
        connected.connect(connection.unix_socket)
    except OSError:
        connected.close()
        raise
    connection.sock = connected


def _words_in(response: requests.Response) -> str:
    """Read what an engine says in an HTTP error: JSON with a `message`, or plain text."""
    try:
        answer = response.json()
    except ValueError:
        return response.text or response.reason
    message = answer.get("message") if isinstance(answer, dict) else None
    return str(message or response.text or response.reason)


def _shut(connected: Any) -> None:
    """End a connection without freeing its descriptor, which the reader still holds."""
    with contextlib.suppress(Exception):
        if isinstance(connected, socket.socket):
            connected.shutdown(socket.SHUT_RDWR)
        else:
            # paramiko's channel and docker-py's pipe wake their reader only when closed.
            connected.close()
