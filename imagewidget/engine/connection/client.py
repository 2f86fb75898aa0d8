"""A wrapper around docker-py: where an engine is, what it is, and which images it has.

Everything that talks to an engine goes through :class:`Client`. It holds
no connection: each operation opens its own, so that two jobs never share one and
cancelling one job never affects another.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import docker.errors

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_py, login, proxies
from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.connection.faults import translated
from imagewidget.engine.connection.info import engine_info
from imagewidget.engine.connection.negotiation import api_version
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.engine_info import EngineInfo
from imagewidget.engine.failure.errors import (
    Cancelled,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
)
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.inspected import digest_of, full_id, matches_reference
from imagewidget.engine.image.local_name import local_name
from imagewidget.engine.image.platform import supports_platform
from imagewidget.progress.events import Image

_TIMEOUT = 60.0
_BEFORE_AGAIN = 0.5


def new_client(target: str | None = None) -> Client:
    """Choose an engine, as :func:`imagewidget.connect` does, without connecting to it yet."""
    return Client(resolve(target))


class Client:
    """What operations use of one engine; users have an :class:`imagewidget.DockerClient`.

    It may be shared between threads and jobs.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._api_version: str | None = None
        self._info: EngineInfo | None = None

    def __repr__(self) -> str:
        return f"Client({str(self.endpoint)!r})"

    def new_api(
        self, *, timeout: float = _TIMEOUT, cancel: Cancellation | None = None
    ) -> Transport:
        """Return a new docker-py low-level client with separate connections; close it after use.

        Args:
            timeout: Seconds to wait for a connection, and for each answer unless
                the call sets its own.
            cancel: Interrupts the query for the engine's API version.

        Raises:
            EngineUnavailable: No engine answers.
            Cancelled: The operation was cancelled.
        """
        return self._transport(self._negotiated(cancel), timeout, cancel)

    @contextlib.contextmanager
    def operation(
        self,
        cancel: Cancellation | None = None,
        *,
        timeout: float = _TIMEOUT,
    ) -> Iterator[Transport]:
        """Open connections for one operation, and close them after it.

        Cancelling interrupts whatever the block waits for; the engine stops when
        its connection is closed. Exceptions of docker-py and of the network are
        translated before they leave the block.

        Raises:
            Cancelled: The operation was cancelled.
            DockerError: The operation failed; translated from docker-py or the network.
        """
        try:
            with (
                translated(self.endpoint),
                contextlib.closing(self.new_api(timeout=timeout, cancel=cancel)) as api,
                _cutting(api, cancel),
            ):
                yield api
        except DockerError as error:
            is_cancelled = cancel is not None and cancel.is_requested
            # A connection that was cut on purpose says nothing about the engine.
            if isinstance(error, EngineUnavailable) and not is_cancelled:
                self._forget()
            if is_cancelled and not isinstance(error, Cancelled):
                raise Cancelled("Cancelled.") from error
            raise

    def ping(self) -> None:
        """Check that the engine answers.

        Raises:
            EngineUnavailable: The engine does not answer; the hint says what to do.
        """
        with self.operation() as api:
            api.ping()

    def info(self, *, cancel: Cancellation | None = None, refresh: bool = False) -> EngineInfo:
        """Return a description of the engine; it is queried once and then cached.

        Args:
            cancel: Interrupts the query.
            refresh: Whether to query again, in case the engine was replaced.

        Raises:
            EngineUnavailable: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        if refresh:
            self._forget()
        with self._lock:
            if self._info:
                return self._info
        with self.operation(cancel) as api:
            found = engine_info(api, is_remote=self.endpoint.is_remote)
        with self._lock:
            self._info = found
        return found

    def image_exists(self, reference: str) -> bool:
        """Return whether the image is in the engine's local cache.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.

        Raises:
            InvalidReference: `reference` is neither a valid name nor an id.
            EngineUnavailable: The engine does not answer.
        """
        try:
            self.image(reference)
        except ImageNotFound:
            return False
        return True

    def image(
        self,
        reference: str,
        *,
        platform: str | None = None,
        cancel: Cancellation | None = None,
    ) -> Image:
        """Return an image of the engine's local cache, with source `"local"`.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.
            platform: Such as `linux/arm64`; an image for another platform is ignored.
            cancel: Interrupts the query.

        Raises:
            ImageNotFound: The image is not in the local cache.
            InvalidReference: `reference` is neither a valid name nor an id.
            EngineUnavailable: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        name = local_name(reference)
        missing = ImageNotFound(
            f"There is no image {reference} in the local cache.",
            hint="Pull or build it first.",
        )
        try:
            with self.operation(cancel) as api:
                # docker-py's decorator hides this method's types.
                inspect: Callable[[str], dict[str, Any]] = api.inspect_image
                found = inspect(name)
        except (ImageNotFound, InvalidReference) as error:
            # Podman reports an unknown id as an invalid name.
            raise missing from error
        if not matches_reference(reference, found):
            raise missing
        if platform and not supports_platform(platform, found):
            raise ImageNotFound(
                f"The local image {reference} is not for {platform}.",
                hint="Pull or build it for that platform first.",
            )
        return Image(
            id=full_id(found),
            reference=reference,
            digest=digest_of(found, reference),
            size=int(found.get("Size") or 0),
            source="local",
        )

    def finished(self, reference: str, *, cancel: Cancellation | None = None) -> Image:
        """Return the image that a pull or a build has just made.

        One failure is not the end of it: all the work is done by then, and a
        connection may be refused once, or an engine busy.

        Raises:
            ImageNotFound: The image is not in the local cache.
            EngineUnavailable: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        try:
            return self.image(reference, cancel=cancel)
        except Cancelled:
            raise
        except DockerError:
            (cancel or Cancellation()).sleep(_BEFORE_AGAIN)
            return self.image(reference, cancel=cancel)

    def tag(self, image_id: str, reference: str, *, cancel: Cancellation | None = None) -> None:
        """Add a name to a local image.

        Raises:
            InvalidReference: `reference` is not a valid name, or contains a digest.
            ImageNotFound: There is no such image.
            Cancelled: The operation was cancelled.
        """
        name = references.parse(reference)
        if not name.can_be_tagged:
            raise InvalidReference(
                f"{reference} cannot be used to tag an image.",
                hint="A digest is computed from the image's content; leave it out.",
            )
        with self.operation(cancel) as api:
            # With the registry: Podman would prepend `localhost/` to a name without one.
            api.tag(image_id, name.name, tag=name.tag, force=True)

    def credentials(self, host: str) -> Credentials | None:
        """Return what `docker login` or a credential helper has stored for a registry.

        Args:
            host: The registry; all hosts of Docker Hub count as one.

        Returns:
            The credentials, or None if there are none.

        Raises:
            DockerError: The credential helper failed.
        """
        with _configured():
            kept = docker_py.Logins.of_user()
        return Credentials.of(login.find(kept, host))

    def proxies(self) -> dict[str, str]:
        """Return the proxies for builds in Docker's configuration file, as build arguments."""
        return proxies.configured(self.endpoint.url)

    def _negotiated(self, cancel: Cancellation | None) -> str:
        with self._lock:
            if self._api_version:
                return self._api_version
        with (
            contextlib.closing(self._transport(docker_py.OLDEST_API, _TIMEOUT, cancel)) as api,
            _cutting(api, cancel),
        ):
            found = api_version(api, self.endpoint)
        with self._lock:
            self._api_version = found
        return found

    def _transport(self, version: str, timeout: float, cancel: Cancellation | None) -> Transport:
        make = functools.partial(
            Transport,
            base_url=self.endpoint.url,
            version=version,
            timeout=timeout,
            tls=self.endpoint.tls or False,
        )
        with translated(self.endpoint), _configured():
            # For ssh, docker-py connects in the constructor, with the system's timeout.
            if cancel is not None and self.endpoint.scheme == "ssh":
                api = cancel.wait_for(make, Transport.close)
            else:
                api = make()
        # Like the docker CLI, ignore proxy variables for a local engine.
        api.trust_env = self.endpoint.is_remote
        return api

    def _forget(self) -> None:
        """Query again next time, because a restart may have replaced the engine."""
        with self._lock:
            self._api_version = None
            self._info = None


def _cutting(
    api: Transport, cancel: Cancellation | None
) -> contextlib.AbstractContextManager[None]:
    """Return a context in which cancelling cuts the connections of `api`."""
    return contextlib.nullcontext() if cancel is None else cancel.closing(api.cut)


@contextlib.contextmanager
def _configured() -> Iterator[None]:
    """Raise a :class:`DockerError` if docker-py cannot read Docker's configuration file."""
    try:
        yield
    except (docker.errors.InvalidConfigFile, ValueError) as error:
        raise DockerError(
            "Docker's configuration file cannot be read.",
            hint="Fix or remove `~/.docker/config.json` (or the one in `DOCKER_CONFIG`).",
        ) from error
