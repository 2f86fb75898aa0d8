"""Run a daemon in its own mount and process namespaces.

Its mounts are invisible to other processes and vanish with it, and every container it started
ends with it: there is nothing to unmount and no process left behind, even after a crash.
See unshare(1), pid_namespaces(7), mount_namespaces(7).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig.network import inside
from tests.rig.packages import need
from tests.rig.processes import RECORD, Process, RigError, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The first process of the namespace: forwards signals to end, and reaps orphans.
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
    """How the daemon's view of the file system differs from that of the rest of the machine."""

    binds: Sequence[tuple[Path, Path]] = ()
    """Files or directories to bind over others: (source, target), as seen from outside."""
    empty: Sequence[Path] = ()
    """Directories that are replaced by an empty tmpfs."""
    root: Path | None = None
    """The root of another Debian to run in; the machine's root does not exist in there."""
    network: Process | None = None
    """The process that holds the network to run in, instead of the machine's."""


def spawn_in(
    room: Room,
    command: Sequence[str | Path],
    directory: Path,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start `command` in `room`, and return the first process of the namespace.

    Ending that process ends them all. The log is ``directory/log``.
    """
    need("mount")
    words = shlex.join(str(word) for word in command)
    script = directory / "supervisor.sh"
    script.write_text(_SUPERVISOR.format(mounts="\n".join(_mounts(room)), command=words))
    flags = ("--mount", "--pid", "--fork", "--kill-child=TERM", "--mount-proc")
    supervisor = [*inside(room.network), "unshare", *flags, "sh", script]
    outer = spawn(supervisor, directory / "log", environment=environment)
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    found = wait_until(lambda: not outer.alive or bool(children.read_text().split()), 10)
    if not (found and outer.alive):
        raise RigError(f"{directory.name} could not be put in a namespace; see {directory / 'log'}")
    process = Process.of(int(children.read_text().split()[0]))
    process.save(directory / RECORD)
    return process


def _mounts(room: Room) -> list[str]:
    lines: list[list[str | Path]] = []
    root = room.root
    if root:
        # Builds fail unless the root is bound on itself: "remount /, flags: 0x84000".
        lines += [
            ["mount", "--bind", root, root],
            ["mount", "-t", "proc", "proc", root / "proc"],
            ["mount", "--rbind", "/sys", root / "sys"],
            ["mount", "--rbind", "/dev", root / "dev"],
        ]
    for where in room.empty:
        lines += [["mkdir", "-p", where], ["mount", "-t", "tmpfs", "rig", where]]
    lines += [["mount", "--bind", what, where] for what, where in room.binds]
    if root:
        # Not chroot(1): `docker exec` enters the root of the namespace, which that leaves alone.
        lines += [
            ["pivot_root", root, root / "mnt"],
            ["cd", "/"],
            ["umount", "--lazy", "/mnt"],
        ]
    return [shlex.join(str(word) for word in line) for line in lines]
