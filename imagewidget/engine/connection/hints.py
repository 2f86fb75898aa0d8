"""What to do when an engine cannot be reached: one hint for each fault and system.

Sources: Docker's post-installation steps for Linux (group `docker`, systemd),
Docker Desktop's troubleshooting pages for macOS and Windows (group
`docker-users`, the socket under the user's home), and the ways in which Jupyter
is run in a container.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from imagewidget.engine.connection.endpoint import Endpoint


class Fault(Enum):
    """Why an engine cannot be reached; the value is the error message."""

    MISSING = "There is no Docker engine at {endpoint}."
    DEAD = "No Docker engine is listening at {endpoint}."
    DENIED = "This user is not allowed to use the Docker engine at {endpoint}."
    SILENT = "The Docker engine at {endpoint} does not answer."
    LOST = "The connection to the Docker engine at {endpoint} was lost."
    UNREACHABLE = "The host of the Docker engine at {endpoint} cannot be reached."
    UNKNOWN_HOST = "The host name of the Docker engine at {endpoint} cannot be resolved."
    UNTRUSTED = "The Docker engine at {endpoint} and this client do not trust each other."
    NEEDS_TLS = "The Docker engine at {endpoint} requires TLS."
    SSH_REFUSED = "The host of {endpoint} does not accept this user's SSH key."
    SSH_UNKNOWN = "The SSH host key of {endpoint} is not in known_hosts."
    NO_PARAMIKO = "{endpoint} requires the package paramiko."
    NO_PIPE = "{endpoint} is a Windows named pipe, which cannot be opened here."
    STRANGE = "Something answers at {endpoint}, but it is not a Docker engine."


_ELSEWHERE = (
    "Or choose another engine: set `DOCKER_HOST`, run `docker context use NAME`, or pass "
    "`client=connect(…)`."
)

_LOCAL: dict[tuple[Fault, str], str] = {
    (Fault.MISSING, "linux"): (
        "Start it with `sudo systemctl start docker` (rootless: `systemctl --user start docker`, "
        "Podman: `systemctl --user start podman.socket`); "
        "if it is not installed, see https://docs.docker.com/engine/install/. " + _ELSEWHERE
    ),
    (Fault.MISSING, "darwin"): (
        "Start Docker Desktop with `open -a Docker` (or `colima start`, `orb start`, "
        "`podman machine start`). " + _ELSEWHERE
    ),
    (Fault.MISSING, "win32"): (
        "Start Docker Desktop from the Start menu and wait until it reports that "
        "the engine is running. " + _ELSEWHERE
    ),
    (Fault.DEAD, "linux"): (
        "Restart the engine with `sudo systemctl restart docker`; "
        "`journalctl -u docker -e` shows why it stopped."
    ),
    (Fault.DEAD, "darwin"): (
        "Restart Docker Desktop from its menu "
        "(or `colima restart`, `orb restart`) and wait until the engine is running."
    ),
    (Fault.DEAD, "win32"): (
        "Restart Docker Desktop from its tray icon; "
        "if that does not help, run `wsl --shutdown` and start it again."
    ),
    (Fault.DENIED, "linux"): (
        "Join the group with `sudo usermod -aG docker $USER`, then log out and in again "
        "and restart the notebook server."
    ),
    (Fault.DENIED, "darwin"): (
        "Start Docker Desktop as yourself, and allow its default socket in "
        "Settings → Advanced; the socket belongs to another user."
    ),
    (Fault.DENIED, "win32"): (
        "Ask an administrator to run `net localgroup docker-users YOUR_NAME /add`, "
        "then sign out and in again."
    ),
}

# How to restart an engine whose socket was found, by its name and the system.
_RESTART = {
    ("rootless Docker", "linux"): "systemctl --user restart docker",
    ("Docker Desktop", "linux"): "systemctl --user restart docker-desktop",
    ("rootless Podman", "linux"): "systemctl --user restart podman.socket",
    ("Podman", "linux"): "sudo systemctl restart podman.socket",
    ("Podman", "darwin"): "podman machine start",
}

_USUAL_NAMES = ("docker.sock", "podman.sock")

_IN_CONTAINER = (
    "Start this notebook's container with `-v /var/run/docker.sock:/var/run/docker.sock`, "
    "or set `DOCKER_HOST` to an engine's address."
)

_ANYWHERE: dict[Fault, str] = {
    Fault.MISSING: "Check the path. " + _ELSEWHERE,
    Fault.DEAD: (
        "Check the address and port, and that the engine was started to listen on them "
        "(`-H tcp://…`, with TLS)."
    ),
    Fault.DENIED: "Ask whoever runs the engine for access to its socket.",
    Fault.SILENT: "Try again in a minute, or restart it; it may be starting or overloaded.",
    Fault.LOST: "Check that the engine is running, then try again; it may have been restarted.",
    Fault.UNREACHABLE: "Check the network, VPN and firewall between this machine and the engine's.",
    Fault.UNKNOWN_HOST: "Check the spelling of the host name, and the network.",
    Fault.UNTRUSTED: (
        "Check the certificates: `DOCKER_CERT_PATH` must contain this engine's `ca.pem`, "
        "`cert.pem` and `key.pem`, and the engine's certificate must name its host."
    ),
    Fault.NEEDS_TLS: (
        "Set `DOCKER_TLS_VERIFY=1`, and `DOCKER_CERT_PATH` to the directory of the certificates."
    ),
    Fault.SSH_REFUSED: (
        "Check that `ssh HOST docker version` works without a password; if not, use `ssh-add`."
    ),
    Fault.SSH_UNKNOWN: "Connect once with `ssh HOST` in a terminal, and accept the host key.",
    Fault.NO_PARAMIKO: "Run `pip install 'imagewidget[ssh]'`, then restart the kernel.",
    Fault.NO_PIPE: "Use `unix:///var/run/docker.sock`, `tcp://` or `ssh://` instead.",
    Fault.STRANGE: "Check the address and port. " + _ELSEWHERE,
}


def hint(
    fault: Fault,
    endpoint: Endpoint,
    *,
    platform: str,
    in_container: bool | None = None,
) -> str:
    """Return the hint for a fault; it names the other sockets that were looked for.

    Args:
        fault: Why the engine cannot be reached.
        endpoint: The engine's address.
        platform: One of the values of `sys.platform`; anything but macOS and Windows
            is treated as Linux.
        in_container: Whether this process runs in a container; None to find out.
    """
    if not endpoint.is_local_default:
        return _ANYWHERE[fault]
    name = endpoint.url.rpartition("/")[2]
    is_unusual = endpoint.scheme == "unix" and name not in _USUAL_NAMES and not endpoint.found
    if fault is Fault.MISSING and is_unusual:
        return _ANYWHERE[fault]
    if in_container is None:
        in_container = Path("/.dockerenv").exists()
    is_default = endpoint.url.endswith("/var/run/docker.sock")
    if fault is Fault.MISSING and in_container and is_default and platform.startswith("linux"):
        return _IN_CONTAINER + _searched(endpoint)
    system = platform if platform in ("darwin", "win32") else "linux"
    command = _RESTART.get((endpoint.found, system))
    if command and fault in (Fault.MISSING, Fault.DEAD):
        return f"Restart it with `{command}`. {_ELSEWHERE}"
    found = _LOCAL.get((fault, system), _ANYWHERE[fault])
    return found + _searched(endpoint) if fault in (Fault.MISSING, Fault.DENIED) else found


def _searched(endpoint: Endpoint) -> str:
    """Return where another engine was looked for, as a sentence that continues a hint."""
    if not endpoint.looked:
        return ""
    *most, last = (f"`{path}`" for path in endpoint.looked)
    paths = f"{', '.join(most)} or {last}" if most else last
    return f" There is no socket that this user may open at {paths} either."
