"""Start processes, record them, and stop exactly those."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


RECORD = "process.json"
"""The name of a daemon's record, which is next to its log."""


class RigError(RuntimeError):
    """A part of the rig failed; the message ends with the last lines of its output."""


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one with the same id.

    `started` is field 22 of /proc/PID/stat (ticks since boot), see proc(5).
    """

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """Return the running process `pid`."""
        return cls(pid, _started(pid) or 0, _boot())

    @property
    def alive(self) -> bool:
        """Whether this process is still running (a zombie is not)."""
        return self.boot == _boot() and _started(self.pid) == self.started

    def stop(self, grace: float = 20.0) -> None:
        """Send SIGTERM, then SIGKILL after `grace` seconds, and wait until the process is gone."""
        for name, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
            if not self.alive:
                return
            os.kill(self.pid, name)
            wait_until(lambda: not self.alive, patience)

    def save(self, path: Path) -> None:
        """Write the record atomically."""
        part = path.with_suffix(".new")
        part.write_text(json.dumps(asdict(self)))
        part.rename(path)

    @classmethod
    def load(cls, path: Path) -> Process | None:
        """Read a record; return ``None`` if it is missing or invalid."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Process:
    """Start `command` in a new session with its output in `log`; record it next to that."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=directory,
            env={**os.environ, **(environment or {})},
        )
    # The daemon may outlive this process; if it ends first, this thread reaps it.
    threading.Thread(target=child.wait, daemon=True).start()
    process = Process.of(child.pid)
    process.save(log.with_name(RECORD))
    return process


def wait_until(condition: Callable[[], object], patience: float = 20.0) -> bool:
    """Poll until `condition` holds; return whether it did within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def await_start(process: Process, log: Path, ready: Callable[[], bool], patience: float) -> None:
    """Wait until `ready`; raise `RigError` if the process ends or `patience` runs out first."""
    wait_until(lambda: not process.alive or ready(), patience)
    if process.alive and ready():
        return
    process.stop(5.0)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise RigError(f"{log.parent.name} did not start; the end of {log}:\n{tail}")


def run(command: Sequence[str | Path], *, input_: bytes | None = None) -> bytes:
    """Run a command and return its stdout; raise `RigError` with the end of stderr if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=input_, capture_output=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stderr.decode(errors="replace").splitlines()[-8:])
        raise RigError(f"`{' '.join(words[:6])} …` ended with exit code {done.returncode}:\n{tail}")
    return done.stdout


def _started(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # `fields[0]` is field 3, the state, so `fields[19]` is field 22.
    return None if fields[0] == "Z" else int(fields[19])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
