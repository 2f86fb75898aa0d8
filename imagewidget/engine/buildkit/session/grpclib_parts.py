"""Serve gRPC on an existing socket, and write messages that are already encoded.

grpclib creates its own sockets and sends one message at a time. Doing otherwise takes
private parts of grpclib and h2, which may change; they are used in this module only,
and `tests/unit/test_private_parts.py` lists them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from typing import Any

from grpclib.server import Server, Stream
from h2.settings import SettingCodes

from imagewidget.engine.buildkit.session.handlers import HEADER_ENCODING, Service

# A library must not print log records unless the application configures logging.
logging.getLogger("grpclib").addHandler(logging.NullHandler())

LONGEST_HEADERS = 1 << 24
"""The limit for a call's headers, in bytes; each line of `.dockerignore` is one header."""


async def serve(
    services: Sequence[Service], connection: socket.socket
) -> tuple[asyncio.Transport, asyncio.Protocol]:
    """Start to answer calls on a socket.

    Returns:
        The transport and the protocol, on the running loop.
    """
    server = Server(services)
    # Engines up to 20.10 send paths in headers unencoded; every byte must be preserved.
    server._h2_config.header_encoding = HEADER_ENCODING
    transport, protocol = await asyncio.get_running_loop().connect_accepted_socket(
        server._protocol_factory,
        connection,
    )
    http = protocol.connection._connection
    http.update_settings({SettingCodes.MAX_HEADER_LIST_SIZE: LONGEST_HEADERS})
    # h2 would apply this setting only after the engine has acknowledged it.
    http.decoder.max_header_list_size = LONGEST_HEADERS
    protocol.connection.flush()
    return transport, protocol


async def write(stream: Stream[Any, Any], data: bytes) -> None:
    """Send any number of messages that are already encoded and framed."""
    await stream._stream.send_data(data)
