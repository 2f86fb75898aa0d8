"""Build with the classic builder: send the whole context, read what it says.

Podman has this builder only. It does not end a command that runs when the
connection is closed (Buildah's `RUN` knows no cancel): the build stops after it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic import archive, parameters
from imagewidget.engine.classic.failure import failure, is_about_dockerfile
from imagewidget.engine.classic.stream import ClassicStream
from imagewidget.engine.classic.upload import Upload
from imagewidget.engine.connection import docker_py
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.connection.info import EngineInfo
from imagewidget.engine.failure.errors import (
    BuildFailed,
    Cancelled,
    DiskFull,
    DockerError,
    EngineUnavailable,
    InvalidContext,
    masked,
)
from imagewidget.engine.request.masking import Masker
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

# Whatever words stand in these, they are not about the Dockerfile.
_CERTAIN = (BuildFailed, Cancelled, DiskFull, EngineUnavailable, InvalidContext)

PODMAN_GOES_ON = (
    "Podman cannot end the command that runs: it comes to its end in the background, "
    "and the build stops after it.\n"
)
"""What the log says when a step was cancelled on Podman."""


def build(
    client: DockerClient,
    request: BuildRequest,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Generator[Event, None, Image]:
    """Build an image.

    Args:
        client: The engine that builds.
        request: What to build.
        cancel: How to stop it: the connection is closed, whereupon Docker kills
            the running step and removes its container. Podman stops after the step.
        clock: Seconds since the job began.

    Yields:
        What happens, with every known secret masked.

    Returns:
        The image, with `"build"` as its source.

    Raises:
        InvalidContext: Something in the context cannot be read; the engine was not
            asked to build.
        BuildFailed: The Dockerfile is wrong, or a step failed.
        DiskFull: The engine has no room left.
        EngineUnavailable: The engine does not answer.
        Cancelled: It was asked for.
    """
    engine = client.info(cancel=cancel)
    masker = request.masker()
    stream = ClassicStream(request.dockerfile, clock)
    ended: DockerError | None = None
    try:
        yield from _masked(
            _events(client, engine, request, stream, cancel=cancel, clock=clock), masker
        )
    except DockerError as error:
        is_cancelled = isinstance(error, Cancelled)
        if is_cancelled and stream.is_in_step and engine.store == "podman":
            yield LogWritten(PODMAN_GOES_ON)
        status = StepStatus.CANCELLED if is_cancelled else StepStatus.FAILED
        yield from _masked(stream.end(status, None if is_cancelled else error.message), masker)
        ended = error
    if ended is not None:
        # Not while that one is handled: it would be the context, and it may hold a secret.
        raise _explained(ended, request, masker) from ended.__cause__
    cancel.check()
    if not stream.image_id:
        raise DockerError(
            "The engine ended the build without an image.",
            hint="Its own log may say why: it may have been restarted.",
        )
    image = client.image(stream.image_id, cancel=cancel)
    return replace(image, reference=request.tag or image.id, digest=None, source="build")


def _events(
    client: DockerClient,
    engine: EngineInfo,
    request: BuildRequest,
    stream: ClassicStream,
    *,
    cancel: Cancellation,
    clock: Clock,
) -> Iterator[Event]:
    """Send the request and read the answer."""
    path, extra = parameters.files(request)
    excludes = request.ignore.keeping(path, IGNORE_FILE)
    total = archive.measure(request.context, excludes, extra, check=cancel.check)
    with client.operation(cancel) as api:
        headers, warning = parameters.headers(request, docker_py.logins(api), cancel)
        if warning:
            yield LogWritten(warning)
        upload = Upload(
            archive.tar_stream(request.context, excludes, extra, check=cancel.check),
            total,
            clock,
            is_compressed=engine.is_remote,
        )
        query = parameters.parameters(request, path, is_podman=engine.store == "podman")
        answer = api.post_stream("/build", query, headers, None, upload.body())
        yield from stream.events((yield from upload.send(answer, api.cut)))


def _explained(error: DockerError, request: BuildRequest, masker: Masker) -> DockerError:
    """Return the error with its place in the Dockerfile, and with no secret in it."""
    # Before its kind: the Dockerfile's own words may read like a registry's.
    if not isinstance(error, _CERTAIN) and is_about_dockerfile(error.message):
        error = failure(error.message, None, dockerfile=request.dockerfile)
    return masked(error, masker.mask)


def _masked(events: Iterable[Event], masker: Masker) -> Iterator[Event]:
    """Mask what events say; the beginning of a secret waits for its end."""
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
