"""The files that a session serves, on disk or in memory, behind one interface."""

from __future__ import annotations

import os
import stat as modes
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Protocol

from imagewidget.engine.buildkit.files.followpaths import followed, without_covered
from imagewidget.engine.buildkit.files.packets import stat_packet
from imagewidget.engine.context.context import (
    Check,
    Context,
    DirectoryContext,
    Entry,
    MemoryContext,
    RemoteContext,
    unchecked,
    unreadable,
)
from imagewidget.engine.context.ignore import PathPatterns

PIECE = 1 << 18
"""The maximum number of bytes to read at once."""

_READ = os.O_RDONLY
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
    # A file may have become a link or a pipe since the walk: do not follow it or wait for it.
    _READ |= getattr(os, _name, 0)


class Tree(Protocol):
    """The files that :mod:`imagewidget.engine.buildkit.files.filesync` serves."""

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Return include patterns for paths that may be links; None includes everything."""

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Yield the entries of the tree in fsutil's order."""

    def stat(self, entry: Entry) -> bytes:
        """Return the packet that describes an entry."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file.

        Raises:
            InvalidContext: The file cannot be read.
        """


def tree_of(context: Context, check: Check = unchecked) -> Tree:
    """Return the tree of a build context.

    Args:
        context: The directory, or the files in memory.
        check: Called for every entry in a walk of a directory.
    """
    if isinstance(context, DirectoryContext):
        return DirectoryTree(context, check)
    if isinstance(context, MemoryContext):
        return MemoryTree(context)
    if isinstance(context, RemoteContext):
        return MemoryTree(MemoryContext({}))  # the engine clones it
    raise TypeError(f"no tree for {type(context).__name__}")


class DirectoryTree:
    """A directory on this machine; see :func:`tree_of` for `check`."""

    def __init__(self, context: DirectoryContext, check: Check = unchecked) -> None:
        self._context = context
        self._check = check
        self._root = os.fspath(context.root)

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Return include patterns for paths that may be links; None includes everything."""
        return followed(self._root, paths)

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Yield the entries of the tree in fsutil's order."""
        return self._context.entries(excludes, includes, self._check)

    def stat(self, entry: Entry) -> bytes:
        """Return the packet that describes an entry."""
        return stat_packet(entry)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file; nothing if it was deleted since the walk, as fsutil does.

        Raises:
            InvalidContext: The file cannot be read, or is no longer a file.
        """
        try:
            file = os.open(os.path.join(self._root, path), _READ)  # noqa: PTH118
        except FileNotFoundError:
            return
        except OSError as error:
            raise unreadable(path, error) from None
        try:
            stat = os.fstat(file)
            if not modes.S_ISREG(stat.st_mode):
                raise FileNotFoundError
            # One byte more than the size: a small file needs no large buffer and no second read.
            size = min(stat.st_size + 1, PIECE)
            while data := os.read(file, size):
                yield data
                if len(data) < size:
                    break
        except OSError as error:
            raise unreadable(path, error) from None
        finally:
            os.close(file)


class MemoryTree:
    """Files in memory."""

    def __init__(self, context: MemoryContext) -> None:
        self._context = context

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Return the paths themselves: there are no links in memory."""
        return without_covered(sorted(path.strip("/") or "." for path in paths))

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Yield the entries of the tree in fsutil's order."""
        return self._context.entries(excludes, includes)

    def stat(self, entry: Entry) -> bytes:
        """Return the packet that describes an entry.

        The engine considers a file with the same size and time unchanged. The time
        is therefore derived from the content, within the first second of 1970.
        """
        content = self._context.files.get(entry.path, b"")
        digest = blake2b(content, digest_size=8).digest()
        return stat_packet(entry, modified=int.from_bytes(digest, "big") % 1_000_000_000)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file."""
        content = self._context.files[path]
        for start in range(0, len(content), PIECE):
            yield content[start : start + PIECE]
