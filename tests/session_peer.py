"""The engine's end of a BuildKit session, for tests that need no engine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from grpclib.client import Channel
from grpclib.server import Server

from imagewidget.engine.buildkit.service import HEADER_ENCODING, Service


@asynccontextmanager
async def peer(services: Sequence[Service]) -> AsyncIterator[Channel]:
    """Serve `services` as a session does, and give the channel to call them by."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    server = Server(services)
    server._h2_config.header_encoding = HEADER_ENCODING
    transport, _ = await loop.connect_accepted_socket(server._protocol_factory, ours)
    channel = Channel()

    async def connect() -> object:
        _, protocol = await loop.create_connection(channel._protocol_factory, sock=theirs)
        return protocol

    channel._create_connection = connect  # type: ignore[assignment]
    try:
        yield channel
    finally:
        channel.close()
        transport.close()
        await asyncio.sleep(0)
