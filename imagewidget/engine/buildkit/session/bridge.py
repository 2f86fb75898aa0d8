"""Make any connection look like a plain socket.

An event loop takes an operating system's socket over as it is. It cannot take
over a TLS session that is already open, an ssh channel or a named pipe: those
get a pair of sockets, and threads that carry bytes between the two.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from imagewidget.engine.buildkit.session.hijack import Hijacked
from imagewidget.engine.connection.http_wire import read_ahead

_CHUNK = 1 << 16
_PATIENCE = 5.0


class Bridge:
    """A hijacked connection as a plain, non-blocking socket.

    Attributes:
        socket: Owned by whoever takes it.
        leftover: Bytes that belong before the first that the socket gives.
    """

    def __init__(self, hijacked: Hijacked) -> None:
        self._hijacked = hijacked
        self._inner: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self.leftover = b""
        if hijacked.is_plain:
            self.leftover = hijacked.leftover()
            self.socket = hijacked.connection.dup()
            self.socket.setblocking(False)
            # The session has its own descriptor now; HTTP's may go.
            hijacked.close()
            return
        self.socket, inner = socket.socketpair()
        self.socket.setblocking(False)
        self._inner = inner
        if isinstance(hijacked.connection, ssl.SSLSocket):
            self._start("tls", _carry_tls, inner, hijacked.connection, hijacked.leftover())
        else:
            self._start("up", _carry_up, inner, hijacked.connection)
            self._start("down", _carry_down, inner, hijacked)

    def close(self) -> None:
        """Close the far end and let the threads finish."""
        if self._inner is not None:
            with contextlib.suppress(OSError):
                self._inner.shutdown(socket.SHUT_RDWR)
        if isinstance(self._hijacked.connection, ssl.SSLSocket):
            # Wakes the thread, also where the far end reads nothing. The plain socket's own
            # method, for OpenSSL wants one thread at a time.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._hijacked.connection, socket.SHUT_RDWR)
        else:
            self._hijacked.close()
        for thread in self._threads:
            # A pipe that does not wake its reader must not hold the caller up for ever.
            thread.join(_PATIENCE)
        self._hijacked.close()
        if self._inner is not None:
            self._inner.close()

    def _start(
        self, name: str, carry: Callable[..., None], inner: socket.socket, *args: Any
    ) -> None:
        def run() -> None:
            # Whatever breaks a connection ends it: there is nobody to tell but the other end.
            with contextlib.suppress(Exception):
                carry(inner, *args)
            with contextlib.suppress(OSError):
                inner.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=run, name=f"imagewidget-bridge-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()


def _carry_up(inner: socket.socket, connection: Any) -> None:
    """Carry from here to the engine."""
    while data := inner.recv(_CHUNK):
        connection.sendall(data)


def _carry_down(inner: socket.socket, hijacked: Hijacked) -> None:
    """Carry from the engine to here."""
    read = _reading(hijacked)
    while data := read():
        inner.sendall(data)


def _carry_tls(inner: socket.socket, outer: ssl.SSLSocket, first: bytes) -> None:
    """Carry both ways on one thread, for OpenSSL wants one at a time."""
    inner.setblocking(False)
    outer.setblocking(False)
    up, down = bytearray(), bytearray(first)
    with selectors.DefaultSelector() as selector:
        while True:
            _watch(selector, inner, readable=not up, writable=bool(down))
            _watch(selector, outer, readable=not down, writable=bool(up))
            # What OpenSSL has decrypted already, no selector sees.
            selector.select(0 if outer.pending() and not down else None)
            if not down:
                _receive(outer, down)
            if not up:
                _receive(inner, up)
            _send(inner, down)
            _send(outer, up)


def _reading(hijacked: Hijacked) -> Callable[[], bytes]:
    """Give the function that reads whatever comes next."""
    if hasattr(hijacked.reader, "read1"):  # a named pipe

        def read() -> bytes:
            data: bytes = hijacked.reader.read1(_CHUNK)
            return data

        return read
    pending = read_ahead(hijacked.reader)

    def receive() -> bytes:
        nonlocal pending
        data, pending = pending or hijacked.connection.recv(_CHUNK), b""
        return data

    hijacked.connection.settimeout(None)
    return receive


def _watch(
    selector: selectors.BaseSelector, end: socket.socket, *, readable: bool, writable: bool
) -> None:
    """Wait for what is of use, and not for what could not be handled now."""
    events = (selectors.EVENT_READ if readable else 0) | (selectors.EVENT_WRITE if writable else 0)
    if end in selector.get_map():
        selector.unregister(end)
    if events:
        selector.register(end, events)


def _receive(end: socket.socket, into: bytearray) -> None:
    """Take what is there.

    Raises:
        EOFError: The other side is gone.
    """
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        data = end.recv(_CHUNK)
        if not data:
            raise EOFError
        into += data


def _send(end: socket.socket, data: bytearray) -> None:
    """Send what goes through now, and drop it from `data`."""
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        while data:
            # OpenSSL insists that a write it refused is tried again with the same bytes.
            sent = end.send(bytes(data[:_CHUNK]))
            del data[:sent]
