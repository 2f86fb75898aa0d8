"""Let `RUN --mount=type=ssh` use the ssh agent of this machine.

Each connection inside the build becomes one stream of
`moby.sshforward.v1.SSH/ForwardAgent`, which carries the agent's protocol
(moby/buildkit `session/sshforward`). Keys never leave the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from imagewidget.engine.buildkit.proto.ssh_pb2 import (
    BytesMessage,
    CheckAgentRequest,
    CheckAgentResponse,
)
from imagewidget.engine.buildkit.session.handlers import Handlers, streaming, unary

DEFAULT = "default"
"""The id used when a Dockerfile does not name an agent."""

_CHUNK = 1 << 15


class SshAgents:
    """Forwards connections to ssh agents by id.

    Args:
        sockets: The paths of the agents' unix sockets, such as `$SSH_AUTH_SOCK`, by id.
    """

    def __init__(self, sockets: Mapping[str, str]) -> None:
        self._sockets = sockets

    def __mapping__(self) -> Handlers:
        service = "/moby.sshforward.v1.SSH"
        return {
            **unary(
                f"{service}/CheckAgent", self.check_agent, CheckAgentRequest, CheckAgentResponse
            ),
            **streaming(f"{service}/ForwardAgent", self.forward_agent, BytesMessage),
        }

    async def check_agent(self, stream: Stream[CheckAgentRequest, CheckAgentResponse]) -> None:
        """Answer if there is an agent with the id of the request.

        Raises:
            GRPCError: There is no such agent.
        """
        request = await stream.recv_message()
        self._socket(request.ID if request is not None else "")
        await stream.send_message(CheckAgentResponse())

    async def forward_agent(self, stream: Stream[BytesMessage, BytesMessage]) -> None:
        """Carry bytes between one connection in the build and the agent."""
        metadata: Mapping[str, object] = stream.metadata or {}
        identity = metadata.get("buildkit.ssh.id", DEFAULT)
        path = self._socket(str(identity))
        if not hasattr(asyncio, "open_unix_connection"):
            raise GRPCError(Status.UNIMPLEMENTED, "unix sockets are not supported on this system")
        try:
            reader, writer = await asyncio.open_unix_connection(path)
        except OSError as error:
            raise GRPCError(
                Status.UNAVAILABLE, f"cannot connect to the ssh agent: {error.strerror}"
            ) from None
        await stream.send_initial_metadata()
        back = asyncio.create_task(_carry_back(reader, stream))
        forth = asyncio.create_task(_carry_forth(stream, writer))
        try:
            await asyncio.wait((back, forth), return_when=asyncio.FIRST_COMPLETED)
            if forth.done():
                await forth
            # End the stream if the agent exits: ssh would wait for its answer forever.
            await back
        finally:
            back.cancel()
            forth.cancel()
            await asyncio.gather(back, forth, return_exceptions=True)
            writer.close()

    def _socket(self, identity: str) -> str:
        path = self._sockets.get(identity or DEFAULT)
        if path is None:
            raise GRPCError(Status.NOT_FOUND, f"unset ssh forward key {identity or DEFAULT}")
        return path


async def _carry_back(
    reader: asyncio.StreamReader, stream: Stream[BytesMessage, BytesMessage]
) -> None:
    """Carry bytes from the agent until it closes the connection or is killed."""
    while data := await _read(reader):
        await stream.send_message(BytesMessage(data=data))


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(_CHUNK)
    except OSError:
        return b""


async def _carry_forth(
    stream: Stream[BytesMessage, BytesMessage], writer: asyncio.StreamWriter
) -> None:
    """Carry bytes from the build until it has sent all or the agent is gone."""
    async for message in stream:
        try:
            writer.write(message.data)
            await writer.drain()
        except OSError:
            return
    with contextlib.suppress(OSError):
        writer.write_eof()
