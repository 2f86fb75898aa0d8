"""Errors as BuildKit reports them, for a Dockerfile with one instruction in several stages."""

import textwrap

from imagewidget.engine.buildkit.failure import failure
from imagewidget.engine.buildkit.proto.status_pb2 import (
    StatusResponse,
    Timestamp,
    Vertex,
    VertexLog,
)
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.failure.errors import BuildFailed, DockerError
from imagewidget.engine.request.request import BuildRequest

DOCKERFILE = textwrap.dedent("""\
    FROM debian:trixie-slim AS base
    RUN mkdir /x
    COPY --chown=1 a.txt /
    FROM base AS tools
    RUN mkdir /x
    RUN make \\
        all
    FROM ghcr.io/owner/runtime:1
    COPY --from=nostage /x /
    WORKDIR /x
    RUN mkdir /x
    """)


def failed(
    message: str, step: str = "", *, log: bytes = b"", text: str = DOCKERFILE, **options: object
) -> DockerError:
    """Return the error for an engine's message about a step."""
    request = BuildRequest.of(dockerfile=text, **options)  # type: ignore[arg-type]
    trace = Trace(lambda: 0.0, request.masker())
    if step:
        vertex = Vertex(digest="sha256:a", name=step.encode(), started=Timestamp(seconds=1))
        vertex.completed.seconds = 2
        vertex.error = message.encode()
        logs = [VertexLog(vertex="sha256:a", stream=1, msg=log)] if log else []
        list(trace.read(StatusResponse(vertexes=[vertex], logs=logs).SerializeToString()))
    return failure(message, request, trace)


def build_failed(message: str, step: str = "", **options: object) -> BuildFailed:
    """Return the error, which must be that of a failed build."""
    error = failed(message, step, **options)  # type: ignore[arg-type]
    assert isinstance(error, BuildFailed)
    return error
