"""The walk over the directory of a build context.

It follows the docker CLI and BuildKit's `fsutil`: entries are sorted by the
components of their paths, a directory comes before its contents; symbolic links
stay links; a hard link to an earlier entry refers to that entry; an excluded
directory is included if it contains an exception; sockets cannot be sent and are
skipped.
"""

from __future__ import annotations

import os
import stat as modes
from collections.abc import Callable, Iterator
from typing import NamedTuple

from imagewidget.engine.context.ignore import TOP, PathPatterns, Verdicts
from imagewidget.engine.failure.errors import InvalidContext

EVERYTHING = PathPatterns()
"""No patterns: nothing is left out."""

Check = Callable[[], object]
"""A function that is called often during a long operation and stops it by raising."""


def unchecked() -> None:
    """Do nothing; the operation is never stopped."""


class Entry(NamedTuple):
    """One file, directory, link, pipe or device of a context.

    Attributes:
        path: Relative to the root, with `/`; undecodable bytes as surrogates.
        source: Its path on this machine.
        stat: The result of `lstat` during the walk.
        linkname: The unresolved target of a symbolic link, or the path of the
            earlier entry that a hard link refers to; otherwise empty.
    """

    path: str
    source: str
    stat: os.stat_result
    linkname: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return modes.S_ISDIR(self.stat.st_mode)

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return modes.S_ISLNK(self.stat.st_mode)

    @property
    def is_hardlink(self) -> bool:
        """Whether it is a hard link to an earlier entry, whose path is in `linkname`."""
        return bool(self.linkname) and not self.is_symlink

    @property
    def is_file(self) -> bool:
        """Whether it is a file whose content must be sent."""
        return modes.S_ISREG(self.stat.st_mode) and not self.linkname

    @property
    def size(self) -> int:
        """The size of its content in bytes; 0 unless it `is_file`."""
        return self.stat.st_size if self.is_file else 0


class _Verdict(NamedTuple):
    """The decision about an entry, and the verdicts that a directory passes on."""

    is_taken: bool
    is_entered: bool
    excluded: Verdicts
    included: Verdicts


class _Directory:
    """A directory being walked; `unsent` is its entry until something in it is taken."""

    __slots__ = ("children", "prefix", "unsent", "verdict")

    def __init__(
        self,
        children: Iterator[os.DirEntry[str]],
        prefix: str,
        verdict: _Verdict,
        unsent: Entry | None = None,
    ) -> None:
        self.children = children
        self.prefix = prefix
        self.verdict = verdict
        self.unsent = unsent


def walk(
    root: str | os.PathLike[str],
    excludes: PathPatterns = EVERYTHING,
    includes: PathPatterns | None = None,
    check: Check = unchecked,
) -> Iterator[Entry]:
    """Yield the entries that belong to the context, in fsutil's order.

    Siblings are sorted by the bytes of their names, and a directory's contents
    follow right after it, which is the order of fsutil's `ComparePath`. Directories
    that are excluded entirely are never opened.

    Args:
        root: The context directory, or a link to it.
        excludes: What to leave out.
        includes: If given, only matching entries are taken (BuildKit's
            `include-patterns` and resolved `followpaths`).
        check: Called for every entry, including those left out.

    Raises:
        InvalidContext: Something that belongs to the context cannot be read.
    """
    seen: dict[tuple[int, int], str] = {}
    top = _Verdict(is_taken=True, is_entered=True, excluded=TOP, included=TOP)
    above = [_Directory(_children(os.fspath(root), ""), "", top)]
    while above:
        here = above[-1]
        child = next(here.children, None)
        if child is None:
            above.pop()
            continue
        check()
        path = here.prefix + child.name
        is_directory = child.is_dir(follow_symlinks=False)
        verdict = _judge(path, here.verdict, excludes, includes)
        if not (verdict.is_taken or (is_directory and verdict.is_entered)):
            continue
        entry = _entry(child, path, seen)
        if entry is None:
            continue
        if verdict.is_taken:
            yield from _unsent(above)
            _remember(entry, seen)
            yield entry
        if is_directory and verdict.is_entered:
            children = _children(child.path, path, is_needed=verdict.is_taken)
            unsent = None if verdict.is_taken else entry
            above.append(_Directory(children, f"{path}/", verdict, unsent))


