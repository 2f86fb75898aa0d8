"""What to do when an engine cannot be reached: one sentence for each fault and system.

Where the knowledge comes from: Docker's post-installation steps for Linux
(group `docker`, systemd), Docker Desktop's troubleshooting pages for macOS and
Windows (group `docker-users`, the socket under the user's home), and the ways
in which Jupyter is run in a container of its own.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from imagewidget.engine.connection.endpoint import Endpoint


class Fault(Enum):
    """What is wrong on the way to an engine; the value is the sentence that says so."""

    MISSING = "There is no Docker engine at {endpoint}."
    DEAD = "No Docker engine listens at {endpoint}."
    DENIED = "The Docker engine at {endpoint} may not be used by this user."
    SILENT = "The Docker engine at {endpoint} does not answer."
    LOST = "The connection to the Docker engine at {endpoint} was lost."
    UNREACHABLE = "The machine of the Docker engine at {endpoint} cannot be reached."
    UNKNOWN_HOST = "The host of the Docker engine at {endpoint} is not known."
    UNTRUSTED = "The Docker engine at {endpoint} and this client do not trust each other."
    NEEDS_TLS = "The Docker engine at {endpoint} wants TLS."
    SSH_REFUSED = "The host of {endpoint} does not accept this user's SSH key."
    SSH_UNKNOWN = "The SSH key of the host of {endpoint} is not known here."
    NO_PARAMIKO = "{endpoint} needs the package paramiko."
    NO_PIPE = "{endpoint} is a Windows pipe, and cannot be opened here."
    STRANGE = "What answers at {endpoint} is no Docker engine."


_ELSEWHERE = "Or name another engine: `DOCKER_HOST`, `docker context use NAME`, `connect(...)`."

_LOCAL: dict[tuple[Fault, str], str] = {
    (Fault.MISSING, "linux"): (
        "Start it with `sudo systemctl start docker`; "
        "if it is not installed: https://docs.docker.com/engine/install/. " + _ELSEWHERE
    ),
    (Fault.MISSING, "darwin"): (
        "Start Docker Desktop with `open -a Docker` (or `colima start`, `orb start`). " + _ELSEWHERE
    ),
    (Fault.MISSING, "win32"): (
        "Start Docker Desktop from the Start menu and wait until it says that "
        "the engine is running. " + _ELSEWHERE
    ),
    (Fault.DEAD, "linux"): (
        "The socket is there, the engine is not: `sudo systemctl restart docker`, "
        "and `journalctl -u docker -e` says why it stopped."
    ),
    (Fault.DEAD, "darwin"): (
        "The socket is there, the engine is not: restart Docker Desktop from its menu "
        "(or `colima restart`, `orb restart`) and wait until the engine is running."
    ),
    (Fault.DEAD, "win32"): (
        "The pipe is there, the engine is not: restart Docker Desktop from its tray icon; "
        "if that does not help, `wsl --shutdown` and start it again."
    ),
    (Fault.DENIED, "linux"): (
        "Join the group: `sudo usermod -aG docker $USER`, then log out and in again "
        "and restart the notebook server."
    ),
    (Fault.DENIED, "darwin"): (
        "The socket belongs to another user: start Docker Desktop as yourself, and allow "
        "its default socket in Settings → Advanced."
    ),
    (Fault.DENIED, "win32"): (
        "An administrator adds you: `net localgroup docker-users %USERNAME% /add`; "
        "then sign out and in again."
    ),
}

_IN_CONTAINER = (
    "This notebook runs in a container: start that one with "
    "`-v /var/run/docker.sock:/var/run/docker.sock`, or set `DOCKER_HOST` to an engine's address."
)

_ANYWHERE: dict[Fault, str] = {
    Fault.MISSING: "Check the path. " + _ELSEWHERE,
    Fault.DEAD: (
        "Check address and port, and that the engine there was started to listen on them "
        "(`-H tcp://…`, with TLS)."
    ),
    Fault.DENIED: "Ask whoever runs that engine for access to its socket.",
    Fault.SILENT: "It may be starting, or overloaded: try again in a minute, or restart it.",
    Fault.LOST: "It may have been restarted: check that it runs, then try again.",
    Fault.UNREACHABLE: "Check the network, the VPN and the firewall between here and there.",
    Fault.UNKNOWN_HOST: "Check the spelling of the host, and the network.",
    Fault.UNTRUSTED: (
        "Check the certificates: `DOCKER_CERT_PATH` holds `ca.pem`, `cert.pem` and `key.pem` "
        "for this engine, and the host's name stands in the engine's certificate."
    ),
    Fault.NEEDS_TLS: (
        "Set `DOCKER_TLS_VERIFY=1`, and `DOCKER_CERT_PATH` to the directory of the certificates."
    ),
    Fault.SSH_REFUSED: "`ssh HOST docker version` must work without a password; use `ssh-add`.",
    Fault.SSH_UNKNOWN: "Connect once with `ssh HOST` in a terminal, and accept its key.",
    Fault.NO_PARAMIKO: "`pip install 'imagewidget[ssh]'`, then restart the kernel.",
    Fault.NO_PIPE: "Use `unix:///var/run/docker.sock` here, or `tcp://` or `ssh://`.",
    Fault.STRANGE: "Check address and port. " + _ELSEWHERE,
}


def hint(
    fault: Fault,
    endpoint: Endpoint,
    *,
    platform: str,
    in_container: bool | None = None,
) -> str:
    """Name the next step.

    Args:
        fault: What is wrong.
        endpoint: Where the engine was looked for.
        platform: As `sys.platform` has it; what is neither macOS nor Windows
            is treated as Linux.
        in_container: Whether this process runs in a container; None looks.
    """
    if not endpoint.is_local_default:
        return _ANYWHERE[fault]
    if in_container is None:
        in_container = Path("/.dockerenv").exists()
    is_default = endpoint.url.endswith("/var/run/docker.sock")
    if fault is Fault.MISSING and in_container and is_default and platform.startswith("linux"):
        return _IN_CONTAINER
    system = platform if platform in ("darwin", "win32") else "linux"
    return _LOCAL.get((fault, system), _ANYWHERE[fault])
