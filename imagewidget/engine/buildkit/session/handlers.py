"""What the services of a session have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from grpclib.const import Cardinality, Handler
from grpclib.server import Stream

HEADER_ENCODING = "latin-1"
"""How bytes in the headers of a call become text: each as one character."""

Handlers = dict[str, Handler]
"""gRPC paths, such as `/grpc.health.v1.Health/Check`, and what answers them."""


class Service(Protocol):
    """Something that answers calls; what grpclib's `Server` takes."""

    def __mapping__(self) -> Handlers: ...


def unary(
    path: str,
    answer: Callable[[Stream[Any, Any]], Awaitable[None]],
    request: type,
    response: type,
) -> Handlers:
    """Describe a method with one message each way."""
    return {path: Handler(answer, Cardinality.UNARY_UNARY, request, response)}


def streaming(
    path: str,
    answer: Callable[[Stream[Any, Any]], Awaitable[None]],
    message: type,
) -> Handlers:
    """Describe a method with any number of messages each way, all of one type."""
    return {path: Handler(answer, Cardinality.STREAM_STREAM, message, message)}
