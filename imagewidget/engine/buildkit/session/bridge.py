"""Make any connection look like a plain socket.

An event loop can use an operating system's socket directly. It cannot use a TLS
session that is already open, an ssh channel or a named pipe: those get a pair of
sockets, and threads that carry bytes between the pair and the connection.
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
        socket: The socket; the caller owns and closes it.
        leftover: Bytes that were received before the first byte that `socket` returns.
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
            # The session has a duplicate descriptor now, so HTTP's can be closed.
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
        """Close the connection to the engine and wait for the threads to finish."""
        if self._inner is not None:
            with contextlib.suppress(OSError):
                self._inner.shutdown(socket.SHUT_RDWR)
        if isinstance(self._hijacked.connection, ssl.SSLSocket):
            # Wakes the thread even if the engine reads nothing. Uses the plain socket's
            # method, because OpenSSL allows only one thread at a time.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._hijacked.connection, socket.SHUT_RDWR)
        else:
            self._hijacked.close()
        for thread in self._threads:
            # A pipe that does not wake its reader must not block the caller forever.
            thread.join(_PATIENCE)
        self._hijacked.close()
        if self._inner is not None:
            self._inner.close()

    def _start(
        self, name: str, carry: Callable[..., None], inner: socket.socket, *args: Any
    ) -> None:
        def run() -> None:
            # Any error ends the connection; closing it notifies the other end.
            with contextlib.suppress(Exception):
                carry(inner, *args)
            with contextlib.suppress(OSError):
                inner.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=run, name=f"imagewidget-bridge-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()


def _carry_up(inner: socket.socket, connection: Any) -> None:
    """Carry bytes to the engine."""
    while data := inner.recv(_CHUNK):
        connection.sendall(data)


def _carry_down(inner: socket.socket, hijacked: Hijacked) -> None:
    """Carry bytes from the engine."""
    read = _reading(hijacked)
    while data := read():
        inner.sendall(data)


def _carry_tls(inner: socket.socket, outer: ssl.SSLSocket, first: bytes) -> None:
    """Carry bytes both ways on one thread, because OpenSSL allows only one at a time."""
    inner.setblocking(False)
    outer.setblocking(False)
    up, down = bytearray(), bytearray(first)
    with selectors.DefaultSelector() as selector:
        while True:
            _watch(selector, inner, readable=not up, writable=bool(down))
            _watch(selector, outer, readable=not down, writable=bool(up))
            # The selector does not see bytes that OpenSSL has already decrypted.
            selector.select(0 if outer.pending() and not down else None)
            if not down:
                _receive(outer, down)
            if not up:
                _receive(inner, up)
            _send(inner, down)
            _send(outer, up)


def _reading(hijacked: Hijacked) -> Callable[[], bytes]:
    """Return a function that reads the next bytes."""
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
    """Register `end` for the events that can be handled now, and for no others."""
    events = (selectors.EVENT_READ if readable else 0) | (selectors.EVENT_WRITE if writable else 0)
    if end in selector.get_map():
        selector.unregister(end)
    if events:
        selector.register(end, events)


def _receive(end: socket.socket, into: bytearray) -> None:
    """Append the bytes that are available to `into`.

    Raises:
        EOFError: The other side has closed the connection.
    """
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        data = end.recv(_CHUNK)
        if not data:
            raise EOFError
        into += data


def _send(end: socket.socket, data: bytearray) -> None:
    """Send as much of `data` as possible without blocking, and remove it from `data`."""
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        while data:
            # OpenSSL requires that a refused write is retried with the same bytes.
            sent = end.send(bytes(data[:_CHUNK]))
            del data[:sent]
