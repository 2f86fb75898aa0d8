"""The end of a pull or a build: the image is looked up, and gets its names.

All the work is done by then, so one failure is not the end of it: a connection may be
refused once, or an engine busy.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.failure.errors import Cancelled, DockerError
from imagewidget.engine.image.inspected import LocalImage

_BEFORE_AGAIN = 0.5
_TAG_ATTEMPTS = 12
_TAG_PAUSE = 0.1
_LOOK_FOR_CANCEL = 0.1
_turns: dict[str, threading.Lock] = {}

Found = TypeVar("Found")


def finished(
    client: Client, reference: str, cancel: Cancellation, *, tags: Iterable[str] = ()
) -> LocalImage:
    """Return the image that a pull or a build has just made.

    Args:
        client: The engine.
        reference: The image's id, or a name that it has already.
        cancel: Interrupts the requests.
        tags: Names to add.

    Raises:
        ImageNotFound: The image is not in the local cache.
        EngineUnavailable: The engine does not answer.
        DockerError: The image is there, but could not be tagged; the message has its id.
        Cancelled: The operation was cancelled.
    """
    found = _with_second_try(lambda: client.local_image(reference, cancel=cancel), cancel)
    for tag in tags:
        _name(client, found.id, tag, cancel)
    return found


def no_image() -> DockerError:
    """Return the error for a build that ends without an image and without an error."""
    return DockerError(
        "The engine ended the build without an image.",
        hint="Check the engine's log; it may have been restarted.",
    )


def _with_second_try(do: Callable[[], Found], cancel: Cancellation) -> Found:
    try:
        return do()
    except Cancelled:
        raise
    except DockerError:
        cancel.sleep(_BEFORE_AGAIN)
        return do()


def _name(client: Client, image_id: str, tag: str, cancel: Cancellation) -> None:
    """Tag an image; the error says that it is there."""
    try:
        _with_second_try(lambda: _tag(client, image_id, tag, cancel), cancel)
    except Cancelled:
        raise
    except DockerError as error:
        short = image_id.removeprefix("sha256:")[:12]
        message = f"{error.message} The image is there as {short}, without the name {tag}."
        raise type(error)(message, hint=error.hint) from error


def _tag(client: Client, image_id: str, tag: str, cancel: Cancellation) -> None:
    """Tag an image; another build may be moving the same tag, for which no store has a lock."""
    for attempt in range(1, _TAG_ATTEMPTS):
        if _is_tagged(client, image_id, tag, cancel):
            return
        cancel.sleep(random.uniform(0, _TAG_PAUSE * attempt))  # noqa: S311
    _tag_in_turn(client, image_id, tag, cancel)


def _is_tagged(client: Client, image_id: str, tag: str, cancel: Cancellation) -> bool:
    """Tag an image, and return whether no other build came in between."""
    try:
        _tag_in_turn(client, image_id, tag, cancel)
    except DockerError as error:
        if "already exists" not in error.message:
            raise
        return False
    return True


def _tag_in_turn(client: Client, image_id: str, tag: str, cancel: Cancellation) -> None:
    """Tag an image while no other job of this process tags one of the same engine.

    If two are tagged at the same moment, the image that had the tag may be lost.
    """
    with _turn(client, cancel):
        client.tag(image_id, tag, cancel=cancel)


@contextlib.contextmanager
def _turn(client: Client, cancel: Cancellation) -> Iterator[None]:
    """Wait for this job's turn, unless it is cancelled before that."""
    lock = _turns.setdefault(client.endpoint.url, threading.Lock())
    while not lock.acquire(timeout=_LOOK_FOR_CANCEL):
        cancel.check()
    try:
        yield
    finally:
        lock.release()
