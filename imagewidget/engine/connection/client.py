"""A wrapper around docker-py: where an engine is, what it is, and which images it has.

Everything that talks to an engine goes through :class:`Client`. It holds
no connection: each operation opens its own, so that two jobs never share one and
cancelling one job never affects another.
"""

from __future__ import annotations

import contextlib
import functools
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_config, docker_py, login
from imagewidget.engine.connection.endpoint import Endpoint, resolve
from imagewidget.engine.connection.faults import translated
from imagewidget.engine.connection.info import Storage, engine_info, has_bridge, storage
from imagewidget.engine.connection.negotiation import engine_version
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.engine_info import EngineInfo, EngineVersion
from imagewidget.engine.failure.errors import (
    Cancelled,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
)
from imagewidget.engine.image import inspected
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.inspected import LocalImage
from imagewidget.engine.image.local_name import local_name
from imagewidget.engine.image.platform import Platform, check_platform
from imagewidget.progress.events import Image

_TIMEOUT = 60.0
# The first API version whose `inspect` lists the platforms of an image.
_VARIANTS_LISTED = (1, 48)
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
        self._version: EngineVersion | None = None
        self._info: EngineInfo | None = None
        self._has_bridge: bool | None = None

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
        return self._transport(self.version(cancel=cancel).api_version, timeout, cancel)

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

    def version(
        self, *, cancel: Cancellation | None = None, refresh: bool = False
    ) -> EngineVersion:
        """Return what the engine reports of itself in one request; it is queried once.

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
            if self._version:
                return self._version
        try:
            with (
                contextlib.closing(self._transport(docker_py.OLDEST_API, _TIMEOUT, cancel)) as api,
                _cutting(api, cancel),
            ):
                found = engine_version(api, self.endpoint)
        except EngineUnavailable as error:
            if cancel is not None and cancel.is_requested:
                raise Cancelled("Cancelled.") from error
            raise
        with self._lock:
            self._version = found
        return found

    def info(self, *, cancel: Cancellation | None = None, refresh: bool = False) -> EngineInfo:
        """Return the whole description of the engine, which takes three requests; it is cached.

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
        version = self.version(cancel=cancel)
        with self.operation(cancel) as api:
            found = engine_info(api, version, is_remote=self.endpoint.is_remote)
        with self._lock:
            self._info = found
        return found

    def has_bridge(self, *, cancel: Cancellation | None = None) -> bool:
        """Return whether containers have a network by default; it is queried once.

        Raises:
            EngineUnavailable: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        with self._lock:
            known = self._info.has_bridge if self._info else self._has_bridge
        if known is None:
            with self.operation(cancel) as api:
                known = has_bridge(api)
            with self._lock:
                self._has_bridge = known
        return known

    def storage(self, *, cancel: Cancellation | None = None) -> Storage:
        """Return where the engine keeps its images, and how much is free there now.

        Raises:
            DockerError: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        version = self.version(cancel=cancel)
        with self.operation(cancel) as api:
            return storage(api, version, is_remote=self.endpoint.is_remote)

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
        platform = check_platform(platform)
        try:
            found = self.local_image(reference, with_size=False)
            found.for_platform(platform, self.platform())
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
            platform: Such as `linux/arm64`; None for the engine's own. An image for
                another platform is ignored, unless `reference` is its id.
            cancel: Interrupts the query.

        Raises:
            ImageNotFound: The image is not in the local cache.
            InvalidReference: `reference` is neither a valid name nor an id.
            InvalidContext: `platform` is not a valid platform.
            EngineUnavailable: The engine does not answer.
            Cancelled: The operation was cancelled.
        """
        platform = check_platform(platform)
        found = self.local_image(reference, cancel=cancel)
        return found.for_platform(platform, self.platform(cancel=cancel))

    def platform(self, *, cancel: Cancellation | None = None) -> Platform:
        """Return the engine's own platform; its parts are empty if it does not report them."""
        version = self.version(cancel=cancel)
        return Platform.of_parts(version.os, version.arch)

    def local_image(
        self, reference: str, *, cancel: Cancellation | None = None, with_size: bool = True
    ) -> LocalImage:
        """Return an image of the local cache, whatever platform it is for.

        Args:
            reference: A name with tag or digest, or an id of 7 to 64 hex digits.
            cancel: Interrupts the query.
            with_size: Whether its size has to be that of `docker images`, which takes a
                further request with the containerd store of Docker up to 27.

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
        version = self.version(cancel=cancel)
        has_variants = version.offers(_VARIANTS_LISTED)
        try:
            with self.operation(cancel) as api:
                found = api.ask(f"/images/{name}/json", {"manifests": "1"} if has_variants else {})
                is_split = not version.is_podman and inspected.is_in_containerd(found)
                listed = None
                if with_size and is_split and not has_variants:
                    listed = _listed(api, found)
        except (ImageNotFound, InvalidReference) as error:
            # Podman reports an unknown id as an invalid name.
            raise missing from error
        if not inspected.matches_reference(reference, found):
            raise missing
        own = Platform.of_parts(version.os, version.arch)
        return inspected.local_image(found, reference, own, listed)

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

    def login(self, host: str, cancel: Cancellation | None = None) -> login.Login:
        """Return what `docker login` or a credential helper has stored for a registry.

        Args:
            host: The registry; all hosts of Docker Hub count as one.
            cancel: Ends the wait for a credential helper.

        Raises:
            Cancelled: The operation was cancelled.
        """
        return login.find(docker_config.read(), host, cancel)

    def proxies(self) -> dict[str, str]:
        """Return the proxies for builds in Docker's configuration file, as build arguments."""
        return docker_config.read().build_proxies(self.endpoint.url)

    def _transport(self, version: str, timeout: float, cancel: Cancellation | None) -> Transport:
        make = functools.partial(
            Transport,
            base_url=self.endpoint.url,
            version=version,
            timeout=timeout,
            tls=self.endpoint.tls or False,
        )
        with translated(self.endpoint):
            try:
                # For ssh, docker-py connects in the constructor, with the system's timeout.
                if cancel is not None and self.endpoint.scheme == "ssh":
                    api = cancel.wait_for(make, Transport.close)
                else:
                    api = make()
            except RecursionError:  # docker-py reads the file, though nothing of it is used
                raise DockerError(
                    "Docker's configuration file is nested too deeply to be read.",
                    hint=f"Correct {docker_config.directory() / 'config.json'}.",
                ) from None
        # Like the docker CLI, ignore proxy variables for a local engine.
        api.trust_env = self.endpoint.is_remote
        return api

    def _forget(self) -> None:
        """Query again next time, because a restart may have replaced the engine."""
        with self._lock:
            self._version = None
            self._info = None
            self._has_bridge = None


def _listed(api: Transport, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return an inspected image's entry in the list of images; None if it is not found."""
    names = [str(name) for name in found.get("RepoTags") or () if name]
    filters = {"reference": names[:1]} if names else {"dangling": ["true"]}
    entries = api.ask("/images/json", {"filters": json.dumps(filters)})
    return next((each for each in entries or () if each.get("Id") == found.get("Id")), None)


def _cutting(
    api: Transport, cancel: Cancellation | None
) -> contextlib.AbstractContextManager[None]:
    """Return a context in which cancelling cuts the connections of `api`."""
    return contextlib.nullcontext() if cancel is None else cancel.closing(api.cut)
