"""Find the paths that a build needs when some of them are symbolic links.

The engine requests the paths that a Dockerfile copies; if one is a link, both the
link and its target must be sent (tonistiigi/fsutil `followlinks.go`).
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable

from imagewidget.engine.context.automaton import Automaton
from imagewidget.engine.context.go_regexp import PatternError
from imagewidget.engine.context.pattern import match_tokens

_LONGEST = 4096
"""Longer paths are not looked up: no file has one (Linux, `PATH_MAX`)."""


def followed(root: str, paths: Iterable[str]) -> list[str] | None:
    """Return the include patterns for `paths` under `root`.

    Args:
        root: The directory that every path is relative to, even an absolute one.
        paths: The paths that the engine requests; the last part may have wildcards.

    Returns:
        The paths and the targets of their links, sorted; None to include everything.
    """
    found: set[str] = set()
    for path in paths:
        _follow(root, path, found)
    return without_covered(sorted(found, key=os.fsencode))


def without_covered(paths: Iterable[str]) -> list[str] | None:
    """Leave out paths inside the preceding one; None if one of them is the root."""
    kept: list[str] = []
    last = ""
    for path in paths:
        if path == ".":
            return None
        if last and path.startswith(f"{last}/"):
            continue
        kept.append(path)
        last = path
    return kept


def _follow(root: str, path: str, found: set[str]) -> None:
    """Walk down `path`; at a link, add the link and continue at its target."""
    waiting = [_clean(path)]
    while waiting:
        wanted = waiting.pop()
        if len(wanted) > _LONGEST:
            found.add(wanted)
            continue
        current, rest, targets = _next_link(root, wanted)
        if current in found and (targets or not rest):
            continue
        found.add(current)
        waiting += [_clean(posixpath.join(target, rest)) for target in reversed(targets)]


def _next_link(root: str, path: str) -> tuple[str, str, list[str]]:
    """Return the way to the first link on a path, the rest of the path, and the link's targets.

    If there is no link, that is the whole path, and nothing.
    """
    ends = (index for index, character in enumerate(path) if character == "/")
    for end in ends:
        if targets := _targets(root, path[:end]):
            return path[:end], path[end + 1 :], targets
    return path or ".", "", _targets(root, path or ".")


def _targets(root: str, path: str) -> list[str]:
    """Return the target of `path` if it is a link, or of each link that its wildcards match."""
    directory, base = posixpath.split(path)
    if not _has_wildcards(base):
        return _link(root, path)
    try:
        matches = Automaton([match_tokens(base)]).matches
        names = sorted(os.listdir(os.path.join(root, directory)), key=os.fsencode)  # noqa: PTH118, PTH208
    except (OSError, PatternError):
        return []
    return [
        target
        for name in names
        if matches(name)
        for target in _link(root, posixpath.join(directory, name))
    ]


def _link(root: str, path: str) -> list[str]:
    """Return the target of a link, relative to `root`; empty if `path` is not a link."""
    try:
        target = os.readlink(os.path.join(root, path))  # noqa: PTH115, PTH118
    except OSError:
        return []
    # A link cannot leave the context: the parent of its root is the root.
    return [_clean(posixpath.join("/", posixpath.dirname(path), target.replace(os.sep, "/")))]


def _clean(path: str) -> str:
    return posixpath.normpath(f"/{path}").lstrip("/")


def _has_wildcards(name: str) -> bool:
    """Whether a name is a pattern by Go's rules, where a backslash escapes a wildcard."""
    return re.search(r"(?<!\\)(?:\\\\)*[*?\[]", name) is not None
