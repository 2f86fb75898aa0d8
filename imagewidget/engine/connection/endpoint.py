"""Where the engine is: at an address, in a docker context, or as the environment says.

The order is the docker CLI's (`cli/command/cli.go`, `resolveContextName`): the
requested target, `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of
`~/.docker/config.json`, the default socket. The context `default` is not stored in a
file: it is `DOCKER_HOST`, else the default socket (`resolveDefaultDockerEndpoint`).

Unlike the docker CLI, another socket of this machine is used if nothing was chosen and
the default socket cannot be used; see :mod:`imagewidget.engine.connection.sockets`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import docker.errors
from docker.tls import TLSConfig

from imagewidget.engine.connection import docker_config, docker_context, docker_py
from imagewidget.engine.connection.docker_context import DEFAULT
from imagewidget.engine.connection.sockets import Sockets, usual_sockets
from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import EngineUnavailable

_SCHEMES = ("unix", "tcp", "http", "https", "ssh", "npipe", "http+unix")
_TCP = ("tcp", "http", "https")
_CONTEXT_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]*")
_FORMS = (
    "Use the name of a docker context, or an address such as "
    "`unix:///var/run/docker.sock`, `tcp://host:2376` or `ssh://user@host`."
)
_NO_LOGIN = (
    "Leave out the password: ssh uses keys and an agent, `tcp://` uses certificates "
    "(`DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`)."
)


@dataclass(frozen=True)
class Endpoint:
    """An engine's address.

    Attributes:
        url: The address, in the form that docker-py accepts.
        tls: The TLS settings for `tcp://`; None without TLS.
        context: The docker context that the address comes from; empty if there is none.
        found: Which engine's socket it is, such as `rootless Podman`, if it was found
            without being chosen; empty for any other address.
        reason: Why the socket that was found is used, in place of the default one.
        looked: The paths where no socket was found that this user may open.
    """

    url: str
    tls: TLSConfig | None = field(default=None, repr=False)
    context: str = ""
    found: str = ""
    reason: str = field(default="", repr=False, compare=False)
    looked: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def scheme(self) -> str:
        """The kind of address: `unix`, `tcp`, `ssh` or `npipe`."""
        scheme = self.url.partition("://")[0]
        return {"http+unix": "unix", "http": "tcp", "https": "tcp"}.get(scheme, scheme)

    @property
    def is_local_default(self) -> bool:
        """Whether it is a unix socket or a named pipe, as a local engine usually has."""
        return self.scheme in ("unix", "npipe")

    @property
    def is_remote(self) -> bool:
        """Whether the connection crosses a network."""
        if self.scheme == "ssh":
            return True
        if self.scheme != "tcp":
            return False
        host = urlsplit(self.url).hostname or ""
        try:
            return not ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"

    @property
    def notice(self) -> str:
        """Which socket was found and why it is used, in one sentence; else empty."""
        return f"Using {self.found} at {self.url}, since {self.reason}." if self.found else ""

    def __str__(self) -> str:
        origin = f"context {self.context}" if self.context else self.found
        return f"{self.url} ({origin})" if origin else self.url


def resolve(
    target: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
    sockets: Sockets | None = None,
) -> Endpoint:
    """Find out where the engine is, without asking it.

    Args:
        target: An address, the path of a socket, the name of a docker context, or
            None to use the environment.
        environment: Used in place of `os.environ`.
        platform: Used in place of `sys.platform`.
        sockets: Used in place of the usual sockets of this machine.

    Raises:
        EngineUnavailable: There is no such context, its certificates cannot be
            read, or the address is not valid.
        TypeError: `target` is not a str.
    """
    if target is not None and not string(target, "target").strip():
        # Docker's default would be an engine that nobody named.
        raise EngineUnavailable("`target` is empty.", hint=_FORMS)
    env = os.environ if environment is None else environment
    target = target and target.strip()
    host = env.get("DOCKER_HOST", "").strip()
    if not (target or host):
        chosen = env.get("DOCKER_CONTEXT")
        name = chosen or docker_context.current()
        if name != DEFAULT:
            origin = "`DOCKER_CONTEXT`" if chosen else "`docker context use`"
            return _of_context(name, platform, origin)
        if chosen or platform == "win32":
            return _default(platform)
        return _found(sockets or usual_sockets(platform, env))
    if not target or target == DEFAULT:
        target = host or DEFAULT
    if target == DEFAULT:
        return _default(platform)
    if target.startswith("/"):
        target = f"unix://{target}"
    if "://" not in target and _CONTEXT_NAME.fullmatch(target):
        return _of_context(target, platform)
    return _of_address(target, env, platform)


def _default(platform: str) -> Endpoint:
    if platform == "win32":
        return Endpoint(docker_py.DEFAULT_PIPE)
    return Endpoint(docker_py.DEFAULT_SOCKET)


def _found(sockets: Sockets) -> Endpoint:
    """Return the default socket, or another one if the default one cannot be used."""
    other, reason = sockets.replacement()
    if other is not None:
        return Endpoint(f"unix://{other.path}", found=other.engine, reason=reason)
    looked = tuple(one.path for one in sockets.others) if reason else ()
    return Endpoint(f"unix://{sockets.default}", looked=looked)


def _of_address(address: str, env: Mapping[str, str], platform: str) -> Endpoint:
    scheme, colon, rest = address.partition(":")
    if colon and scheme in _SCHEMES and not rest.startswith("//"):
        raise EngineUnavailable(
            f"{address} is not a valid engine address.",
            hint=f"Write `//` after the colon, as in `{scheme}://{rest}`.",
        )
    longest = 103 if platform == "darwin" else 107
    if scheme == "unix" and len(os.fsencode(rest.removeprefix("//"))) > longest:
        raise EngineUnavailable(
            f"The path of the socket at {address} is too long: the system allows {longest} bytes.",
            hint="Make a symbolic link with a short path to it, and use that.",
        )
    tls = _tls_of(env) if _is_tcp(address) else None
    return Endpoint(_url(address, has_tls=tls is not None), tls)


def _is_tcp(address: str) -> bool:
    scheme, separator, _ = address.partition("://")
    return not separator or scheme in _TCP


def _url(address: str, *, has_tls: bool) -> str:
    """Complete an address, and check that docker-py accepts it."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "tcp", address
    if scheme in _TCP and rest and ":" not in re.sub(r"\[.*\]", "", rest):
        # The docker CLI's default ports.
        rest = f"{rest.rstrip('/')}:{2376 if has_tls or scheme == 'https' else 2375}"
    url = f"{scheme}://{rest}"
    if not _is_known(url, has_tls=has_tls):
        has_password = ":" in rest.rpartition("@")[0]
        raise EngineUnavailable(
            # Keep the scheme: DockerError recognises a password only after `://`.
            f"{url} is not a valid engine address.",
            hint=_NO_LOGIN if has_password else _FORMS,
        )
    return url


