"""A network for daemons that change the packet filter, so that the machine's stays as it is.

It is a network namespace with its own rules, and slirp4netns is its way out. The machine's
loopback is 10.0.2.2 in there, and 10.0.2.3 answers as the machine's name server does. See
network_namespaces(7), slirp4netns(1).
"""

from __future__ import annotations

from pathlib import Path

from tests.rig.packages import need
from tests.rig.processes import RECORD, Process, await_start, run, spawn

NAME_SERVER = "10.0.2.3"
"""The address of the name server in the network."""

_INTERFACE = "tap0"
_PROGRAMS = ("holder", "slirp")


def start_network(directory: Path) -> Process:
    """Start a network, and return the process that holds it; see `inside`.

    Raises:
        Unavailable: slirp4netns is missing and cannot be installed.
        RigError: The machine does not allow it; slirp4netns needs /dev/net/tun.
    """
    need("ip", "slirp4netns")
    for name in _PROGRAMS:
        (directory / name).mkdir(parents=True)
    up = "ip link set lo up && exec sleep infinity"
    log = directory / "holder/log"
    holder = spawn(["unshare", "--net", "sh", "-c", up], log)
    await_start(holder, log, lambda: _namespace(holder.pid) != _namespace("self"), 10)
    log = directory / "slirp/log"
    slirp = spawn(["slirp4netns", "--configure", str(holder.pid), _INTERFACE], log)
    await_start(slirp, log, lambda: _leads_outside(holder), 10)
    return holder


def stop_network(directory: Path) -> None:
    """End the processes of the network in `directory`, and the network with them."""
    for name in reversed(_PROGRAMS):
        process = Process.load(directory / name / RECORD)
        if process:
            process.stop()


def inside(network: Process | None) -> list[str]:
    """Return the beginning of a command that is to run in `network`; ``None`` is the machine's."""
    return ["nsenter", f"--net=/proc/{network.pid}/ns/net"] if network else []


def _namespace(process: int | str) -> Path:
    return Path(f"/proc/{process}/ns/net").readlink()


def _leads_outside(holder: Process) -> bool:
    return b"default" in run([*inside(holder), "ip", "route"])
