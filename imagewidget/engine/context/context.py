"""What belongs to a build context: a directory's files, or files in memory."""

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

__all__ = [
    "Check",
    "Context",
    "DirectoryContext",
    "Entry",
    "MemoryContext",
    "given_path",
    "is_readable",
    "resolve_root",
    "unchecked",
    "unreadable",
    "walk",
]


class Context(Protocol):
    """Where the files of a build come from."""

    def entries(
        self,
        excludes: PathPatterns = ...,
        includes: PathPatterns | None = ...,
        check: Check = ...,
    ) -> Iterator[Entry]:
        """Give what belongs to it, in fsutil's order; see :func:`walk`."""
        ...

    def open(self, entry: Entry) -> BinaryIO:
        """Open the content of an entry that `is_file`."""
        ...


@dataclass(frozen=True)
class DirectoryContext:
    """A directory on this machine; `root` is the directory itself, no link to it."""

    root: Path

    def entries(
        self,
        excludes: PathPatterns = EVERYTHING,
        includes: PathPatterns | None = None,
        check: Check = unchecked,
    ) -> Iterator[Entry]:
        """Walk it; see :func:`walk`."""
        return walk(self.root, excludes, includes, check)

    def open(self, entry: Entry) -> BinaryIO:
        """Open a file.

        Raises:
            InvalidContext: It cannot be read, or is gone since the walk.
        """
        try:
            return open(entry.source, "rb")  # noqa: PTH123 - hot path; the caller closes it
        except OSError as error:
            raise unreadable(entry.path, error) from None


@dataclass(frozen=True)
class MemoryContext:
    """Files that are on no disk: the embedded environment, or a Dockerfile given as text.

    Attributes:
        files: Their content by relative path, with `/`.
    """

    files: Mapping[str, bytes] = field(repr=False)

    def entries(
        self,
        excludes: PathPatterns = EVERYTHING,
        includes: PathPatterns | None = None,
        check: Check = unchecked,
    ) -> Iterator[Entry]:
        """Give the files and the directories that they are in."""
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


def given_path(path: str | os.PathLike[str]) -> Path:
    """Give a path as the caller means it, with `~` for the home of a user.

    Raises:
        InvalidContext: That is no path, or of an unknown user.
    """
    try:
        found = Path(path).expanduser()
    except RuntimeError:
        raise InvalidContext(
            f"`{path}` is in the home of a user who is not known here.",
            hint="Write the whole path.",
        ) from None
    if "\0" in str(found):
        raise InvalidContext(f"{str(path)!r} has a zero byte in it, which no path can have.")
    return found


def resolve_root(context: str | os.PathLike[str]) -> Path:
    """Find the context directory itself, following links.

    Raises:
        InvalidContext: It is missing, or not a directory.
    """
    path = given_path(context)
    try:
        root = path.resolve(strict=True)
    except FileNotFoundError:
        raise InvalidContext(
            f"There is no build context at `{path}`.",
            hint=f"The path is taken from `{Path.cwd()}`; give a directory that exists.",
        ) from None
    except (OSError, RuntimeError) as error:
        raise InvalidContext(f"The build context `{path}` cannot be opened: {error}.") from None
    if not root.is_dir():
        raise InvalidContext(
            f"The build context `{path}` is a file.",
            hint="Give its directory as the context, and a Dockerfile as `dockerfile=`.",
        )
    return root
