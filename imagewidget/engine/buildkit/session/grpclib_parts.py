"""gRPC on a socket that is there already, and messages written as they are.

grpclib serves on sockets of its own and takes one message at a time. What more is
needed are parts of it and of h2 without a promise that they stay; they are used
here and nowhere else: `tests/unit/test_private_parts.py` names them.
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

# A library must not print on its own; whoever wants grpclib's log configures it.
logging.getLogger("grpclib").addHandler(logging.NullHandler())

LONGEST_HEADERS = 1 << 24
"""Bytes of a call's headers. A `.dockerignore` comes in them, each of its lines as one."""


async def serve(
    services: Sequence[Service], connection: socket.socket
) -> tuple[asyncio.Transport, asyncio.Protocol]:
    """Begin to answer calls on a socket.

    Returns:
        The connection and what reads it, on the loop that runs.
    """
    server = Server(services)
    # Engines up to 20.10 send a path in a header as it is; every byte must come through.
    server._h2_config.header_encoding = HEADER_ENCODING
    transport, protocol = await asyncio.get_running_loop().connect_accepted_socket(
        server._protocol_factory,
        connection,
    )
    http = protocol.connection._connection
    http.update_settings({SettingCodes.MAX_HEADER_LIST_SIZE: LONGEST_HEADERS})
    # h2 would take its own setting only when the engine has acknowledged it.
    http.decoder.max_header_list_size = LONGEST_HEADERS
    protocol.connection.flush()
    return transport, protocol


async def write(stream: Stream[Any, Any], data: bytes) -> None:
    """Send messages that are encoded and framed already, any number at once."""
    await stream._stream.send_data(data)
