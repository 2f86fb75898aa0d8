"""The wrapper round docker-py: where an engine is, what it is, what it has.

Everything that talks to an engine goes through :class:`DockerClient`. It holds
no connection: each operation gets its own, so that two jobs never share one and
ending one never hurts the other.
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
from imagewidget.engine.connection.info import EngineInfo, engine_info
from imagewidget.engine.connection.negotiation import api_version
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.credentials import Credentials
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


def connect(target: str | None = None) -> DockerClient:
    """Choose the engine; it is asked nothing yet.

    Args:
        target: `unix:///path`, `tcp://host:2376`, `npipe:////./pipe/name`,
            `ssh://user@host` (which needs `pip install 'imagewidget[ssh]'`), the
            name of a docker context, or None for `DOCKER_HOST`, else the current
            docker context, else the default socket. `DOCKER_TLS_VERIFY` and
            `DOCKER_CERT_PATH` hold for `tcp://`.

    Raises:
        EngineUnavailable: There is no such context, or the address has no known form.
    """
    return DockerClient(resolve(target))


class DockerClient:
    """An engine to ask; connects when it is first needed.

    Safe to share between threads and jobs.
    """

    def __init__(self, endpoint: Endpoint | None = None) -> None:
        self.endpoint = endpoint or resolve()
        self._lock = threading.Lock()
        self._api_version: str | None = None
        self._info: EngineInfo | None = None

    def __repr__(self) -> str:
        return f"DockerClient({str(self.endpoint)!r})"

    def new_api(
        self, *, timeout: float = _TIMEOUT, cancel: Cancellation | None = None
    ) -> Transport:
        """Give docker-py's low-level client with connections of its own; close it after use.

        Args:
            timeout: Seconds to wait for a connection, and for each answer where
                a call sets no other.
            cancel: Breaks off the question which API the engine speaks.

        Raises:
            EngineUnavailable: No engine answers.
            Cancelled: It was asked for.
        """
        return self._transport(self._negotiated(cancel), timeout, cancel)

    @contextlib.contextmanager
    def operation(
        self,
        cancel: Cancellation | None = None,
        *,
        timeout: float = _TIMEOUT,
    ) -> Iterator[Transport]:
        """Give connections for one operation; close them after it.

        A request to cancel breaks off whatever the block waits for, which the
        engine takes as a sign to stop. Nothing foreign leaves the block.

        Raises:
            Cancelled: It was asked for.
            DockerError: What an exception of docker-py or of the network meant.
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
            # A connection that was cut on purpose says nothing of the engine.
            if isinstance(error, EngineUnavailable) and not is_cancelled:
                self._forget()
            if is_cancelled and not isinstance(error, Cancelled):
                raise Cancelled("Cancelled.") from error
            raise

    def ping(self) -> None:
        """Make sure that the engine answers.

        Raises:
            EngineUnavailable: It does not; the hint says what to do.
        """
        with self.operation() as api:
            api.ping()

    def info(self, *, cancel: Cancellation | None = None, refresh: bool = False) -> EngineInfo:
        """Say what the engine is; asked once and remembered.

        Args:
            cancel: Breaks off the question.
            refresh: Whether to ask again: another engine may be there by now.

        Raises:
            EngineUnavailable: It does not answer.
            Cancelled: It was asked for.
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
        """Tell whether the image is in the engine's local cache.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.

        Raises:
            InvalidReference: It is none of these.
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
        """Give the image as it is in the engine's local cache, with source `"local"`.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.
            platform: Such as `linux/arm64`: an image for another one does not count.
            cancel: Breaks off the question.

        Raises:
            ImageNotFound: It is not there.
            InvalidReference: That is neither a name nor an id.
            EngineUnavailable: The engine does not answer.
            Cancelled: It was asked for.
        """
        name = local_name(reference)
        missing = ImageNotFound(
            f"There is no image {reference} here.",
            hint="`pull` or `build` it first.",
        )
        try:
            with self.operation(cancel) as api:
                # docker-py's decorator hides the types of this one method.
                inspect: Callable[[str], dict[str, Any]] = api.inspect_image
                found = inspect(name)
        except (ImageNotFound, InvalidReference) as error:
            # Podman calls an id that it does not know a bad name.
            raise missing from error
        if not matches_reference(reference, found):
            raise missing
        if platform and not supports_platform(platform, found):
            raise ImageNotFound(f"The image {reference} here is not for {platform}.")
        return Image(
            id=full_id(found),
            reference=reference,
            digest=digest_of(found, reference),
            size=int(found.get("Size") or 0),
            source="local",
        )

    def tag(self, image_id: str, reference: str, *, cancel: Cancellation | None = None) -> None:
        """Give a local image one more name.

        Raises:
            InvalidReference: That is no name, or one with a digest.
            ImageNotFound: There is no such image.
            Cancelled: It was asked for.
        """
        name = references.parse(reference)
        if not name.can_be_tagged:
            raise InvalidReference(
                f"{reference} cannot be given to an image.",
                hint="A digest is made by what the image holds: leave it out.",
            )
        with self.operation(cancel) as api:
            # For the host as well: Podman would put `localhost/` before a bare name.
            api.tag(image_id, name.name, tag=name.tag, force=True)

    def credentials(self, host: str) -> Credentials | None:
        """Look up what `docker login` or a credential helper keeps for a registry.

        Args:
            host: The registry; the hosts of Docker Hub are one.

        Returns:
            None where there is nothing.

        Raises:
            DockerError: The credential helper failed.
        """
        with _configured():
            kept = docker_py.Logins.of_user()
        return Credentials.of(login.find(kept, host))

    def proxies(self) -> dict[str, str]:
        """Give the proxies that Docker's configuration file has for builds, as build arguments."""
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
            # For ssh, docker-py connects in the constructor, and waits as long as the system does.
            if cancel is not None and self.endpoint.scheme == "ssh":
                api = cancel.wait_for(make, Transport.close)
            else:
                api = make()
        # As the docker CLI: a proxy of the environment is not for this machine's own engine.
        api.trust_env = self.endpoint.is_remote
        return api

    def _forget(self) -> None:
        """Ask anew next time: another engine may stand there after a restart."""
        with self._lock:
            self._api_version = None
            self._info = None


def _cutting(
    api: Transport, cancel: Cancellation | None
) -> contextlib.AbstractContextManager[None]:
    """Let a request to cancel break off whatever waits for an answer."""
    return contextlib.nullcontext() if cancel is None else cancel.closing(api.cut)


@contextlib.contextmanager
def _configured() -> Iterator[None]:
    """Say whose fault it is when docker-py stumbles over Docker's configuration file."""
    try:
        yield
    except (docker.errors.InvalidConfigFile, ValueError) as error:
        raise DockerError(
            "Docker's configuration file cannot be read.",
            hint="Mend or remove `~/.docker/config.json` (or the one in `DOCKER_CONFIG`).",
        ) from error
