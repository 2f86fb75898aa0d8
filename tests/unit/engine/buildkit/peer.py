"""The engine's end of a BuildKit session, for tests that need no engine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from grpclib.client import Channel

from imagewidget.engine.buildkit.session.grpclib_parts import serve
from imagewidget.engine.buildkit.session.handlers import Service


@asynccontextmanager
async def peer(services: Sequence[Service]) -> AsyncIterator[Channel]:
    """Serve `services` as a session does, and yield the channel to call them with."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await serve(services, ours)
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
