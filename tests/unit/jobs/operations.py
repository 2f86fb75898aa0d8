"""Minimal operations of every kind for a job."""

import threading
import time
from collections.abc import Callable, Generator

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import ImageNotFound
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Event, Image, LogWritten

IMAGE = Image("sha256:" + "a" * 64, "owner/env:1", None, 1_000, "ghcr.io")
Work = Generator[Event, None, Image]
Operation = Callable[[Cancellation, Clock], Work]


def quick(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    return IMAGE


def failing(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    raise ImageNotFound("no such image")


def broken(_cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    raise KeyError("a bug")


def endless(cancel: Cancellation, _clock: Clock) -> Work:
    yield LogWritten("working\n")
    while True:
        cancel.sleep(60)


def blocked(cancel: Cancellation, _clock: Clock) -> Work:
    """Block as on a socket, and fail as when the socket is closed."""
    yield LogWritten("working\n")
    closed = threading.Event()
    with cancel.closing(closed.set):
        closed.wait()
        raise OSError("the socket was closed")


def talking(begin: threading.Event) -> Callable[[Cancellation, Clock], Work]:
    def talk(_cancel: Cancellation, _clock: Clock) -> Work:
        begin.wait(10)
        for _ in range(40):
            yield LogWritten("x" * 100_000 + "\n")
        return IMAGE

    return talk


def in_turn(*operations: Operation) -> Operation:
    """Return an operation that is another one in every run."""
    left = list(operations)

    def operation(cancel: Cancellation, clock: Clock) -> Work:
        return left.pop(0)(cancel, clock)

    return operation


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
