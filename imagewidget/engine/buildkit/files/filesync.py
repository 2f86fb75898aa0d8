"""Send the engine what it asks for of the build context.

`moby.filesync.v1.FileSync/DiffCopy`, in which this side names every entry that
the build can see (path, mode, size, time), the engine asks for the content of
those that it lacks, and this side sends those (tonistiigi/fsutil `send.go`,
moby/buildkit `session/filesync/filesync.go`). So a repeated build sends only
what changed, and only what the Dockerfile copies.
"""

from __future__ import annotations

import asyncio
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

PacketStream = Stream[Packet, Packet]

_BATCH = PIECE


class FileSync:
    """Serves trees of files by name.

    Args:
        trees: `context` and `dockerfile`, as the Dockerfile frontend calls them.

    Attributes:
        problem: What could not be sent, as soon as that is known; the engine
            tells it too, but less well.
    """

    def __init__(self, trees: Mapping[str, Tree]) -> None:
        self._trees = trees
        self.problem: DockerError | None = None

    def __mapping__(self) -> Handlers:
        return streaming("/moby.filesync.v1.FileSync/DiffCopy", self.diff_copy, Packet)

    async def diff_copy(self, stream: PacketStream) -> None:
        """Answer one request for one tree, as far as its patterns reach."""
        asked = _metadata(stream)
        name = "".join(asked("dir-name")[:1])
        if name not in self._trees:
            raise GRPCError(Status.NOT_FOUND, f"no access allowed to dir {name!r}")
        tree = self._trees[name]
        await stream.send_initial_metadata()
        try:
            includes = _includes(tree, asked("include-patterns"), asked("followpaths"))
            entries = tree.walk(PathPatterns(asked("exclude-patterns")), includes)
            await _Sender(stream, tree, entries).run()
        except DockerError as error:
            problem = error
        except OSError as error:
            problem = unreadable(str(error.filename or "."), error)
        else:
            return
        self.problem = self.problem or problem
        await grpclib_parts.write(stream, error_packet(problem.message))


class _Sender:
    """One walk, and the content of the files that are asked for."""

    def __init__(self, stream: PacketStream, tree: Tree, entries: Iterator[Entry]) -> None:
        self._stream = stream
        self._tree = tree
        self._entries = entries
        self._paths = Paths()
        self._askable = bytearray()
        self._wanted: deque[int] = deque()
        self._news = asyncio.Event()
        self._is_finished = False

    async def run(self) -> None:
        """Send until the engine has all it wants.

        Raises:
            InvalidContext: Something cannot be read.
            DockerError: The engine asks for what it was not offered.
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
                    self._news.clear()
                    await self._news.wait()
            await self._write([FINISHED])
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_requests(self) -> None:
        """Collect what the engine wants, until it says that it has all."""
        try:
            async for packet in self._stream:
                if packet.type == Packet.PACKET_REQ:
                    self._wanted.append(packet.ID)
                elif packet.type in (Packet.PACKET_FIN, Packet.PACKET_ERR):
                    break
                self._news.set()
        finally:
            self._is_finished = True
            self._news.set()

    async def _send_stats(self) -> bool:
        """Send one batch of entries; say whether there are more."""
        batch: list[bytes] = []
        room = _BATCH
        for entry in self._entries:
            self._paths.add(entry.path)
            self._askable.append(modes.S_ISREG(entry.stat.st_mode))
            packet = self._tree.stat(entry)
            batch.append(packet)
            room -= len(packet)
            if room <= 0:
                await self._write(batch)
                return True
        await self._write([*batch, NO_MORE_STATS])
        return False

    async def _send_files(self) -> None:
        """Send one batch of what is wanted: many small files, or one large one."""
        batch: list[bytes] = []
        room = _BATCH
        while room > 0 and self._wanted:
            number = self._wanted.popleft()
            self._spend(number)
            for piece in self._tree.pieces(self._paths[number]):
                batch += data_packet(number, piece)
                room -= len(piece)
                if len(piece) == _BATCH:
                    await self._write(batch)
                    batch = []
            batch += data_packet(number, b"")
        await self._write(batch)

    def _spend(self, number: int) -> None:
        """Note that a file is served: each is once, and nothing else ever (fsutil `send.go`).

        An engine is not trusted: what a link points to may be outside the
        context, and a pipe would never end.

        Raises:
            DockerError: It is no file, or was served before.
        """
        if number >= len(self._askable) or not self._askable[number]:
            raise DockerError(
                f"The engine asked for entry {number} of the context, which is no file to be sent."
            )
        self._askable[number] = False

    async def _write(self, batch: list[bytes]) -> None:
        await grpclib_parts.write(self._stream, b"".join(batch))


def _includes(tree: Tree, patterns: list[str], links: list[str]) -> PathPatterns | None:
    """Put patterns and followed paths together; None for everything."""
    found = tree.follow(links) if links else None
    if found is not None:
        patterns = without_covered([*patterns, *found]) or []
    return PathPatterns(patterns) if patterns else None


def _metadata(stream: PacketStream) -> Callable[[str], list[str]]:
    """Give a function for the lists of text that came with a call.

    What is not ASCII comes quoted (BuildKit's `encodeStringForHeader`), from
    engines up to 20.10 as it is.
    """
    values: MultiDict[Any] = stream.metadata or MultiDict()

    def asked(name: str) -> list[str]:
        found = [
            str(value).encode(HEADER_ENCODING).decode("utf-8", "surrogateescape")
            for value in values.getall(name, [])
        ]
        is_quoted = "1" in values.getall(f"{name}-encoded", [])
        return (
            [unquote_plus(value, errors="surrogateescape") for value in found]
            if is_quoted
            else found
        )

    return asked
