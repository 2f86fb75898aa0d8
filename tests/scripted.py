"""A scripted engine, for answers that a real engine cannot produce on demand."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.connection.endpoint import Endpoint

VERSION = {"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "26.1.5", "Os": "linux"}


@dataclass(frozen=True)
class Answer:
    """One answer to a pull or a build.

    Attributes:
        messages: The messages of the stream, or the single body of an error.
        status: The HTTP status; an error's body is `{"message": …}`.
        ending: Whether the stream is complete, cut off, or never ends.
        is_silent: Whether nothing is sent at all, not even the headers.
    """

    messages: Sequence[Any] = ()
    status: int = 200
    ending: Literal["whole", "cut", "hang"] = "whole"
    is_silent: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that the engine received."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)


def refusal(status: int, message: str) -> Answer:
    """Return an answer that is an HTTP error of the engine."""
    return Answer([{"message": message}], status)


def failure(message: str) -> Answer:
    """Return an answer that has an error in its stream."""
    return Answer([{"errorDetail": {"message": message}, "error": message}])


class ScriptedEngine:
    """An engine that listens on a socket in `directory` until it is stopped.

    Attributes:
        version: Its answer to `/version`: a JSON value, or bytes to send unchanged.
        pulls: The answers to pulls, in order; the last one is repeated.
        build: The answer to every build.
        refused: Paths that it answers with HTTP 403.
        images: Its images, by the name in the request.
        asked: Every request except those for `/version`.
        hung_up: Set when a client disconnects in the middle of an answer.
        is_waiting: Set when it waits for a client to disconnect.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "engine.sock"
        self.version: Any = VERSION
        self.pulls: list[Answer] = [Answer()]
        self.build = Answer()
        self.refused: set[str] = set()
        self.images: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self.hung_up = threading.Event()
        self.is_waiting = threading.Event()
        self._closing = threading.Event()
        self._server = _Server(str(self.path), _Handler)
        self._server.engine = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def client(self) -> DockerClient:
        """A new client for this engine."""
        return DockerClient(Endpoint(f"unix://{self.path}"))

    def asked_for(self, path: str) -> list[Asked]:
        """Return every request whose path ends with `path`."""
        return [each for each in self.asked if each.path.endswith(path)]

    def stop(self) -> None:
        """Stop the engine, and release every waiting client."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def next_pull(self) -> Answer:
        """Return the next answer to a pull."""
        return self.pulls.pop(0) if len(self.pulls) > 1 else self.pulls[0]

    def wait_for_hang_up(self, connection: Any) -> None:
        """Wait until the client disconnects, or the engine is stopped."""
        self.hung_up.clear()
        self.is_waiting.set()
        connection.settimeout(0.02)
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1):
                    self.hung_up.set()
                    return


class _Server(socketserver.ThreadingUnixStreamServer):
    engine: ScriptedEngine
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: many tests disconnect on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Print nothing."""

    def do_GET(self) -> None:
        path = self._note()
        engine = self.server.engine
        if path in engine.refused:
            self._send(403, b"<html><body><h1>403 Forbidden</h1></body></html>")
        elif path == "/version":
            self._send(200, engine.version)
        elif path in ("/info", "/networks"):
            self._send(200, {} if path == "/info" else [])
        elif path.startswith("/images/"):
            name = unquote(path.removeprefix("/images/").removesuffix("/json"))
            found = engine.images.get(name)
            self._send(200 if found else 404, found or {"message": f"No such image: {name}"})
        else:
            self._send(200, b"OK")

    def do_POST(self) -> None:
        path = self._note()
        if path == "/images/create":
            self._answer(self.server.engine.next_pull())
        elif path == "/build":
            self._answer(self.server.engine.build)
        else:
            self._send(201, b"")

    def _note(self) -> str:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while length := int(self.rfile.readline(), 16):
                self.rfile.read(length + 2)
            self.rfile.readline()
        url = urlsplit(self.path)
        parts = url.path.split("/", 2)
        path = f"/{parts[2]}" if parts[1].startswith("v1.") else url.path
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if path != "/version":
            asked = Asked(self.command, url.path, query, dict(self.headers.items()))
            self.server.engine.asked.append(asked)
        return path

    def _send(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, answer: Answer) -> None:
        if answer.is_silent:
            self.server.engine.wait_for_hang_up(self.connection)
            return
        if answer.status != 200:
            self._send(answer.status, answer.messages[0])
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for message in answer.messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\r\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        if answer.ending == "hang":
            self.server.engine.wait_for_hang_up(self.connection)
        if answer.ending == "whole":
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = answer.ending != "whole"
