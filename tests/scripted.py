"""A scripted engine, for answers that a real engine does not give on demand.

What an engine does on demand is scripted with :class:`imagewidget.testing.ScriptedEngine`.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from imagewidget.engine.connection.client import Client
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.testing.server import Reply, Request, Server
from imagewidget.testing.server import Stream as Answer

__all__ = ["VERSION", "Answer", "ScriptedEngine", "failure", "refusal"]

VERSION = {"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "26.1.5", "Os": "linux"}


def refusal(status: int, message: str) -> Reply:
    """Return an answer that is an HTTP error."""
    return Reply({"message": message}, status)


def failure(message: str) -> Answer:
    """Return an answer that reports an error inside the stream."""
    return Answer([{"errorDetail": {"message": message}, "error": message}])


class ScriptedEngine:
    """An engine that listens on a socket in `directory` until it is stopped.

    Attributes:
        version: The answer to `/version`: a JSON value, or bytes to send unchanged.
        pulls: The answers to pulls, in order; the last one is repeated.
        build: The answer to every build.
        first: Answers that come before the usual ones, by the end of the path.
        refused: Paths that are answered with HTTP 403.
        images: The images that it has, by the name in the request.
        about: The answer to `/info`.
        podman: The answer to `/info` of Podman's own API.
        asked: Every request received, except those for `/version`.
        hung_up: Set when a client disconnects in the middle of an answer.
        is_waiting: Set when an answer is waiting for the client to disconnect.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "engine.sock"
        self.version: Any = VERSION
        self.pulls: list[Answer | Reply] = [Answer()]
        self.build: Answer | Reply = Answer()
        self.first: dict[str, list[Answer | Reply]] = {}
        self.refused: set[str] = set()
        self.images: dict[str, dict[str, Any]] = {}
        self.about: dict[str, Any] = {}
        self.podman: dict[str, Any] = {}
        self.asked: list[Request] = []
        self.hung_up = threading.Event()
        self.is_waiting = threading.Event()
        self._server = Server(
            self._respond,
            directory,
            waiting=lambda _: (self.hung_up.clear(), self.is_waiting.set()),
            hung_up=lambda _: self.hung_up.set(),
        )

    @property
    def url(self) -> str:
        """The address, as in `DOCKER_HOST`."""
        return self._server.url

    @property
    def client(self) -> Client:
        """What operations use of this engine, newly made; `iw.connect(url)` is for users."""
        return Client(Endpoint(self.url))

    def asked_for(self, path: str) -> list[Request]:
        """Return every request whose path ends with `path`."""
        return [each for each in self.asked if each.path.endswith(path)]

    def stop(self) -> None:
        """Stop the server and release every client that waits for an answer."""
        self._server.stop()

    def _respond(self, request: Request) -> Answer | Reply:
        route = request.route
        if route == "/version":
            return Reply(self.version)
        self.asked.append(request)
        first = next((each for end, each in self.first.items() if route.endswith(end)), None)
        if first:
            return first.pop(0)
        return self._work(route) if request.method == "POST" else self._described(route)

    def _described(self, route: str) -> Reply:
        if route in self.refused:
            return Reply(b"<html><body><h1>403 Forbidden</h1></body></html>", 403)
        known = {"/info": self.about, "/networks": [], "/v4.0.0/libpod/info": self.podman}
        if route in known:
            return Reply(known[route])
        if route.startswith("/images/"):
            name = route.removeprefix("/images/").removesuffix("/json")
            found = self.images.get(name)
            return Reply(found) if found else refusal(404, f"No such image: {name}")
        return Reply(b"OK")

    def _work(self, route: str) -> Answer | Reply:
        if route == "/images/create":
            return self.pulls.pop(0) if len(self.pulls) > 1 else self.pulls[0]
        return self.build if route == "/build" else Reply(b"", 201)
