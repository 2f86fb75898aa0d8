"""Types and helpers that the services of a session share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from grpclib.const import Cardinality, Handler
from grpclib.server import Stream

HEADER_ENCODING = "latin-1"
"""The encoding of a call's headers; it decodes each byte to one character."""

Handlers = dict[str, Handler]
"""Handlers by gRPC path, such as `/grpc.health.v1.Health/Check`."""


class Service(Protocol):
    """A service that answers calls, as grpclib's `Server` accepts it."""

    def __mapping__(self) -> Handlers: ...


def unary(
    path: str,
    answer: Callable[[Stream[Any, Any]], Awaitable[None]],
    request: type,
    response: type,
) -> Handlers:
    """Return the handler of a method with one message each way."""
    return {path: Handler(answer, Cardinality.UNARY_UNARY, request, response)}


def streaming(
    path: str,
    answer: Callable[[Stream[Any, Any]], Awaitable[None]],
    message: type,
) -> Handlers:
    """Return the handler of a method with any number of messages each way, all of one type."""
    return {path: Handler(answer, Cardinality.STREAM_STREAM, message, message)}
