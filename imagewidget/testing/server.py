"""An HTTP server on this machine that answers as an engine does: JSON, and streams of JSON."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

_POLL = 0.02
_LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes, macOS 103.
_STREAMING = 200


@dataclass(frozen=True)
class Request:
    """A request that the server received.

    Attributes:
        method: Such as `GET`.
        path: The path as it was sent, such as `/v1.38/images/a%40b/json`.
        query: The parameters after the path; of several with one name, the last.
        headers: The headers.
        body: The whole body.
        pairs: All parameters, as they were sent.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def several(self, name: str) -> list[str]:
        """Return the values of a parameter, which may have been sent several times."""
        return [value for each, value in self.pairs if each == name]

    @cached_property
    def route(self) -> str:
        """The decoded path without the version of the API, such as `/images/a@b/json`."""
        first, _, rest = self.path[1:].partition("/")
        return unquote(f"/{rest}" if first.startswith("v1.") else self.path)


@dataclass(frozen=True)
class Reply:
    """A complete answer: a JSON value, or bytes to send unchanged, and the HTTP status."""

    body: Any
    status: int = 200


@dataclass(frozen=True)
class Stream:
    """An answer in several messages, as for a pull or a build.

    Attributes:
        messages: JSON values, each sent as a line, or bytes to send unchanged.
        ending: How the answer ends: complete, cut off, or only when the client hangs up.
        is_silent: Whether not even the response headers are sent, until the client hangs up.
    """

    messages: Iterable[Any] = ()
    ending: Literal["whole", "cut", "hang"] = "whole"
    is_silent: bool = False


Respond = Callable[[Request], Reply | Stream]
Notify = Callable[[Request], object]


def _ignore(_request: Request) -> None:
    """Do nothing."""


class Server:
    """Listens on a unix socket, or on a loopback port where there are no unix sockets.

    All callbacks are called on the thread of the connection.

    Args:
        respond: Returns the answer to a request.
        directory: Where to create the socket.
        waiting: Called when the server waits for a client to hang up.
        hung_up: Called when a client hung up before the end of a stream.
        platform: Used in place of `sys.platform`.

    Attributes:
        url: The address, as in `DOCKER_HOST`.
    """

    def __init__(
        self,
        respond: Respond,
        directory: Path,
        *,
        waiting: Notify = _ignore,
        hung_up: Notify = _ignore,
        platform: str = sys.platform,
    ) -> None:
        self.respond = respond
        self.waiting = waiting
        self.hung_up = hung_up
        self.is_stopping = threading.Event()
        self._socket: Path | None = directory / "engine.sock"
        if platform == "win32" or len(str(self._socket).encode()) > _LONGEST_SOCKET_PATH:
            self._socket = None
            self._listener = _Listener(self, socket.AF_INET, ("127.0.0.1", 0))
            self.url = f"tcp://127.0.0.1:{self._listener.server_address[1]}"
        else:
            self._listener = _Listener(self, socket.AF_UNIX, str(self._socket))
            self.url = f"unix://{self._socket}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            args=(_POLL,),
            name="imagewidget-testing",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """End every connection; when this returns, no thread and no socket is left."""
        self.is_stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener.end_connections()
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)


class _Listener(socketserver.TCPServer):
    """Accepts connections, each served by its own thread.

    socketserver's `ThreadingMixIn` either waits forever for the threads of idle
    connections, or does not wait for any.
    """

    # A unix socket refuses connections beyond this number that wait to be accepted.
    request_queue_size = 1024

    def __init__(self, owner: Server, family: socket.AddressFamily, address: Any) -> None:
        self.owner = owner
        self.address_family = family
        self._connections: list[tuple[threading.Thread, socket.socket]] = []
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self._serve,
            args=(request, client_address),
            name="imagewidget-testing-connection",
            daemon=True,
        )
        self._connections = [each for each in self._connections if each[0].is_alive()]
        self._connections.append((thread, request))
        thread.start()

    def end_connections(self) -> None:
        """End all connections, and wait for their threads."""
        for thread, connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _serve(self, request: socket.socket, address: Any) -> None:
        try:
            with contextlib.suppress(OSError):  # the client hung up
                self.finish_request(request, address)
        finally:
            self.shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def log_message(self, *_args: Any, **_options: Any) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_DELETE(self) -> None:
        self._respond()

    def _respond(self) -> None:
        request = self._request()
        answer = self.server.owner.respond(request)
        if isinstance(answer, Reply):
            self._reply(answer)
            return
        try:
            has_hung_up = self._send(request, answer)
        except OSError:
            has_hung_up = True
        self.close_connection = has_hung_up or answer.ending != "whole"
        if has_hung_up and not self.server.owner.is_stopping.is_set():
            self.server.owner.hung_up(request)

    def _request(self) -> Request:
        url = urlsplit(self.path)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self._exactly(int(self.headers.get("Content-Length") or 0))
        pairs = tuple(parse_qsl(url.query, keep_blank_values=True))
        headers = dict(self.headers.items())
        return Request(self.command, url.path, dict(pairs), headers, body, pairs)

    def _chunks(self) -> Iterator[bytes]:
        is_last = False
        while not is_last:
            length = int(self.rfile.readline() or b"0", 16)
            is_last = length == 0
            yield self._exactly(length + len(b"\r\n"))[:length]

    def _exactly(self, count: int) -> bytes:
        content = self.rfile.read(count)
        if len(content) < count:
            raise ConnectionResetError("The client hung up before the end of its request.")
        return content

    def _reply(self, answer: Reply) -> None:
        body = answer.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send(self, request: Request, answer: Stream) -> bool:
        """Send a stream; return whether the client hung up before its end."""
        if not answer.is_silent:
            self.send_response(_STREAMING)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for message in answer.messages:
                line = message if isinstance(message, bytes) else _line(message)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        if answer.is_silent or answer.ending == "hang":
            self.server.owner.waiting(request)
            while self.connection.recv(1):
                """Ignore what the client still sends."""
            return True
        if answer.ending == "whole":
            self.wfile.write(b"0\r\n\r\n")
        return False


def _line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\r\n"
