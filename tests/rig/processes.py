"""Start a process, remember it, stop exactly it."""

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
"""A daemon's record, beside its log."""


class RigError(RuntimeError):
    """A part of the rig did not start; the message ends with the end of its log."""


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
        """Describe the running process `pid`."""
        return cls(pid, _started(pid) or 0, _boot())

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return self.boot == _boot() and _started(self.pid) == self.started

    def stop(self, grace: float = 20.0) -> None:
        """Ask it to end, insist after `grace` seconds, and return when it is gone."""
        for name, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
            if not self.alive:
                return
            os.kill(self.pid, name)
            wait_until(lambda: not self.alive, patience)

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        part = path.with_suffix(".new")
        part.write_text(json.dumps(asdict(self)))
        part.rename(path)

    @classmethod
    def load(cls, path: Path) -> Process | None:
        """Read a record; ``None`` when there is none or when it is broken."""
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
    """Start `command` in a session of its own, its output going to `log`; recorded beside it."""
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
    # The daemon may outlive us; should it end first, this thread collects it.
    threading.Thread(target=child.wait, daemon=True).start()
    process = Process.of(child.pid)
    process.save(log.with_name(RECORD))
    return process


def wait_until(condition: Callable[[], object], patience: float = 20.0) -> bool:
    """Poll `condition` until it holds (``True``) or `patience` seconds are over."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def await_start(process: Process, log: Path, ready: Callable[[], bool], patience: float) -> None:
    """Return when `ready`; raise `RigError` when the process ends or stays silent."""
    wait_until(lambda: not process.alive or ready(), patience)
    if process.alive and ready():
        return
    process.stop(5.0)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise RigError(f"{log.parent.name} did not start; the end of {log}:\n{tail}")


def run(command: Sequence[str | Path], *, input_: bytes | None = None) -> bytes:
    """Run to the end and return stdout; raise `RigError` with the end of stderr."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=input_, capture_output=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stderr.decode(errors="replace").splitlines()[-8:])
        raise RigError(f"`{' '.join(words[:6])} …` ended with {done.returncode}:\n{tail}")
    return done.stdout


def _started(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # The state is field 3, so that `fields[0]` is the state and `fields[19]` is field 22.
    return None if fields[0] == "Z" else int(fields[19])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
