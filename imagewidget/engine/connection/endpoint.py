"""Where the engine is: an address, a docker context, or what the environment says.

The order is the docker CLI's (`cli/command/cli.go`, `resolveContextName`): what
is asked for, `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of
`~/.docker/config.json`, the default socket. The context `default` is in no file:
it is `DOCKER_HOST`, else the default socket (`resolveDefaultDockerEndpoint`).
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

from imagewidget.engine.connection import docker_context, docker_py
from imagewidget.engine.connection.docker_context import DEFAULT
from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import EngineUnavailable

_SCHEMES = ("unix", "tcp", "http", "https", "ssh", "npipe", "http+unix")
_TCP = ("tcp", "http", "https")
_CONTEXT_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]*")
_FORMS = (
    "An engine is named by a docker context, or by an address such as "
    "`unix:///var/run/docker.sock`, `tcp://host:2376` or `ssh://user@host`."
)
_NO_LOGIN = (
    "Leave out the password: ssh has its keys and its agent, `tcp://` its certificates "
    "(`DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`)."
)


@dataclass(frozen=True)
class Endpoint:
    """An engine's address.

    Attributes:
        url: As docker-py takes it.
        tls: The certificates, for `tcp://`; None without TLS.
        context: The docker context it comes from; empty without.
    """

    url: str
    tls: TLSConfig | None = field(default=None, repr=False)
    context: str = ""

    @property
    def scheme(self) -> str:
        """`unix`, `tcp`, `ssh` or `npipe`."""
        scheme = self.url.partition("://")[0]
        return {"http+unix": "unix", "http": "tcp", "https": "tcp"}.get(scheme, scheme)

    @property
    def is_local_default(self) -> bool:
        """Whether it is where this system's engine usually is: a socket or pipe of its own."""
        return self.scheme in ("unix", "npipe")

    @property
    def is_remote(self) -> bool:
        """Whether what is sent there crosses a network."""
        if self.scheme == "ssh":
            return True
        if self.scheme != "tcp":
            return False
        host = urlsplit(self.url).hostname or ""
        try:
            return not ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"

    def __str__(self) -> str:
        return f"{self.url} (context {self.context})" if self.context else self.url


def resolve(
    target: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
) -> Endpoint:
    """Find out where the engine is, without asking it.

    Args:
        target: An address, a path of a socket, the name of a docker context, or
            None for what the environment says.
        environment: In place of `os.environ`.
        platform: As `sys.platform` has it.

    Raises:
        EngineUnavailable: There is no such context, its certificates cannot be
            read, or the address is of no known form.
        TypeError: `target` is no text.
    """
    if target is not None:
        string(target, "target")
    env = os.environ if environment is None else environment
    host = env.get("DOCKER_HOST")
    if not (target or host):
        name = env.get("DOCKER_CONTEXT") or docker_context.current()
        return _default(platform) if name == DEFAULT else _of_context(name, platform)
    if not target or target == DEFAULT:
        target = host or DEFAULT
    if target == DEFAULT:
        return _default(platform)
    if target.startswith("/"):
        target = f"unix://{target}"
    if "://" not in target and _CONTEXT_NAME.fullmatch(target):
        return _of_context(target, platform)
    return _of_address(target, env)


def _default(platform: str) -> Endpoint:
    if platform == "win32":
        return Endpoint(docker_py.DEFAULT_PIPE)
    return Endpoint(docker_py.DEFAULT_SOCKET)


def _of_address(address: str, env: Mapping[str, str]) -> Endpoint:
    tls = _tls_of(env) if _is_tcp(address) else None
    return Endpoint(_url(address, has_tls=tls is not None), tls)


def _is_tcp(address: str) -> bool:
    scheme, separator, _ = address.partition("://")
    return not separator or scheme in _TCP


def _url(address: str, *, has_tls: bool) -> str:
    """Complete an address, and make sure that docker-py takes it."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "tcp", address
    if scheme in _TCP and rest and ":" not in re.sub(r"\[.*\]", "", rest):
        # The ports that the docker CLI takes where none is named.
        rest = f"{rest.rstrip('/')}:{2376 if has_tls or scheme == 'https' else 2375}"
    url = f"{scheme}://{rest}"
    if not _is_known(url, has_tls=has_tls):
        has_password = ":" in rest.rpartition("@")[0]
        raise EngineUnavailable(
            # With a scheme, by which an error finds the password that it leaves out.
            f"{url} is no address of an engine.",
            hint=_NO_LOGIN if has_password else _FORMS,
        )
    return url


def _is_known(url: str, *, has_tls: bool) -> bool:
    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES or any(c.isspace() for c in url):
        return False
    return docker_py.takes(url, has_tls=has_tls)


def _tls_of(env: Mapping[str, str]) -> TLSConfig | None:
    """Read DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as Go's client does.

    To `FromEnv` of its module `client`, unlike to the docker CLI, a path alone
    means TLS.
    """
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    if not verify and not env.get("DOCKER_CERT_PATH"):
        return None
    directory = Path(env.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    try:
        return TLSConfig(
            client_cert=(str(directory / "cert.pem"), str(directory / "key.pem")),
            ca_cert=str(directory / "ca.pem"),
            verify=verify,
        )
    except docker.errors.DockerException as error:
        raise EngineUnavailable(
            f"The certificates for the engine are not in {directory}.",
            hint="`DOCKER_CERT_PATH` names a directory with `ca.pem`, `cert.pem` and `key.pem`.",
        ) from error


def _of_context(name: str, platform: str) -> Endpoint:
    try:
        context = docker_context.read(name)
    except Exception as error:  # whatever a broken file leads to
        raise EngineUnavailable(
            f"The docker context {name} cannot be read.",
            hint=f"See `docker context inspect {name}`, or make it again.",
        ) from error
    if context is None:
        raise EngineUnavailable(
            f"There is no docker context {name}.",
            hint=f"`docker context ls` lists them. {_FORMS}",
        )
    host = context.host or _default(platform).url
    tls = context.tls if _is_tcp(host) else None
    return Endpoint(_url(host, has_tls=tls is not None), tls, context=name)
