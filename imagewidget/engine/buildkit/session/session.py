"""A BuildKit session, in which the engine calls back and services here answer.

`POST /session` is upgraded to h2c; from then on the engine is the gRPC client
on that connection and this side the server (moby/buildkit `session/session.go`
and `session/manager.go`). Everything runs on a separate thread with its own event
loop, so that neither a busy kernel nor a notebook's loop can delay it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
from collections.abc import Sequence

from docker import APIClient

from imagewidget.engine.buildkit.session.bridge import Bridge
from imagewidget.engine.buildkit.session.grpclib_parts import serve
from imagewidget.engine.buildkit.session.handlers import Service
from imagewidget.engine.buildkit.session.hijack import hijack

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0


class Session:
    """One session with one engine, for one build; it is open from the start.

    Args:
        api: A client used for nothing else.
        services: The services that the engine may call.
        shared_key: The same for builds that send the same files: the engine keeps
            files under this key and requests only those that have changed.

    Attributes:
        id: The session's id, for `POST /build`.

    Raises:
        docker.errors.APIError: The engine does not support sessions.
        requests.exceptions.RequestException: The engine did not answer.
    """

    def __init__(
        self, api: APIClient, services: Sequence[Service], *, shared_key: str = ""
    ) -> None:
        self.id = secrets.token_hex(16)
        self._services = services
        self._bridge = Bridge(hijack(api, "/session", _headers(self.id, services, shared_key)))
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="imagewidget-session", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the connection and wait for the thread. Safe to call twice."""
        with contextlib.suppress(RuntimeError):  # the loop has already ended
            self._loop.call_soon_threadsafe(self._closing.set)
        # Do not wait forever: it may be reading from a network drive that does not answer.
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        """Serve until closed, on the session's thread."""
        self._loop.set_exception_handler(_log_exception)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception:
            _logger.debug("the session failed", exc_info=True)
        finally:
            self._bridge.close()
            self._loop.close()

    async def _serve(self) -> None:
        transport, protocol = await serve(self._services, self._bridge.socket)
        try:
            if self._bridge.leftover:
                protocol.data_received(self._bridge.leftover)
            await self._closing.wait()
        finally:
            transport.abort()
            await _cancel_tasks()


def _headers(identity: str, services: Sequence[Service], shared_key: str) -> list[tuple[str, str]]:
    """Return the headers that describe a session to BuildKit's `session.Manager`."""
    methods = [path for service in services for path in service.__mapping__()]
    return [
        ("X-Docker-Expose-Session-Uuid", identity),
        ("X-Docker-Expose-Session-Name", "imagewidget"),
        ("X-Docker-Expose-Session-Sharedkey", shared_key),
        *(("X-Docker-Expose-Session-Grpc-Method", method) for method in methods),
    ]


async def _cancel_tasks() -> None:
    """Cancel all other tasks of the loop, and wait until they have cleaned up."""
    # One iteration of the loop notifies the protocol that its connection is lost.
    await asyncio.sleep(0)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _log_exception(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log exceptions that nothing awaited; the build itself reports a broken connection."""
    _logger.debug(
        "unhandled in the session: %s %s", context.get("message"), context.get("exception")
    )
