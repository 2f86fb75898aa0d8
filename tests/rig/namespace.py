"""Run a daemon in mount and process namespaces of its own.

Whatever it mounts is seen by nobody else and goes when it goes, and every container it started
ends with it: there is nothing to unmount and nobody left to look for, even after a crash.
Method: unshare(1), pid_namespaces(7), mount_namespaces(7).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig.packages import need
from tests.rig.processes import RECORD, Process, RigError, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The first process of the namespace: passes a request to end on, and collects orphans.
_SUPERVISOR = """\
set -e
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
{mounts}
{command} &
child=$!
while kill -0 "$child" 2>/dev/null; do wait "$child" || :; done
"""


@dataclass(frozen=True)
class Room:
    """What the daemon sees differently from the rest of the machine."""

    binds: Sequence[tuple[Path, Path]] = ()
    """Files or directories laid over others: (what, where), the latter as seen from outside."""
    empty: Sequence[Path] = ()
    """Directories that are empty and in memory for it."""
    root: Path | None = None
    """Another Debian to run in."""


def spawn_in(
    room: Room,
    command: Sequence[str | Path],
    directory: Path,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start `command` in `room`; the process returned is the namespace's first.

    Ending that one ends all. The log is ``directory/log``.
    """
    need("mount")
    words = shlex.join(str(word) for word in command)
    if room.root:
        words = shlex.join(["chroot", str(room.root)]) + " " + words
    script = directory / "supervisor.sh"
    script.write_text(_SUPERVISOR.format(mounts="\n".join(_mounts(room)), command=words))
    flags = ("--mount", "--pid", "--fork", "--kill-child=TERM", "--mount-proc")
    outer = spawn(["unshare", *flags, "sh", script], directory / "log", environment=environment)
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    found = wait_until(lambda: not outer.alive or bool(children.read_text().split()), 10)
    if not (found and outer.alive):
        raise RigError(f"no namespace of its own for {directory.name}; see {directory / 'log'}")
    process = Process.of(int(children.read_text().split()[0]))
    process.save(directory / RECORD)
    return process


def _mounts(room: Room) -> list[str]:
    lines: list[list[str | Path]] = []
    root = room.root
    if root:
        # Without the bind of the root on itself, builds fail: "remount /, flags: 0x84000".
        lines += [
            ["mount", "--bind", root, root],
            ["mount", "-t", "proc", "proc", root / "proc"],
            ["mount", "--rbind", "/sys", root / "sys"],
            ["mount", "--rbind", "/dev", root / "dev"],
        ]
    for where in room.empty:
        lines += [["mkdir", "-p", where], ["mount", "-t", "tmpfs", "rig", where]]
    lines += [["mount", "--bind", what, where] for what, where in room.binds]
    return [shlex.join(str(word) for word in line) for line in lines]
