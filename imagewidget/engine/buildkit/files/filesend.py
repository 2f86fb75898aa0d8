"""Receive the files of a build's result from the engine.

`moby.filesync.v1.FileSend/DiffCopy` carries a directory as fsutil's packets, with the
roles of :mod:`imagewidget.engine.buildkit.files.filesync` exchanged, and an archive as plain
pieces of bytes (moby/buildkit `session/filesync/diffcopy.go`, tonistiigi/fsutil `receive.go`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from imagewidget.engine.buildkit.files.received import Received
from imagewidget.engine.buildkit.proto.filesync_pb2 import Packet
from imagewidget.engine.buildkit.proto.ssh_pb2 import BytesMessage
from imagewidget.engine.buildkit.session.handlers import Handlers, streaming
from imagewidget.engine.failure.errors import DockerError, InvalidContext

_METHOD = "/moby.filesync.v1.FileSend/DiffCopy"


class FileSend:
    """Writes what the engine sends to a directory or an archive.

    Args:
        kind: `local` for a directory, `tar` for an archive.
        path: The directory or the archive.

    Attributes:
        problem: The error if something could not be written, else None. More precise
            than the error that the engine then reports.
        size: The number of bytes that were written.
    """

    def __init__(self, kind: Literal["local", "tar"], path: Path) -> None:
        self._kind = kind
        self._path = path
        self.problem: DockerError | None = None
        self.size = 0

    def __mapping__(self) -> Handlers:
        if self._kind == "tar":
            return streaming(_METHOD, self.receive_archive, BytesMessage)
        return streaming(_METHOD, self.receive_directory, Packet)

    async def receive_archive(self, stream: Stream[BytesMessage, BytesMessage]) -> None:
        """Write an archive, which gets its name when it is complete.

        Raises:
            GRPCError: It cannot be written.
        """
        await stream.send_initial_metadata()
        try:
            with _replacing(self._path) as file:
                async for piece in stream:
                    file.write(piece.data)
                    self.size += len(piece.data)
        except OSError as error:
            raise self._failed(error) from error

    async def receive_directory(self, stream: Stream[Packet, Packet]) -> None:
        """Write the entries into the directory, and request the content of the files.

        Raises:
            GRPCError: One of them cannot be written.
        """
        await stream.send_initial_metadata()
        received = Received(self._path)
        try:
            received.begin()
            await _receive(stream, received)
        except (OSError, DockerError) as error:
            failure = self._failed(error)
            with contextlib.suppress(Exception):
                await stream.send_message(Packet(type=Packet.PACKET_ERR, data=_message(failure)))
            raise failure from error
        finally:
            received.close()
            self.size = received.size

    def _failed(self, error: OSError | DockerError) -> GRPCError:
        if isinstance(error, DockerError):
            self.problem = error
        else:
            reason = error.strerror or str(error)
            where = os.fspath(error.filename or self._path)
            self.problem = InvalidContext(
                f"`{where}` cannot be written: {reason}.",
                hint="Check the directory in `output` and its disk, then build again.",
            )
        return GRPCError(Status.ABORTED, self.problem.message)


async def _receive(stream: Stream[Packet, Packet], received: Received) -> None:
    """Receive packets until the engine has sent everything, then say so."""
    is_listed = False
    number = 0
    async for packet in stream:
        if packet.type == Packet.PACKET_ERR:
            raise DockerError(
                f"The engine could not send the files: {packet.data.decode('utf-8', 'replace')}"
            )
        if packet.type == Packet.PACKET_FIN:
            return
        if packet.type == Packet.PACKET_DATA:
            received.write(packet.ID, packet.data)
        elif packet.type == Packet.PACKET_STAT and packet.HasField("stat"):
            if received.add(number, packet.stat):
                await stream.send_message(Packet(type=Packet.PACKET_REQ, ID=number))
            number += 1
        elif packet.type == Packet.PACKET_STAT:
            is_listed = True
        if is_listed and not received.is_waiting:
            is_listed = False
            received.finish()
            await stream.send_message(Packet(type=Packet.PACKET_FIN))


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file, which replaces `path` unless an exception is raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with written.open("xb") as file:
            yield file
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _message(error: GRPCError) -> bytes:
    return (error.message or "").encode("utf-8", "replace")
