"""Where an engine on this machine may listen, and which of these sockets to use.

The default socket is Docker's. The others are those of engines without root's
privileges, of Docker Desktop, and of Podman:

- rootless Docker: https://docs.docker.com/engine/security/rootless/tips/ (without systemd,
  its setup script sets `XDG_RUNTIME_DIR` to `~/.docker/run`)
- Docker Desktop: docker/docs#23308 for Linux, docker/for-mac#6529 for macOS
- Podman: podman-system-service(1); for macOS `setupForwardingLinks` and `apiSocket` in
  Podman's `pkg/machine`

Only the files are looked at. Connecting would start an engine that systemd starts on demand.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from imagewidget.engine.connection import docker_py

_ROOT = 0

_UNSET = "unset"
"""In place of a variable that is not set; a path that is not absolute is left out."""


@dataclass(frozen=True)
class Socket:
    """A place where an engine may listen.

    Attributes:
        path: The path of the socket.
        engine: Which engine it is, such as `rootless Podman`.
    """

    path: str
    engine: str


class _State(Enum):
    """What is at the path of a socket; the value is a reason not to use it."""

    USABLE = ""
    MISSING = "there is no socket at {path}"
    DENIED = "this user may not open {path}"


@dataclass(frozen=True)
class Sockets:
    """The places where an engine may listen.

    Attributes:
        default: The path of Docker's default socket.
        others: The other places, in the order in which they are tried.
    """

    default: str
    others: tuple[Socket, ...] = ()

    def replacement(self) -> tuple[Socket | None, str]:
        """Return what to use in place of the default socket.

        A socket that belongs to neither this user nor root is not used, because
        another user may have put it into a shared directory.

        Returns:
            The first of the other sockets that this user may open, or None if there is
            no such socket; and why the default one cannot be used. The reason is empty if it can.
        """
        reason = _state(self.default).value.format(path=self.default)
        if not reason:
            return None, ""
        usable = (one for one in self.others if _state(one.path, is_own=True) is _State.USABLE)
        return next(usable, None), reason


def usual_sockets(platform: str, environment: Mapping[str, str]) -> Sockets:
    """Return the places where an engine usually listens, for this user."""
    default = docker_py.DEFAULT_SOCKET.removeprefix("unix://")
    return Sockets(default, other_sockets(platform, environment, os.geteuid()))


def other_sockets(platform: str, environment: Mapping[str, str], user: int) -> tuple[Socket, ...]:
    """Return the places other than the default socket, in the order in which they are tried.

    Args:
        platform: One of the values of `sys.platform`.
        environment: The environment variables; `HOME`, `XDG_RUNTIME_DIR` and `TMPDIR` are used.
        user: The id of this user.
    """
    home = environment.get("HOME") or _UNSET
    found: tuple[Socket, ...]
    if platform == "darwin":
        machine = "podman/podman-machine-default-api.sock"
        temporary = (environment.get("TMPDIR") or _UNSET).rstrip("/")
        found = (
            Socket(f"{home}/.docker/run/docker.sock", "Docker Desktop"),
            # A link to the socket of the machine that was started first.
            Socket(f"{home}/.local/share/containers/podman/machine/podman.sock", "Podman"),
            Socket(f"{temporary}/{machine}", "Podman"),
        )
    else:
        runtime = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{user}"
        found = (
            Socket(f"{runtime}/docker.sock", "rootless Docker"),
            Socket(f"{home}/.docker/run/docker.sock", "rootless Docker"),
            Socket(f"{home}/.docker/desktop/docker.sock", "Docker Desktop"),
            Socket(f"{runtime}/podman/podman.sock", "rootless Podman"),
            Socket("/run/podman/podman.sock", "Podman"),
        )
    return tuple(dict.fromkeys(one for one in found if one.path.startswith("/")))


def _state(path: str, *, is_own: bool = False) -> _State:
    """Return whether this user may open the socket at a path, by the effective ids.

    Args:
        path: The path of the socket.
        is_own: Whether it must belong to this user or to root.
    """
    try:
        found = Path(path).stat()
    except PermissionError:
        return _State.DENIED
    except OSError:
        return _State.MISSING
    if not stat.S_ISSOCK(found.st_mode):
        return _State.MISSING
    if is_own and found.st_uid not in (_ROOT, os.geteuid()):
        return _State.DENIED
    effective = os.access in os.supports_effective_ids
    may_open = os.access(path, os.R_OK | os.W_OK, effective_ids=effective)
    return _State.USABLE if may_open else _State.DENIED
