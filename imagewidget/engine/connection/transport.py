"""docker-py's client, with a way to break its calls off from another thread.

An engine sends the head of a response only with the first line of a pull, so
until then there is no response that could be closed: what has to be cut is the
connection itself. Closing it is also how an engine is told to stop
(`context.Context` of the request in moby and Podman).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import urllib3.exceptions

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_py, http_wire, login
from imagewidget.engine.failure.errors import Stalled
from imagewidget.engine.failure.messages import explain

_CHUNK = 65_536


class Transport(docker_py.ApiClient):
    """One operation's connections to the engine; not to be shared between operations.

    It is docker-py's `APIClient` with one method more, :meth:`cut`.
    """

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

    def login_headers(self, host: str, cancel: Cancellation) -> dict[str, str]:
        """Give the header with this user's login for a registry; empty without one.

        Raises:
            DockerError: A credential helper is missing, failed, or says nothing.
            Cancelled: It was asked for.
        """
        return login.headers(docker_py.logins(self), host, cancel)

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
            response = docker_py.post(
                self,
                path,
                params=dict(parameters),
                headers=dict(headers),
                data=body,
                stream=True,
                timeout=(self.connect_timeout, stall_timeout),
            )
            self._streams.append(response)
            with contextlib.closing(response):
                if not response.ok:
                    raise explain(_words_in(response), status=response.status_code)
                yield from docker_py.json_values(response.iter_content(_CHUNK))

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
        http_wire.connect_by(adapter, self._connect)
        return adapter

    def _connect(self, connection: Any, connect: Callable[[], None]) -> None:
        path = docker_py.unix_path(connection)
        if path is not None:
            http_wire.connect_unix(connection, path)
        else:
            # A host that does not answer, a handshake: what waits there has no socket yet.
            self._cancellation.wait_for(connect, lambda _: connection.close())
        self._add(http_wire.without_time_limit(connection))

    def _add(self, connected: Any) -> None:
        with self._lock:
            self._sockets.append(connected)
        if self._cancellation.is_requested:
            _shut(connected)


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
