"""Build with BuildKit over the engine's own API, without the docker CLI.

`POST /build?version=2` names a session, through which the engine fetches the
Dockerfile, the files it copies, secrets and credentials. Meanwhile the response
streams the progress (moby `daemon/internal/builder-next/builder.go`).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import os
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from secrets import token_hex
from typing import Any

from google.protobuf.message import DecodeError

from imagewidget.engine.buildkit.failure import failure
from imagewidget.engine.buildkit.parameters import parameters
from imagewidget.engine.buildkit.readable import check_readable
from imagewidget.engine.buildkit.services import Services
from imagewidget.engine.buildkit.session.session import Session
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.failure.errors import Cancelled, DockerError
from imagewidget.engine.finish import finished, no_image
from imagewidget.engine.request.query import Parameters
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Event, Image, LogWritten

_CANCEL_TIMEOUT = 5.0
_CANCEL_PATIENCE = 0.5

_logger = logging.getLogger(__name__)


def build(
    client: Client,
    request: BuildRequest,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Generator[Event, None, Image]:
    """Build an image and return it.

    Args:
        client: The engine that builds.
        request: What to build.
        cancel: Stops the build, on the engine as well.
        clock: Seconds since the job began.

    Yields:
        Steps, transfers, warnings and log text as they arrive.

    Returns:
        The image, with `"build"` as its source; without an id if the build has an output.

    Raises:
        BuildFailed: A step failed, or the Dockerfile is invalid.
        InvalidContext: A file that the build needs cannot be read.
        DockerError: The engine or a registry failed.
        Cancelled: The build was cancelled.
    """
    check_readable(request, cancel)
    services = Services(client, request, cancel)
    store = client.storage(cancel=cancel).store
    with client.operation(cancel) as upstream:
        session = Session(upstream, services.all, shared_key=services.shared_key)
        with contextlib.closing(session):
            query = parameters(request, session.id, build_id=token_hex(16), store=store)
            running = _Build(client, request, services, Trace(clock, request.masker()))
            image_id = yield from running.follow(query, cancel)
    if request.output:
        return Image("", os.fspath(request.output.path), None, services.written, "build")
    # Without a tag in its request; see `parameters`.
    tags = request.tags if store == "containerd" else ()
    found = finished(client, image_id, cancel, tags=tags)
    image = found.described(request.platform, client.platform(cancel=cancel))
    return replace(image, reference=request.tag or image.id, digest=None, source="build")


class _Build:
    """A running build."""

    def __init__(
        self, client: Client, request: BuildRequest, services: Services, trace: Trace
    ) -> None:
        self._client = client
        self._request = request
        self._services = services
        self._trace = trace
        self._image_id = ""

    def follow(self, query: Parameters, cancel: Cancellation) -> Generator[Event, None, str]:
        """Start the build, yield its events until it ends, and return the image's id."""
        try:
            with self._client.operation(cancel) as api:
                for message in api.post_stream("/build", query, {}, None):
                    yield from (LogWritten(f"{note}\n") for note in self._services.notes())
                    yield from self._read(message)
            cancel.check()
        except Cancelled:
            yield from self._trace.finish()
            self._cancel(str(query["buildid"]))
            raise
        yield from self._trace.finish()
        if not self._image_id and not self._request.output:
            raise no_image()
        return self._image_id

    def _read(self, message: Any) -> Iterator[Event]:
        """Yield the events in one message from the engine; raise the error if it contains one."""
        if not isinstance(message, Mapping):
            return
        kind, aux = message.get("id"), message.get("aux")
        if kind == "moby.buildkit.trace" and isinstance(aux, str):
            try:
                yield from self._trace.read(base64.b64decode(aux))
            except (binascii.Error, DecodeError):
                # A message that cannot be decoded must not fail the build.
                _logger.debug("could not decode a message of the build", exc_info=True)
        elif kind == "moby.image.id" and isinstance(aux, Mapping):
            self._image_id = str(aux.get("ID") or "")
        elif message.get("stream"):
            yield LogWritten(self._trace.mask(str(message["stream"])))
        detail = message.get("errorDetail")
        if isinstance(detail, Mapping) or message.get("error"):
            text = detail.get("message") if isinstance(detail, Mapping) else None
            yield from self._trace.finish()
            error = failure(str(text or message.get("error")), self._request, self._trace)
            raise self._services.problem or error

    def _cancel(self, build_id: str) -> None:
        """Cancel the build by its id: a proxy may keep its connection to the engine open.

        Waits only a moment for the answer, because the engine may be out of reach.
        """
        thread = threading.Thread(
            target=self._cancel_by_name, args=(build_id,), name="imagewidget-cancel", daemon=True
        )
        thread.start()
        thread.join(_CANCEL_PATIENCE)

    def _cancel_by_name(self, build_id: str) -> None:
        with (
            contextlib.suppress(DockerError),
            self._client.operation(timeout=_CANCEL_TIMEOUT) as api,
            contextlib.suppress(DockerError),
        ):
            for _ in api.post_stream("/build/cancel", {"id": build_id}, {}, _CANCEL_TIMEOUT):
                pass
