"""A BuildKit session: the engine calls back, and the services here answer.

`POST /session` is upgraded to h2c; from then on the engine is the gRPC client
on that connection and this side the server (moby/buildkit `session/session.go`
and `session/manager.go`). Everything runs on one thread of its own with its own
event loop, so that neither a busy kernel nor a notebook's loop is in the way.
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
        api: A client that does nothing else.
        services: What the engine may ask for.
        shared_key: The same for builds that send the same files: the engine
            keeps what was sent under it and asks only for what changed.

    Attributes:
        id: What `POST /build` names the session by.

    Raises:
        docker.errors.APIError: The engine has no sessions.
        requests.exceptions.RequestException: The engine does not answer.
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
        """Hang up and wait for the thread. Closing twice does no harm."""
        with contextlib.suppress(RuntimeError):  # its loop has ended by itself
            self._loop.call_soon_threadsafe(self._closing.set)
        # It may be reading from a network drive that does not answer.
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        """Serve until closed, on the session's thread."""
        self._loop.set_exception_handler(_quietly)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception:
            _logger.debug("the session ended", exc_info=True)
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
            await _all_done()


def _headers(identity: str, services: Sequence[Service], shared_key: str) -> list[tuple[str, str]]:
    """Give the headers by which `session.Manager` of BuildKit knows a session."""
    methods = [path for service in services for path in service.__mapping__()]
    return [
        ("X-Docker-Expose-Session-Uuid", identity),
        ("X-Docker-Expose-Session-Name", "imagewidget"),
        ("X-Docker-Expose-Session-Sharedkey", shared_key),
        *(("X-Docker-Expose-Session-Grpc-Method", method) for method in methods),
    ]


async def _all_done() -> None:
    """Stop whatever still answers, and wait until it has cleaned up."""
    # One turn of the loop lets the protocol learn that its connection is lost.
    await asyncio.sleep(0)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _quietly(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Take what nobody awaited: a connection that breaks is the build's error, told there."""
    _logger.debug("in the session: %s %s", context.get("message"), context.get("exception"))
