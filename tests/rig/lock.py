"""File locks, so that several test runs or people can share one rig."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from tests.rig.say import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 5.0


@contextmanager
def locked(path: Path, purpose: str) -> Iterator[None]:
    """Hold an exclusive lock on `path`; after five seconds report who holds it, and keep waiting.

    The kernel releases the lock when its holder dies, so a crashed run does not block others.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _acquire(file, purpose)
        try:
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(file: IO[str], purpose: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not (taken := _try(file)) and time.monotonic() < deadline:
        time.sleep(0.1)
    if taken:
        return
    file.seek(0)
    holder = file.read().strip() or "?"
    say(f"process {holder} holds {purpose}; waiting for it")
    fcntl.flock(file, fcntl.LOCK_EX)


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
