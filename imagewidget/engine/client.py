"""Engines as users see them: how to choose one, and what can be asked of it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from imagewidget.engine.connection.client import Client
from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.engine_info import EngineInfo
from imagewidget.progress.events import Image


def connect(target: str | None = None) -> DockerClient:
    """Choose an engine, without connecting to it yet.

    Args:
        target: `unix:///path`, `tcp://host:2376`, `npipe:////./pipe/name`,
            `ssh://user@host` (which needs `pip install 'imagewidget[ssh]'`), the
            name of a docker context, or None for `DOCKER_HOST`, else the current
            docker context, else the default socket, else the socket of rootless
            Docker, Docker Desktop or Podman. `DOCKER_TLS_VERIFY` and
            `DOCKER_CERT_PATH` apply to `tcp://`.

    Raises:
        EngineUnavailable: There is no such context, or the address is not valid.
    """
    return DockerClient(resolve(target))


class DockerClient:
    """A client for one engine, from :func:`connect`, which connects when it is first used.

    It may be shared between threads and jobs.
    """

    def __init__(self, endpoint: Endpoint | None = None) -> None:
        if not isinstance(endpoint, (Endpoint, type(None))):
            raise TypeError(
                f"`endpoint` must be an Endpoint, not {type(endpoint).__name__}. "
                "Use `imagewidget.connect()`, which takes an address."
            )
        _BEHIND[self] = Client(endpoint or resolve())

    def __repr__(self) -> str:
        return f"DockerClient({str(client_behind(self).endpoint)!r})"

    @property
    def address(self) -> str:
        """The engine's address, such as `unix:///var/run/docker.sock`; never with a password."""
        return client_behind(self).endpoint.url

    def ping(self) -> None:
        """Check that the engine answers.

        Raises:
            EngineUnavailable: The engine does not answer; the hint says what to do.
        """
        client_behind(self).ping()

    def info(self, *, refresh: bool = False) -> EngineInfo:
        """Return a description of the engine; it is queried once and then cached.

        Args:
            refresh: Whether to query again, in case the engine was replaced.

        Raises:
            EngineUnavailable: The engine does not answer.
        """
        return client_behind(self).info(refresh=refresh)

    def image_exists(self, reference: str, *, platform: str | None = None) -> bool:
        """Return whether the image is in the engine's local cache.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.
            platform: Such as `linux/arm64`; None for the engine's own.

        Raises:
            InvalidReference: `reference` is neither a valid name nor an id.
            InvalidContext: `platform` is not a valid platform.
            EngineUnavailable: The engine does not answer.
        """
        return client_behind(self).image_exists(reference, platform=platform)

    def image(self, reference: str, *, platform: str | None = None) -> Image:
        """Return an image of the engine's local cache, with source `"local"`.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.
            platform: Such as `linux/arm64`; None for the engine's own. An image for
                another platform is ignored, unless `reference` is its id.

        Raises:
            ImageNotFound: The image is not in the local cache.
            InvalidReference: `reference` is neither a valid name nor an id.
            InvalidContext: `platform` is not a valid platform.
            EngineUnavailable: The engine does not answer.
        """
        return client_behind(self).image(reference, platform=platform)


# Not an attribute of the client, so that users do not see what operations use of an engine.
_BEHIND: WeakKeyDictionary[DockerClient, Client] = WeakKeyDictionary()


def client_behind(client: DockerClient) -> Client:
    """Return what operations use of a client's engine."""
    return _BEHIND[client]
