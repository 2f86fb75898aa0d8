"""The process behind the stand-ins: a proxy in front of a registry that can simulate faults.

It answers as ``ghcr.io`` and ``docker.io`` (over HTTPS, with certificates of the rig's authority)
and as a slow plain registry, and forwards requests to the seeded registry.
``python -m tests.rig.front`` starts it.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar, cast

from tests.rig.control import ControlHandler, Door
from tests.rig.faults import Fault, kind_of
from tests.rig.names import certificate
from tests.rig.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable

_FORWARDED = ("Accept", "Range", "If-None-Match")
_RETURNED = (
    "Content-Type",
    "Content-Length",
    "Content-Range",
    "Accept-Ranges",
    "Docker-Content-Digest",
    "Docker-Distribution-Api-Version",
    "ETag",
)
_HANDSHAKE = 10.0


@dataclass(frozen=True)
class House:
    """The registry behind a door."""

    upstream: str
    """``host:port`` of the seeded registry."""
    prefix: str
    """The prefix of repository names there, such as ``ghcr.io/``."""


class FrontHandler(BaseHTTPRequestHandler):
    """A connection from an engine."""

    protocol_version = "HTTP/1.1"
    # Engines try HTTPS first, and fall back to HTTP only if they receive an HTTP response.
    default_request_version = "HTTP/1.1"
    door: ClassVar[Door]
    house: ClassVar[House]

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Log nothing; the door records the requests."""

    def _serve(self) -> None:
        target, repository = kind_of(self.path)
        fault = self.door.fault_for(self.command, target, repository)
        if fault:
            status = self._refuse(fault)
        elif target == "ping":
            status = self._answer(200, "application/json", b"{}")
        elif repository:
            status = self._pass_on(target, repository)
        else:
            status = self._answer(404, "application/json", b"{}")
        self.door.note(self.command, self.path, status)

    def _refuse(self, fault: Fault) -> int:
        return self._answer(fault.status or 500, "application/json", fault.body())

    def _answer(self, status: int, kind: str, body: bytes) -> int:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return status

    def _pass_on(self, target: str, repository: str) -> int:
        path = self.path.replace(f"/v2/{repository}/", f"/v2/{self.house.prefix}{repository}/", 1)
        # Engines send a separate `Accept` header for each media type.
        given = {name: self.headers.get_all(name, ()) for name in _FORWARDED}
        headers = {name: ", ".join(values) for name, values in given.items() if values}
        upstream = http.client.HTTPConnection(self.house.upstream, timeout=30)
        try:
            upstream.request(self.command, path, headers=headers)
            answer = upstream.getresponse()
            self.send_response(answer.status)
            for name in _RETURNED:
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                size = int(answer.getheader("Content-Length") or 0)
                fault = self.door.fault_for(self.command, target, repository, size)
                self._send_body(answer, fault)
        finally:
            upstream.close()
        return answer.status

    def _send_body(self, answer: http.client.HTTPResponse, fault: Fault | None) -> None:
        left = fault.after if fault else None
        while chunk := answer.read(self.door.pace.chunk if left is None else min(left, 65_536)):
            self.door.pace.wait_for(len(chunk))
            self.wfile.write(chunk)
            if left is not None:
                left -= len(chunk)
            if left == 0:
                break
        if fault and left == 0:
            self.wfile.flush()
            if fault.ending == "stall":
                self._stall(answer)
            else:
                self._hang_up()

    def _stall(self, answer: http.client.HTTPResponse) -> None:
        """Send nothing until new orders arrive, then continue; hang up if the engine gives up."""
        told = self.door.told
        while self.door.told == told:
            if select.select([self.connection], [], [], 0.2)[0]:
                self._hang_up()
                return
        self._send_body(answer, None)

    def _hang_up(self) -> None:
        """Reset the connection in the middle of a body."""
        self.close_connection = True
        # Linger on, with a timeout of zero: the other side sees a reset (socket(7), SO_LINGER).
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Front(ThreadingHTTPServer):
    """Listens for engines, with TLS if `context` is set."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(address, handler)
        self._context = context

    def finish_request(self, request: object, client_address: object) -> None:
        """Do the TLS handshake in the connection's thread, so that it blocks no other."""
        connection = cast("socket.socket", request)
        if self._context:
            connection.settimeout(_HANDSHAKE)
            connection = self._context.wrap_socket(connection, server_side=True)
            connection.settimeout(None)
        make = cast("Callable[[socket.socket, object, Front], object]", self.RequestHandlerClass)
        make(connection, client_address, self)
        connection.close()

    def handle_error(self, *_: object) -> None:
        """Ignore errors: in half of the tests the engine hangs up."""


def serve(places: Places) -> None:
    """Open all doors and serve forever."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(places)[0])
    upstream = places.host("registry")
    doors = {"ghcr": Door(), "dockerhub": Door(), "slow": Door()}
    prefixes = {"ghcr": "ghcr.io/", "dockerhub": "docker.io/", "slow": ""}
    for name, door in doors.items():
        house = House(upstream, prefixes[name])
        handler = type(f"Front_{name}", (FrontHandler,), {"door": door, "house": house})
        front = Front(places.address(name), handler, context if name != "slow" else None)
        threading.Thread(target=front.serve_forever, daemon=True).start()
    control = type("Control", (ControlHandler,), {"doors": doors})
    Front(places.address("fronts"), control).serve_forever()


if __name__ == "__main__":
    serve(Places.from_environment())
