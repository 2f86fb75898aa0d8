"""Build contexts: the files of a directory, or files in memory."""

from __future__ import annotations

import os
import stat as modes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from imagewidget.engine.context.ignore import PathPatterns
from imagewidget.engine.context.walk import (
    EVERYTHING,
    Check,
    Entry,
    is_readable,
    unchecked,
    unreadable,
    walk,
)
from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.progress.text.paths import flaw

__all__ = [
    "Check",
    "Context",
    "DirectoryContext",
    "Entry",
    "MemoryContext",
    "RemoteContext",
    "given_path",
    "is_readable",
    "resolve_root",
    "unchecked",
    "unreadable",
    "walk",
]


class Context(Protocol):
    """The source of a build's files."""

    def entries(
        self,
        excludes: PathPatterns = ...,
        includes: PathPatterns | None = ...,
        check: Check = ...,
    ) -> Iterator[Entry]:
        """Yield the entries of the context, in fsutil's order; see :func:`walk`."""
        ...

    def open(self, entry: Entry) -> BinaryIO:
        """Open the content of an entry whose `is_file` is true."""
        ...


@dataclass(frozen=True)
class DirectoryContext:
    """A directory on this machine; `root` is the directory itself, not a link to it."""

    root: Path

    def entries(
        self,
        excludes: PathPatterns = EVERYTHING,
        includes: PathPatterns | None = None,
        check: Check = unchecked,
    ) -> Iterator[Entry]:
        """Walk the directory; see :func:`walk`."""
        return walk(self.root, excludes, includes, check)

    def open(self, entry: Entry) -> BinaryIO:
        """Open a file.

        Raises:
            InvalidContext: It cannot be read, or it was deleted after the walk.
        """
        try:
            return open(entry.source, "rb")  # noqa: PTH123 - hot path; the caller closes it
        except OSError as error:
            raise unreadable(entry.path, error) from None


@dataclass(frozen=True)
class MemoryContext:
    """Files in memory only: the embedded environment, or a Dockerfile whose content was passed.

    Attributes:
        files: The content of each file by its relative path, with `/`.
    """

    files: Mapping[str, bytes] = field(repr=False)

    def entries(
        self,
        excludes: PathPatterns = EVERYTHING,
        includes: PathPatterns | None = None,
        check: Check = unchecked,
    ) -> Iterator[Entry]:
        """Yield the files and the directories that contain them."""
        directories = {
            path[:index] for path in self.files for index, mark in enumerate(path) if mark == "/"
        }
        for path in sorted({*self.files, *directories}, key=lambda path: path.split("/")):
            check()
            if excludes.matches(path) or not (includes is None or includes.matches(path)):
                continue
            content = self.files.get(path)
            mode = modes.S_IFDIR | 0o755 if content is None else modes.S_IFREG | 0o644
            stat = os.stat_result((mode, 0, 0, 1, 0, 0, len(content or b""), 0, 0, 0))
            yield Entry(path, "", stat)

    def open(self, entry: Entry) -> BinaryIO:
        """Open the content of a file."""
        return BytesIO(self.files[entry.path])


@dataclass(frozen=True)
class RemoteContext:
    """A Git repository, which the engine clones; no file of it is on this machine.

    Attributes:
        url: Its address, with `#REFERENCE:DIRECTORY` for a part of it.
    """

    url: str = field(repr=False)

    def entries(
        self,
        excludes: PathPatterns = EVERYTHING,  # noqa: ARG002 - the engine has the files
        includes: PathPatterns | None = None,  # noqa: ARG002
        check: Check = unchecked,  # noqa: ARG002
    ) -> Iterator[Entry]:
        """Yield nothing."""
        return iter(())

    def open(self, entry: Entry) -> BinaryIO:
        """Raise InvalidContext: there is nothing to open."""
        raise unreadable(entry.path)


def given_path(path: str | os.PathLike[str]) -> Path:
    """Return a path as the caller means it, with `~` expanded to a home directory.

    Raises:
        InvalidContext: It is not a valid path, or the user after the `~` is unknown.
    """
    if reason := flaw(str(path)):
        raise InvalidContext(f"{str(path)!r} is not a valid path: {reason}.")
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidContext(
            f"The home directory in `{path}` cannot be found.",
            hint="Write the full path instead of `~`.",
        ) from None


def resolve_root(context: str | os.PathLike[str]) -> Path:
    """Return the context directory itself, with links resolved.

    Raises:
        InvalidContext: It is missing, or it is not a directory.
    """
    path = given_path(context)
    try:
        root = path.resolve(strict=True)
    except FileNotFoundError:
        raise InvalidContext(
            f"There is no build context at `{path}`.",
            hint=f"Pass a directory that exists; a relative path is looked up in `{Path.cwd()}`.",
        ) from None
    except (OSError, RuntimeError) as error:
        raise InvalidContext(f"The build context `{path}` cannot be opened: {error}.") from None
    if not root.is_dir():
        raise InvalidContext(
            f"The build context `{path}` is a file.",
            hint="Pass its directory as the context, and a Dockerfile as `dockerfile=`.",
        )
    return root
