"""Builds with the classic builder: send the whole context, then read the messages.

Podman has only this builder. It does not stop a running command when the
connection is closed (Buildah's `RUN` cannot be cancelled): the build stops after it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic import archive, parameters
from imagewidget.engine.classic.failure import failure, is_about_dockerfile
from imagewidget.engine.classic.stream import ClassicStream
from imagewidget.engine.classic.upload import Upload
from imagewidget.engine.connection import docker_config
from imagewidget.engine.connection.client import Client
from imagewidget.engine.engine_info import EngineVersion
from imagewidget.engine.failure.errors import (
    BuildFailed,
    Cancelled,
    DiskFull,
    DockerError,
    EngineUnavailable,
    InvalidContext,
    masked,
)
from imagewidget.engine.finish import finished, no_image
from imagewidget.engine.masking import Masker
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import IGNORE_FILE
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    BuildWarned,
    Event,
    Image,
    LogWritten,
    StepChanged,
    StepStatus,
)

# Errors that are never about the Dockerfile, whatever words their messages contain.
_NEVER_ABOUT_DOCKERFILE = (BuildFailed, Cancelled, DiskFull, EngineUnavailable, InvalidContext)

# Podman ends the commands of a build with itself.
_KILLED = (137, 143)

PODMAN_GOES_ON = (
    "Podman cannot stop a running command: it finishes in the background, "
    "and the build stops after it.\n"
)
"""The log line for a step that was cancelled on Podman."""


def build(
    client: Client,
    request: BuildRequest,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Generator[Event, None, Image]:
    """Build an image.

    Args:
        client: The engine to build on.
        request: What to build.
        cancel: Cancels the build by closing the connection: Docker then kills the
            running step and removes its container. Podman stops after the step.
        clock: Seconds since the job began.

    Yields:
        The events of the build, with every known secret masked.

    Returns:
        The image, with `"build"` as its source.

    Raises:
        InvalidContext: Something in the context cannot be read; the engine did not
            start the build.
        BuildFailed: The Dockerfile is invalid, or a step failed.
        DiskFull: The engine's disk is full.
        EngineUnavailable: The engine does not answer.
        Cancelled: The build was cancelled.
    """
    engine = client.version(cancel=cancel)
    masker = request.masker()
    stream = ClassicStream(request.dockerfile, clock, request.sources)
    ended: DockerError | None = None
    try:
        yield from _masked(
            _events(client, engine, request, stream, cancel=cancel, clock=clock), masker
        )
    except DockerError as error:
        is_cancelled = isinstance(error, Cancelled)
        if is_cancelled and stream.is_in_step and engine.is_podman:
            yield LogWritten(PODMAN_GOES_ON)
        status = StepStatus.CANCELLED if is_cancelled else StepStatus.FAILED
        yield from _masked(stream.end(status, None if is_cancelled else error.message), masker)
        ended = error
    if ended is not None:
        # Raised outside the `except` block: the original error may contain a secret, and
        # would become the `__context__` of this one.
        # Its traceback would keep the request and the streams alive in a reference cycle.
        original = ended.with_traceback(None)
        _check_still_there(client, engine, original)
        raise _explained(original, request, masker) from original.__cause__
    cancel.check()
    if not stream.image_id:
        raise no_image()
    tags = request.tags if engine.is_podman else ()
    found = finished(client, stream.image_id, cancel, tags=tags)
    image = found.described(request.platform, client.platform(cancel=cancel))
    return replace(image, reference=request.tag or image.id, digest=None, source="build")


def _events(
    client: Client,
    engine: EngineVersion,
    request: BuildRequest,
    stream: ClassicStream,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Iterator[Event]:
    """Send the request and read the response."""
    path, extra = parameters.files(request)
    excludes = request.ignore.keeping(path, IGNORE_FILE)
    total = archive.measure(request.context, excludes, extra, check=cancel.check)
    with client.operation(cancel) as api:
        headers, warning = parameters.headers(request, docker_config.read(), cancel)
        if warning:
            yield LogWritten(warning)
        upload = Upload(
            archive.tar_stream(request.context, excludes, extra, check=cancel.check),
            total,
            clock,
            is_compressed=client.endpoint.is_remote,
        )
        query = parameters.parameters(request, path, is_podman=engine.is_podman)
        answer = api.post_stream("/build", query, headers, None, upload.body())
        yield from stream.events((yield from upload.send(answer, api.cut)))


def _check_still_there(client: Client, engine: EngineVersion, error: DockerError) -> None:
    """Check that a command was not killed because the engine itself was stopped.

    Raises:
        EngineUnavailable: The engine does not answer any more.
    """
    is_killed = isinstance(error, BuildFailed) and error.exit_code in _KILLED
    if is_killed and engine.is_podman:
        client.ping()


def _explained(error: DockerError, request: BuildRequest, masker: Masker) -> DockerError:
    """Return the error with its lines in the Dockerfile, and with secrets masked."""
    # Do not trust the kind of the error: words of the Dockerfile may resemble a registry's.
    if not isinstance(error, _NEVER_ABOUT_DOCKERFILE) and is_about_dockerfile(error.message):
        error = failure(error.message, None, dockerfile=request.dockerfile)
    return masked(error, masker.mask)


def _masked(events: Iterable[Event], masker: Masker) -> Iterator[Event]:
    """Mask the text in events, also of secrets that are split between two of them."""
    for event in events:
        if isinstance(event, LogWritten):
            text = masker.feed(event.text, event.step)
            if text:
                yield replace(event, text=text)
        elif isinstance(event, StepChanged):
            held = masker.flush(event.id) if event.status.is_final else ""
            if held:
                yield LogWritten(held, event.id)
            error = masker.mask(event.error) if event.error else None
            yield replace(event, name=masker.mask(event.name), error=error)
        elif isinstance(event, BuildWarned):
            yield replace(event, message=masker.mask(event.message))
        else:
            yield event
    held = masker.flush()
    if held:
        yield LogWritten(held)
