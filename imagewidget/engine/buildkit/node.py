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

from imagewidget.engine.context import Context, DirectoryContext

_BYTES = 16


def shared_key(context: Context) -> str:
    """Give the name for a context: the same for the same directory on the same machine."""
    parts = [node_id()]
    if isinstance(context, DirectoryContext):
        root = os.stat(context.root)  # noqa: PTH116 - a context's root is a path of any kind
        parts += [os.fspath(context.root), str(root.st_dev), str(root.st_ino)]
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@functools.lru_cache(maxsize=1)
def node_id() -> str:
    """Give the identity of this user on this machine; of this process where it cannot be kept."""
    path = _cache_folder() / "node-id"
    with contextlib.suppress(OSError, ValueError):
        known = path.read_text(encoding="ascii").strip()
        if len(known) == 2 * _BYTES:
            return known
    fresh = secrets.token_hex(_BYTES)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever writes first wins: two processes must not end with two names.
        with path.open("x", encoding="ascii") as file:
            file.write(fresh)
    return fresh


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
