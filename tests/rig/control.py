"""The state of a stand-in (orders, pace, record), and the server that receives its orders."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

from tests.rig.faults import Fault, Orders

_MOST_REQUESTS = 5_000
_CHUNKS_A_SECOND = 40


class Pace:
    """One speed limit for all connections of a door; it may change while data is being sent."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._lock = threading.Lock()
        self._free_at = 0.0

    @property
    def chunk(self) -> int:
        """How many bytes to send at a time, so that even a slow transfer is smooth."""
        return 65_536 if self.rate is None else int(min(65_536, 1 + self.rate / _CHUNKS_A_SECOND))

    def wait_for(self, size: int) -> None:
        """Sleep until `size` bytes may be sent."""
        if self.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + size / self.rate
            delay = self._free_at - now
        time.sleep(min(delay, 1.0))


class Door:
    """The state of one stand-in."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.told = 0
        """How often it has received orders; a stalled response waits for the next ones."""
        self._faults: list[Fault] = []
        self._requests: deque[tuple[str, str, int]] = deque(maxlen=_MOST_REQUESTS)
        self._lock = threading.Lock()

    def obey(self, orders: Orders) -> None:
        """Follow `orders` from now on, and begin a new record."""
        with self._lock:
            self._faults = list(orders.faults)
            self._requests.clear()
            self.pace.rate = orders.rate
            self.told += 1

    def fault_for(
        self, method: str, target: str, repository: str, size: int | None = None
    ) -> Fault | None:
        """Return the first rule that matches, and count it down.

        Args:
            method: The method of the request.
            target: What is requested: ``manifest``, ``blob`` and so on.
            repository: The repository that is requested.
            size: The length of the body, once it is known.
        """
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.times == 0 or not fault.fits(method, target, repository, size):
                    continue
                if fault.times is not None:
                    self._faults[index] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def note(self, method: str, path: str, status: int) -> None:
        """Record a request that was answered."""
        with self._lock:
            self._requests.append((method, path, status))

    def record(self) -> list[tuple[str, str, int]]:
        """Return method, path and status of every request since the last orders."""
        with self._lock:
            return list(self._requests)


class ControlHandler(BaseHTTPRequestHandler):
    """``PUT /NAME`` sends orders, ``GET /NAME`` returns the record."""

    doors: ClassVar[dict[str, Door]]

    def do_GET(self) -> None:
        door = self.doors.get(self.path.strip("/"))
        self._answer(200 if door else 404, json.dumps(door.record() if door else None).encode())

    def do_PUT(self) -> None:
        door = self.doors.get(self.path.strip("/"))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if door:
            door.obey(Orders.load(body))
        self._answer(200 if door else 404, b"null")

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
