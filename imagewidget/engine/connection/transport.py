"""docker-py's client, with a way to interrupt its calls from another thread.

An engine sends the response headers only with the first line of a pull, so until
then there is no response to close; the connection itself has to be shut down. That
is also how an engine is told to stop (`context.Context` of the request in moby and
Podman).
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import urllib3.exceptions

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_config, docker_py, http_wire
from imagewidget.engine.failure.errors import Stalled
from imagewidget.engine.failure.messages import explain
from imagewidget.engine.json_stream import json_values

_CHUNK = 65_536


class _WithoutQueries(logging.Filter):
    """Cuts the queries of builds from urllib3's log: they have tokens and build arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.__dict__.update(args=tuple(map(_without_query, record.args)))
        return True


def _without_query(word: object) -> object:
    if isinstance(word, str) and "/build?" in word:
        return f"{word.partition('?')[0]}?…"
    return word


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutQueries())


class Transport(docker_py.ApiClient):
    """One operation's connections to the engine; do not share it between operations.

    It is docker-py's `APIClient` with the additional method :meth:`cut`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._cancellation = Cancellation()
        self._sockets: list[Any] = []
        self._streams: list[requests.Response] = []
        self._lock = threading.Lock()
        super().__init__(*args, **kwargs)
        # Those of a request itself take precedence, as in Docker's client (`addHeaders`).
        self.headers.update(docker_config.read().headers)

    def cut(self) -> None:
        """Interrupt every call in progress, and prevent new ones.

        It may be called from any thread. A thread that is waiting for the engine sees
        its connection close at once; one that is still connecting gets `Cancelled`.
        """
        self._cancellation.request()
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            _shut(each)

    def close(self) -> None:
        """Close every connection, including those of streams that were not read to the end.

        After an error in a stream, the traceback keeps its reader alive, and with it a
        connection that requests' session no longer knows about.
        """
        for stream in self._streams:
            stream.close()
        super().close()

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Keep the engine's CA: requests would let `REQUESTS_CA_BUNDLE` override it.

        See psf/requests#3829.
        """
        own = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, own, cert)

    def ask(self, path: str, parameters: Mapping[str, str]) -> Any:
        """Return the answer to a GET request with parameters that docker-py does not know.

        Raises:
            docker.errors.APIError: The engine refused the request.
        """
        return docker_py.get_json(self, docker_py.url(self, path), parameters)

    def get_unversioned(self, path: str) -> Any:
        """Return the answer to a GET request outside of Docker's API.

        Raises:
            docker.errors.APIError: The engine refused the request.
        """
        return docker_py.get_json(self, f"{self.base_url}{path}", {})

    def post_stream(
        self,
        path: str,
        parameters: Mapping[str, str | list[str]],
        headers: Mapping[str, str],
        stall_timeout: float | None,
        body: Any = None,
    ) -> Iterator[Any]:
        """Send a POST request to the engine, and yield the messages of its answer.

        docker-py's methods for this have no timeout, and treat a stream that broke
        off as complete.

        Args:
            path: Such as `/images/create`.
            parameters: The query parameters; one with several values is sent several times.
            headers: Headers in addition to those of Docker's configuration file.
            stall_timeout: Seconds without a byte before giving up; None to wait forever.
            body: Bytes, or an iterable of bytes that is sent in chunks.

        Yields:
            Each JSON value of the stream.

        Raises:
            Stalled: No byte came for `stall_timeout` seconds.
            DockerError: The engine answered with an HTTP error.
            requests.exceptions.RequestException: The connection failed.
            EOFError: The answer broke off within a message.
        """
        with self._detecting_stall(stall_timeout):
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
                    raise explain(_message_of(response), status=response.status_code)
                yield from json_values(response.iter_content(_CHUNK))

    @contextlib.contextmanager
    def _detecting_stall(self, seconds: float | None) -> Iterator[None]:
        try:
            yield
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
            is_stall = isinstance(error, requests.exceptions.ReadTimeout) or any(
                isinstance(each, urllib3.exceptions.ReadTimeoutError) for each in error.args
            )
            if seconds is None or not is_stall:
                raise
            raise Stalled(f"The engine sent nothing for {seconds:g} s.") from error

    def get_adapter(self, url: Any) -> Any:
        """Return the adapter for `url`, with its connections recorded for :meth:`cut`."""
        adapter = super().get_adapter(url)
        http_wire.connect_by(adapter, self._connect)
        return adapter

    def _connect(self, connection: Any, connect: Callable[[], None]) -> None:
        path = docker_py.unix_path(connection)
        if path is not None:
            http_wire.connect_unix(connection, path)
        else:
            # While connecting or shaking hands there is no socket yet that could be shut down.
            self._cancellation.wait_for(connect, lambda _: connection.close())
        self._add(http_wire.without_time_limit(connection))

    def _add(self, connected: Any) -> None:
        with self._lock:
            self._sockets.append(connected)
        if self._cancellation.is_requested:
            _shut(connected)


def _message_of(response: requests.Response) -> str:
    """Return the message of an engine's HTTP error: JSON with a `message`, or plain text."""
    try:
        answer = response.json()
    except ValueError:
        return response.text or response.reason
    if isinstance(answer, dict) and "message" in answer:
        return str(answer["message"] or response.reason)
    return response.text or response.reason


def _shut(connected: Any) -> None:
    """Shut down a connection without freeing its descriptor, which the reader still uses."""
    with contextlib.suppress(Exception):
        if isinstance(connected, socket.socket):
            connected.shutdown(socket.SHUT_RDWR)
        else:
            # paramiko's channel and docker-py's pipe wake their reader only when closed.
            connected.close()
