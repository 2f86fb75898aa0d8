"""The files that a session serves, on disk or in memory, under one face."""

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
    unchecked,
    unreadable,
)
from imagewidget.engine.context.ignore import PathPatterns

PIECE = 1 << 18
"""Bytes that are read at once, at most."""

_READ = os.O_RDONLY
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
    # What was a file in the walk may be a link or a pipe by now: neither is followed or waited for.
    _READ |= getattr(os, _name, 0)


class Tree(Protocol):
    """What :mod:`imagewidget.engine.buildkit.files.filesync` serves."""

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Give include patterns for paths that may be links; None for everything."""

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Give what belongs to it, in fsutil's order."""

    def stat(self, entry: Entry) -> bytes:
        """Give the packet that says that an entry exists."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Read a file.

        Raises:
            InvalidContext: It cannot be read.
        """


def tree_of(context: Context, check: Check = unchecked) -> Tree:
    """Give the tree of a build's context.

    Args:
        context: Where its files are.
        check: Called for every entry that a walk of a directory comes by.
    """
    if isinstance(context, DirectoryContext):
        return DirectoryTree(context, check)
    if isinstance(context, MemoryContext):
        return MemoryTree(context)
    raise TypeError(f"no tree for {type(context).__name__}")


class DirectoryTree:
    """A directory on this machine; see :func:`tree_of` for `check`."""

    def __init__(self, context: DirectoryContext, check: Check = unchecked) -> None:
        self._context = context
        self._check = check
        self._root = os.fspath(context.root)

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Give include patterns for paths that may be links; None for everything."""
        return followed(self._root, paths)

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Give what belongs to it, in fsutil's order."""
        return self._context.entries(excludes, includes, self._check)

    def stat(self, entry: Entry) -> bytes:
        """Give the packet that says that an entry exists."""
        return stat_packet(entry)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Read a file.

        Raises:
            InvalidContext: It cannot be read, or is gone since the walk.
        """
        try:
            file = os.open(os.path.join(self._root, path), _READ)  # noqa: PTH118
        except OSError as error:
            raise unreadable(path, error) from None
        try:
            stat = os.fstat(file)
            if not modes.S_ISREG(stat.st_mode):
                raise FileNotFoundError
            # A file's own size spares small files a large buffer and a second read.
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
    """Files that are on no disk."""

    def __init__(self, context: MemoryContext) -> None:
        self._context = context

    def follow(self, paths: Sequence[str]) -> list[str] | None:
        """Give the paths: there are no links."""
        return without_covered(sorted(path.strip("/") or "." for path in paths))

    def walk(self, excludes: PathPatterns, includes: PathPatterns | None) -> Iterator[Entry]:
        """Give what belongs to it, in fsutil's order."""
        return self._context.entries(excludes, includes)

    def stat(self, entry: Entry) -> bytes:
        """Give the packet that says that an entry exists.

        The engine takes a file of the same size and time for the same file. So
        the time here, below a second, is made of the content.
        """
        content = self._context.files.get(entry.path, b"")
        digest = blake2b(content, digest_size=8).digest()
        return stat_packet(entry, modified=int.from_bytes(digest, "big") % 1_000_000_000)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Give a file's content."""
        content = self._context.files[path]
        for start in range(0, len(content), PIECE):
            yield content[start : start + PIECE]