def _judge(
    path: str,
    parent: _Verdict,
    excludes: PathPatterns,
    includes: PathPatterns | None,
) -> _Verdict:
    """Decide whether an entry is taken and, if it is a directory, entered."""
    is_excluded, excluded = excludes.test(path, parent.excluded)
    is_entered = not is_excluded or excludes.may_match_below(path, exceptions=True)
    if includes is None:
        return _Verdict(not is_excluded, is_entered, excluded, TOP)
    is_included, included = includes.test(path, parent.included)
    is_entered = is_entered and (is_included or includes.may_match_below(path))
    return _Verdict(is_included and not is_excluded, is_entered, excluded, included)


def _unsent(above: list[_Directory]) -> Iterator[Entry]:
    """Yield the directories that are included because something in them is taken."""
    for directory in above:
        if directory.unsent is not None:
            yield directory.unsent
            directory.unsent = None


def is_readable(path: str | os.PathLike[str]) -> bool:
    """Return whether this process may read a file, by its effective ids."""
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.R_OK, effective_ids=effective)


def unreadable(path: str, error: OSError | None = None) -> InvalidContext:
    """Return the error for a `path` in the context that cannot be read.

    Args:
        path: Relative to the context; undecodable bytes are shown as `U+FFFD`.
        error: The reason; None for a lack of permission.
    """
    shown = os.fsencode(path or ".").decode("utf-8", "replace")
    if isinstance(error, FileNotFoundError):
        return InvalidContext(
            f"`{shown}` was deleted while the build context was being sent.",
            hint="Build again, and do not change the context during the build.",
        )
    reason, advice = "permission denied", "Make it readable"
    if error is not None and not isinstance(error, PermissionError):
        reason, advice = error.strerror or str(error), "Check the disk it is on"
    return InvalidContext(
        f"`{shown}` in the build context cannot be read: {reason}.",
        hint=f"{advice}, or add it to `.dockerignore` if the build does not need it.",
    )


def _children(directory: str, path: str, *, is_needed: bool = True) -> Iterator[os.DirEntry[str]]:
    """Return the entries of a directory, sorted by the bytes of their names."""
    try:
        with os.scandir(directory) as listing:
            return _emptied(sorted(listing, key=_name_bytes, reverse=True))
    except (FileNotFoundError, NotADirectoryError):
        # It was deleted during the walk; fsutil and the docker CLI skip it, too.
        return iter(())
    except OSError as error:
        if isinstance(error, PermissionError) and not is_needed:
            return iter(())
        raise unreadable(path, error) from None


def _emptied(entries: list[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """Yield entries from the end, releasing each one, since it caches its `stat` result."""
    while entries:
        yield entries.pop()


def _name_bytes(entry: os.DirEntry[str]) -> bytes:
    return os.fsencode(entry.name)


def _entry(
    child: os.DirEntry[str],
    path: str,
    seen: dict[tuple[int, int], str],
) -> Entry | None:
    """Return one entry; None if it is a socket, or if it was deleted during the walk."""
    try:
        stat = child.stat(follow_symlinks=False)
        if os.name == "nt":
            stat = os.lstat(child.path)  # scandir has no inode there
        mode = stat.st_mode
        if modes.S_ISLNK(mode):
            # Path.readlink would normalise the target: "./a" to "a".
            return Entry(path, child.path, stat, os.readlink(child.path))  # noqa: PTH115
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from None
    if modes.S_ISSOCK(mode):
        return None
    if stat.st_nlink > 1 and not modes.S_ISDIR(mode):
        return Entry(path, child.path, stat, seen.get((stat.st_dev, stat.st_ino), ""))
    return Entry(path, child.path, stat)


def _remember(entry: Entry, seen: dict[tuple[int, int], str]) -> None:
    """Remember the path of an entry to which later entries may be hard links."""
    stat = entry.stat
    if stat.st_nlink > 1 and not entry.linkname and not entry.is_directory:
        seen[stat.st_dev, stat.st_ino] = entry.path
