"""Under which name an engine keeps the files of a context.

A repeated build sends only what changed since the last one under the same
name. An engine compares sizes and times, not contents: two machines that send
different files under one name could get each other's, so a name holds this
machine's identity (docker/buildx `util/confutil/node.go` has the same).
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
    """Give the name for a context: the same for the same directory on the same machine.

    Raises:
        InvalidContext: The directory is gone.
    """
    parts = [node_id()]
    if isinstance(context, DirectoryContext):
        try:
            root = os.stat(context.root)  # noqa: PTH116 - a context's root is a path of any kind
        except OSError as error:
            raise unreadable(os.fspath(context.root), error) from None
        parts += [os.fspath(context.root), str(root.st_dev), str(root.st_ino)]
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@functools.lru_cache(maxsize=1)
def node_id() -> str:
    """Give the identity of this user on this machine; of this process where it cannot be kept."""
    path = _cache_folder() / "node-id"
    known = _kept(path)
    if known:
        return known
    fresh = secrets.token_hex(_BYTES)
    with contextlib.suppress(OSError):
        _keep(path, fresh)
        return _kept(path) or fresh
    return fresh


def _kept(path: Path) -> str:
    """Give the identity in a file; empty where there is none, or half of one."""
    with contextlib.suppress(OSError, ValueError):
        known = path.read_text(encoding="ascii").strip()
        if len(known) == 2 * _BYTES:
            return known
    return ""


def _keep(path: Path, identity: str) -> None:
    """Write the identity, whole or not at all: two processes must not end with two.

    Raises:
        OSError: It cannot be kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}-{identity}")
    try:
        written.write_text(identity, encoding="ascii")
        if path.exists():  # but not as an identity, or it would have been taken
            written.replace(path)
        else:
            _link(written, path)
    finally:
        written.unlink(missing_ok=True)


def _link(written: Path, path: Path) -> None:
    """Give a file its final name, unless another process came first."""
    try:
        os.link(written, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        written.replace(path)


def _cache_folder() -> Path:
    """Give where this user's caches are."""
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
