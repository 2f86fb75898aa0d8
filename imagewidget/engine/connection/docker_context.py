"""The docker contexts of this user: which is current, and where each leads.

They are where the docker CLI keeps them (docker/cli `cli/config/config.go`,
`cli/context/store`, `cli/context/docker/load.go`). docker-py looks beside the
configuration file that it finds: without one, in the working directory.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from docker.tls import TLSConfig

from imagewidget.engine.connection import docker_py

DEFAULT = "default"
"""The context that is in no file: the engine that the environment names."""


@dataclass(frozen=True)
class DockerContext:
    """Where a context leads.

    Attributes:
        host: An address; empty for the default socket.
        tls: For an address in a network; None without TLS.
    """

    host: str
    tls: TLSConfig | None = field(default=None, repr=False)


def current() -> str:
    """Give the name of the context that `docker context use` chose last."""
    try:
        name = json.loads((_directory() / "config.json").read_bytes()).get("currentContext")
    except (OSError, ValueError, AttributeError):
        # The docker CLI, too, goes on without a file that it cannot read.
        return DEFAULT
    return name if name and isinstance(name, str) else DEFAULT


def read(name: str) -> DockerContext | None:
    """Read a context; None if there is none of that name.

    Raises:
        Exception: Its file cannot be read, or is broken.
    """
    contexts = _directory() / "contexts"
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
    """Read the certificates that a context has; it may have none, or no more than a CA."""
    ca, cert, key = (
        str(path) if path.is_file() else None
        for path in (directory / f"{name}.pem" for name in ("ca", "cert", "key"))
    )
    if is_verified and not (ca or cert or key):
        return None
    client = (cert, key) if cert and key else None
    return TLSConfig(client_cert=client, ca_cert=ca, verify=is_verified)


def _directory() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path(docker_py.home()) / ".docker")
