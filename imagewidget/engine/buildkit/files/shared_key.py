"""The key under which an engine keeps the files of a context.

A repeated build sends only what changed since the last one with the same key. An
engine compares sizes and times, not contents: two machines that sent different
files under the same key could get each other's, so the key includes this machine's
identity (as docker/buildx `util/confutil/node.go` does).
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import sys
from hashlib import sha256
from pathlib import Path

from imagewidget.engine.context.context import Context, DirectoryContext, unreadable

_BYTES = 16


def shared_key(context: Context) -> str:
    """Return the key for a context: the same for the same directory on the same machine.

    Raises:
        InvalidContext: The directory does not exist any more.
    """
    parts = [node_id()]
    if isinstance(context, DirectoryContext):
        try:
            root = os.stat(context.root)  # noqa: PTH116 - the root may be any kind of path
        except OSError as error:
            raise unreadable(os.fspath(context.root), error) from None
        parts += [os.fspath(context.root), str(root.st_dev), str(root.st_ino)]
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@functools.lru_cache(maxsize=1)
def node_id() -> str:
    """Return the id of this user on this machine; of this process if it cannot be stored."""
    path = _cache_folder() / "node-id"
    known = _stored(path)
    if known:
        return known
    fresh = secrets.token_hex(_BYTES)
    with contextlib.suppress(OSError):
        _store(path, fresh)
        return _stored(path) or fresh
    return fresh


def _stored(path: Path) -> str:
    """Return the id in a file; empty if it is missing or incomplete."""
    with contextlib.suppress(OSError, ValueError):
        known = path.read_text(encoding="ascii").strip()
        if len(known) == 2 * _BYTES:
            return known
    return ""


def _store(path: Path, identity: str) -> None:
    """Write the id atomically, so that two processes never end up with two ids.

    Raises:
        OSError: The id cannot be stored.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}-{identity}")
    try:
        written.write_text(identity, encoding="ascii")
        if path.exists():  # but it does not hold an id, or that one would be used
            written.replace(path)
        else:
            _link(written, path)
    finally:
        written.unlink(missing_ok=True)


def _link(written: Path, path: Path) -> None:
    """Link a file to its final name, unless another process was first."""
    try:
        os.link(written, path)
    except FileExistsError:
        pass
    except OSError:  # the file system does not support hard links
        written.replace(path)


def _cache_folder() -> Path:
    """Return the package's directory among this user's caches."""
    home = os.environ.get("XDG_CACHE_HOME")
    if home:
        base = Path(home)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "imagewidget"
