"""The plain registry, and the two that require a user name and a password."""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.rig import seeds
from tests.rig.names import certificate
from tests.rig.network import inside
from tests.rig.packages import need
from tests.rig.places import REPOSITORY
from tests.rig.processes import await_start, spawn
from tests.rig.push import Store

if TYPE_CHECKING:

    from tests.rig.places import Places
    from tests.rig.processes import Process

USER = "reader"
PASSWORD = "not-a-secret"  # noqa: S105 - for the rig only, on loopback
TOKEN_ISSUER = "the rig"  # noqa: S105 - a name
TOKEN_SERVICE = "rig-registry"  # noqa: S105 - a name
# PASSWORD as bcrypt, the only hash docker-registry reads (made with `htpasswd -nbB`).
_HTPASSWD = "reader:$2b$04$A6YSslNQ4PfGOV8ZeUaOrez5D2jjll6auXHBVB9AV0q5LK/EqYGgq\n"


@dataclass(frozen=True)
class Registry:
    """A registry as the tests use it; every image is a full reference."""

    host: str

    @property
    def one(self) -> str:
        """An image of one layer: busybox, about 1 MB. It can run."""
        return f"{self.host}/{seeds.ONE}"

    @property
    def nine(self) -> str:
        """An image of nine layers: busybox and eight of 30 MB that do not compress."""
        return f"{self.host}/{seeds.NINE}"

    @property
    def sixty_four(self) -> str:
        """An image of 64 layers: busybox and 63 of 1 MB."""
        return f"{self.host}/{seeds.SIXTY_FOUR}"

    @property
    def repeated(self) -> str:
        """An image of four layers, two of which are identical."""
        return f"{self.host}/{seeds.REPEATED}"

    @property
    def debian(self) -> str:
        """The substitute for ``debian:trixie-slim``: a minimal Debian 13 of one layer."""
        return f"{self.host}/{seeds.DEBIAN}"

    @property
    def private(self) -> str:
        """A base image of two layers. It can run."""
        return f"{self.host}/{seeds.PRIVATE}"


@dataclass(frozen=True)
class PrivateRegistry(Registry):
    """A registry that answers 401 without these credentials."""

    user: str = USER
    password: str = PASSWORD


def start_registry(places: Places) -> Process:
    """Start the plain registry and seed it, which is quick if it was seeded before."""
    need("docker-registry", "busybox")
    process = _serve(places, "registry", {})
    seeds.sow(Store(places.host("registry")), places)
    return process


def start_basic(places: Places) -> Process:
    """Start the registry that requires basic credentials, over the same data."""
    need("docker-registry")
    passwords = places.part("basic") / "htpasswd"
    passwords.write_text(_HTPASSWD)
    return _serve(places, "basic", {"htpasswd": {"realm": "rig", "path": str(passwords)}})


def start_token(places: Places) -> Process:
    """Start the registry that requires a token, over the same data."""
    need("docker-registry", "openssl")
    return _serve(
        places,
        "token",
        {
            "token": {
                "realm": f"http://{places.host('tokens')}/token",
                "service": TOKEN_SERVICE,
                "issuer": TOKEN_ISSUER,
                "rootcertbundle": str(certificate(places)[1]),
            }
        },
    )


def start_tokens(places: Places) -> Process:
    """Start the server that issues the tokens."""
    need("openssl")
    return _serve_python(places, "tokens", "tests.rig.tokens")


def start_fronts(places: Places) -> Process:
    """Start the stand-ins for ghcr.io and docker.io, and the slow registry."""
    need("openssl")
    return _serve_python(places, "fronts", "tests.rig.front")


def start_mirror(places: Places, network: Process | None) -> Process:
    """Start a mirror of Docker Hub that has only the base image of the embedded environment.

    It is seeded from the machine's network, and then serves in `network`.
    """
    need("docker-registry")
    process = _serve(places, "mirror", {})
    seeds.sow_debian(Store(places.host("mirror")), places)
    if network:
        process.stop()
        directory = places.part("mirror")
        command = [*inside(network), "docker-registry", "serve", directory / "config.yml"]
        process = spawn(command, directory / "log")
    return process


def _serve_python(places: Places, name: str, module: str) -> Process:
    log = places.part(name) / "log"
    process = spawn(
        [sys.executable, "-m", module],
        log,
        environment=places.environment,
        directory=REPOSITORY,
    )
    await_start(process, log, lambda: _listens(places.address(name)), 20)
    return process


def _listens(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(address) == 0


def _serve(places: Places, name: str, auth: dict[str, object]) -> Process:
    directory = places.part(name)
    settings = directory / "config.yml"
    # YAML is a superset of JSON; docker-registry(1), configuration of version 0.1.
    settings.write_text(json.dumps(_settings(places, name, auth), indent=1))
    log = directory / "log"
    process = spawn(["docker-registry", "serve", settings], log)
    await_start(process, log, Store(places.host(name)).ready, 20)
    return process


def _settings(places: Places, name: str, auth: dict[str, object]) -> dict[str, object]:
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(places.images), "maxthreads": 100},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        "http": {"addr": places.host(name), "secret": "rig"},
    }
    if auth:
        settings["auth"] = auth
    return settings
