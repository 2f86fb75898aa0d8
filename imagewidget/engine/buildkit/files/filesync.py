"""Send the engine the files of the build context that it requests.

In `moby.filesync.v1.FileSync/DiffCopy` this side lists every entry that the build
can see (path, mode, size, time), the engine requests the content of the files that
it lacks, and this side sends them (tonistiigi/fsutil `send.go`, moby/buildkit
`session/filesync/filesync.go`). A repeated build therefore sends only what changed,
and only what the Dockerfile copies.
"""

from __future__ import annotations

import asyncio
import logging
import stat as modes
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from multidict import MultiDict

from imagewidget.engine.buildkit.files.followpaths import without_covered
from imagewidget.engine.buildkit.files.packets import (
    FINISHED,
    NO_MORE_STATS,
    data_packet,
    error_packet,
)
from imagewidget.engine.buildkit.files.path_table import Paths
from imagewidget.engine.buildkit.files.trees import PIECE, Tree
from imagewidget.engine.buildkit.proto.filesync_pb2 import Packet
from imagewidget.engine.buildkit.session import grpclib_parts
from imagewidget.engine.buildkit.session.handlers import HEADER_ENCODING, Handlers, streaming
from imagewidget.engine.context.context import Entry, unreadable
from imagewidget.engine.context.ignore import PathPatterns
from imagewidget.engine.failure.errors import DockerError

_logger = logging.getLogger(__name__)

PacketStream = Stream[Packet, Packet]

_BATCH = PIECE


class FileSync:
    """Serves trees of files by name.

    Args:
        trees: `context` and `dockerfile`, as the Dockerfile frontend calls them.

    Attributes:
        problem: The error if something could not be sent, else None. More precise
            than the error that the engine then reports.
    """

    def __init__(self, trees: Mapping[str, Tree]) -> None:
        self._trees = trees
        self.problem: DockerError | None = None

    def __mapping__(self) -> Handlers:
        return streaming("/moby.filesync.v1.FileSync/DiffCopy", self.diff_copy, Packet)

    async def diff_copy(self, stream: PacketStream) -> None:
        """Serve the entries of one tree that match the patterns of the request."""
        values_of = _metadata(stream)
        name = "".join(values_of("dir-name")[:1])
        if name not in self._trees:
            raise GRPCError(Status.NOT_FOUND, f"no access allowed to dir {name!r}")
        tree = self._trees[name]
        await stream.send_initial_metadata()
        try:
            includes = _includes(tree, values_of("include-patterns"), values_of("followpaths"))
            entries = tree.walk(PathPatterns(values_of("exclude-patterns")), includes)
            await _Sender(stream, tree, entries).run()
        except DockerError as error:
            problem = error
        except OSError as error:
            problem = unreadable(str(error.filename or "."), error)
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Otherwise the engine would only report an "Internal Server Error".
            _logger.debug("could not send the build context", exc_info=True)
            problem = DockerError(f"The build context could not be sent: {error}.")
        else:
            return
        self.problem = self.problem or problem
        await grpclib_parts.write(stream, error_packet(problem.message))


class _Sender:
    """Sends the entries of one walk, and the content of the files that are requested."""

    def __init__(self, stream: PacketStream, tree: Tree, entries: Iterator[Entry]) -> None:
        self._stream = stream
        self._tree = tree
        self._entries = entries
        self._paths = Paths()
        self._requestable = bytearray()
        self._wanted: deque[int] = deque()
        self._changed = asyncio.Event()
        self._is_finished = False

    async def run(self) -> None:
        """Send until the engine has everything it wants.

        Raises:
            InvalidContext: A file or directory cannot be read.
            DockerError: The engine requested something that it may not have.
        """
        reading = asyncio.create_task(self._read_requests())
        try:
            is_walking = True
            while not self._is_finished:
                if is_walking:
                    is_walking = await self._send_stats()
                if self._wanted:
                    await self._send_files()
                elif not is_walking:
                    self._changed.clear()
                    await self._changed.wait()
            await self._write([FINISHED])
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_requests(self) -> None:
        """Collect the engine's requests until it reports that it is done."""
        try:
            async for packet in self._stream:
                if packet.type == Packet.PACKET_REQ:
                    self._wanted.append(packet.ID)
                elif packet.type in (Packet.PACKET_FIN, Packet.PACKET_ERR):
                    break
                self._changed.set()
        finally:
            self._is_finished = True
            self._changed.set()

    async def _send_stats(self) -> bool:
        """Send one batch of entries and return whether there are more."""
        batch: list[bytes] = []
        room = _BATCH
        for entry in self._entries:
            self._paths.add(entry.path)
            self._requestable.append(modes.S_ISREG(entry.stat.st_mode))
            packet = self._tree.stat(entry)
            batch.append(packet)
            room -= len(packet)
            if room <= 0:
                await self._write(batch)
                return True
        await self._write([*batch, NO_MORE_STATS])
        return False

    async def _send_files(self) -> None:
        """Send one batch of requested files: many small ones, or one large one."""
        batch: list[bytes] = []
        room = _BATCH
        while room > 0 and self._wanted:
            number = self._wanted.popleft()
            self._mark_sent(number)
            for piece in self._tree.pieces(self._paths[number]):
                batch += data_packet(number, piece)
                room -= len(piece)
                if len(piece) == _BATCH:
                    await self._write(batch)
                    batch = []
            batch += data_packet(number, b"")
        await self._write(batch)

    def _mark_sent(self, number: int) -> None:
        """Record that a file is sent: only regular files are, each once (fsutil `send.go`).

        The engine is not trusted: the target of a link may be outside the
        context, and a pipe would never end.

        Raises:
            DockerError: The entry is not a regular file, or was already sent.
        """
        if number >= len(self._requestable) or not self._requestable[number]:
            raise DockerError(
                f"The engine requested entry {number} of the build context, which is not a file "
                "or was already sent."
            )
        self._requestable[number] = False

    async def _write(self, batch: list[bytes]) -> None:
        await grpclib_parts.write(self._stream, b"".join(batch))


def _includes(tree: Tree, patterns: list[str], links: list[str]) -> PathPatterns | None:
    """Combine patterns and followed paths; None includes everything."""
    found = tree.follow(links) if links else None
    if found is not None:
        patterns = without_covered([*patterns, *found]) or []
    return PathPatterns(patterns) if patterns else None


def _metadata(stream: PacketStream) -> Callable[[str], list[str]]:
    """Return a function that looks up the values of a header of the call.

    Values that are not ASCII arrive quoted (BuildKit's `encodeStringForHeader`),
    except from engines up to 20.10, which send them as they are.
    """
    headers: MultiDict[Any] = stream.metadata or MultiDict()

    def values_of(name: str) -> list[str]:
        found = [
            str(value).encode(HEADER_ENCODING).decode("utf-8", "surrogateescape")
            for value in headers.getall(name, [])
        ]
        is_quoted = "1" in headers.getall(f"{name}-encoded", [])
        return (
            [unquote_plus(value, errors="surrogateescape") for value in found]
            if is_quoted
            else found
        )

    return values_of