def _is_known(url: str, *, has_tls: bool) -> bool:
    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES or any(c.isspace() for c in url):
        return False
    return docker_py.takes(url, has_tls=has_tls)


def _tls_of(env: Mapping[str, str]) -> TLSConfig | None:
    """Return the TLS settings of the environment, as the docker CLI reads them.

    Without `DOCKER_TLS_VERIFY`, the engine's certificate is not checked. As for `FromEnv`
    of Go's module `client`, unlike for the docker CLI, the path alone enables TLS.
    """
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    if not (verify or env.get("DOCKER_TLS") or env.get("DOCKER_CERT_PATH")):
        return None
    directory = Path(env.get("DOCKER_CERT_PATH") or docker_config.directory())
    own = (directory / "cert.pem", directory / "key.pem")
    try:
        return TLSConfig(
            client_cert=(str(own[0]), str(own[1])) if any(map(Path.exists, own)) else None,
            ca_cert=str(directory / "ca.pem") if verify else None,
            verify=verify,
        )
    except docker.errors.DockerException as error:
        raise EngineUnavailable(
            f"The certificates for the engine were not found in {directory}.",
            hint="Set `DOCKER_CERT_PATH` to a directory with `ca.pem`, `cert.pem` and `key.pem`.",
        ) from error


def _of_context(name: str, platform: str, origin: str = "") -> Endpoint:
    try:
        context = docker_context.read(name)
    except Exception as error:  # a malformed file can cause many kinds of error
        raise EngineUnavailable(
            f"The docker context {name} cannot be read.",
            hint=f"Check it with `docker context inspect {name}`, or create it again.",
        ) from error
    if context is None:
        raise EngineUnavailable(
            f"There is no docker context {name}{f', which {origin} sets' if origin else ''}.",
            hint=f"List the contexts with `docker context ls`. {_FORMS}",
        )
    host = context.host or _default(platform).url
    tls = context.tls if _is_tcp(host) else None
    return Endpoint(_url(host, has_tls=tls is not None), tls, context=name)
