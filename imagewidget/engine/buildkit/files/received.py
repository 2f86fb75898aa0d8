"""Write the entries of a directory that the engine sends.

The engine is not trusted: nothing is written outside of the directory. Files that are
there already stay, unless the result has one of the same name, as with buildx.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat as modes
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from imagewidget.engine.buildkit.files.packets import unix_mode
from imagewidget.engine.buildkit.proto.filesync_pb2 import Stat
from imagewidget.engine.failure.errors import DockerError, InvalidContext


@dataclass
class _File:
    """A regular file that the engine is asked for; it gets its name when it is complete."""

    path: Path
    stat: Stat
    written: Path | None = None
    file: BinaryIO | None = None


class Received:
    """The entries received so far.

    Args:
        root: The directory to write to.

    Attributes:
        size: The number of bytes in files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[int, _File] = {}
        self._directories: list[tuple[Path, Stat]] = []
        self._links: list[tuple[Path, Path]] = []
        self._safe: set[Path] = set()
        self.size = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the content of a file is missing."""
        return bool(self._files)

    def begin(self) -> None:
        """Create the directory.

        Raises:
            OSError: It cannot be created.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        self._root = self._root.resolve()

    def add(self, number: int, stat: Stat) -> bool:
        """Create an entry, and return whether its content has to be requested.

        Raises:
            OSError: It cannot be created.
            DockerError: It is outside of the directory, or of an unknown kind.
        """
        path = self._place(os.fsdecode(stat.path))
        mode = unix_mode(stat.mode)
        if modes.S_ISDIR(mode):
            self._make_directory(path, stat)
            return False
        if path.is_dir() and not path.is_symlink():
            raise InvalidContext(
                f"`{path}` is a directory, but a file in the result of the build.",
                hint="Remove it, or pass another `output`.",
            )
        linkname = os.fsdecode(stat.linkname)
        if modes.S_ISREG(mode) and not linkname:
            self._files[number] = _File(path, stat)
            return True
        if modes.S_ISREG(mode):
            # Its target may not be complete yet.
            self._links.append((path, self._place(linkname)))
            return False
        _remove(path)
        if modes.S_ISLNK(mode):
            path.symlink_to(linkname)
        elif modes.S_ISFIFO(mode):
            os.mkfifo(path)
        else:
            os.mknod(path, mode, os.makedev(stat.devmajor, stat.devminor))
        self._describe(path, stat)
        return False

    def write(self, number: int, data: bytes) -> None:
        """Write a piece of a file; an empty one ends it.

        Raises:
            OSError: It cannot be written.
            DockerError: It was not requested.
        """
        one = self._files.get(number)
        if one is None:
            raise DockerError(f"The engine sent file {number}, which was not requested.")
        if one.file is None:
            one.written = one.path.with_name(f".tmp.{secrets.token_hex(8)}")
            one.file = open(one.written, "xb")  # noqa: PTH123, SIM115 - closed at its end
        if data:
            one.file.write(data)
            self.size += len(data)
            return
        one.file.close()
        written = one.written
        assert written is not None  # noqa: S101 - set together with the file
        self._describe(written, one.stat)
        written.replace(one.path)
        del self._files[number]

    def finish(self) -> None:
        """Make the hard links, and set the times of directories, which files have changed.

        Raises:
            OSError: One of them cannot be made.
        """
        for path, target in self._links:
            _remove(path)
            os.link(target, path, follow_symlinks=False)
        for path, stat in reversed(self._directories):
            self._describe(path, stat)

    def close(self) -> None:
        """Remove what is incomplete."""
        for one in self._files.values():
            if one.file is not None and one.written is not None:
                one.file.close()
                one.written.unlink(missing_ok=True)
        self._files.clear()

    def _place(self, name: str) -> Path:
        """Return where an entry belongs.

        Raises:
            DockerError: That is outside of the directory, perhaps through a link.
        """
        parts = name.strip("/").split("/")
        path = self._root.joinpath(*parts)
        is_plain = not {"", ".", ".."} & {*parts} and path.parent.is_relative_to(self._root)
        if not is_plain or not self._is_inside(path.parent):
            raise DockerError(
                f"The engine sent `{name}`, which is outside of the output directory.",
                hint="Pass an empty directory as `output`; a link in this one leads out of it.",
            )
        return path

    def _is_inside(self, directory: Path) -> bool:
        """Return whether a directory exists, and is not reached through a link.

        A directory is sent before what is in it. If it does not exist, a link could
        still take its place.
        """
        if directory not in self._safe:
            if not directory.is_dir() or directory.resolve() != directory:
                return False
            self._safe.add(directory)
        return True

    def _make_directory(self, path: Path, stat: Stat) -> None:
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            path.unlink()
        path.mkdir(exist_ok=True)
        # Its own mode may not allow to write to it.
        path.chmod(modes.S_IMODE(unix_mode(stat.mode)) | 0o700)
        self._directories.append((path, stat))

    def _describe(self, path: Path, stat: Stat) -> None:
        """Set an entry's mode, time and attributes; its owner is the user, as with buildx."""
        mode = unix_mode(stat.mode)
        for name, value in stat.xattrs.items() if hasattr(os, "setxattr") else ():
            with contextlib.suppress(OSError):
                os.setxattr(path, name, value, follow_symlinks=False)
        if not modes.S_ISLNK(mode):
            path.chmod(modes.S_IMODE(mode))
        times = (stat.modTime, stat.modTime)
        if os.utime in os.supports_follow_symlinks:
            os.utime(path, ns=times, follow_symlinks=False)
        elif not modes.S_ISLNK(mode):
            os.utime(path, ns=times)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
