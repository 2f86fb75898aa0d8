"""This user's docker contexts: which one is current, and which engine each refers to.

They are read from where the docker CLI stores them (docker/cli `cli/config/config.go`,
`cli/context/store`, `cli/context/docker/load.go`). docker-py looks next to the
configuration file that it finds, or in the working directory if there is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from docker.tls import TLSConfig

from imagewidget.engine.connection import docker_config

DEFAULT = "default"
"""The context that is not stored in a file: the engine set by the environment."""


@dataclass(frozen=True)
class DockerContext:
    """The engine that a context refers to.

    Attributes:
        host: The engine's address; empty for the default socket.
        tls: The TLS settings for a network address; None without TLS.
    """

    host: str
    tls: TLSConfig | None = field(default=None, repr=False)


def current() -> str:
    """Return the name of the current context, as set by `docker context use`."""
    return docker_config.read().context or DEFAULT


def read(name: str) -> DockerContext | None:
    """Return the context of that name, or None if there is no such context.

    Raises:
        Exception: The context's file cannot be read, or is malformed.
    """
    contexts = docker_config.directory() / "contexts"
    identity = sha256(name.encode()).hexdigest()
    try:
        content = json.loads((contexts / "meta" / identity / "meta.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    endpoint = content["Endpoints"]["docker"]
    is_verified = not endpoint.get("SkipTLSVerify")
    tls = _tls(contexts / "tls" / identity / "docker", is_verified=is_verified)
    return DockerContext(str(endpoint.get("Host") or ""), tls)


def _tls(directory: Path, *, is_verified: bool) -> TLSConfig | None:
    """Return a context's TLS settings; it may have no certificates, or only a CA."""
    ca, cert, key = (
        str(path) if path.is_file() else None
        for path in (directory / f"{name}.pem" for name in ("ca", "cert", "key"))
    )
    if is_verified and not (ca or cert or key):
        return None
    client = (cert, key) if cert and key else None
    return TLSConfig(client_cert=client, ca_cert=ca, verify=is_verified)
