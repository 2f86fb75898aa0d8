"""Provide the engine with credentials for the registries that it pulls from.

The token methods of the same service are declined; the engine then requests
credentials and fetches the token itself (moby/buildkit
`util/resolver/authorizer.go`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from imagewidget.engine.buildkit.proto.auth_pb2 import CredentialsRequest, CredentialsResponse
from imagewidget.engine.buildkit.session.handlers import Handlers, unary
from imagewidget.engine.credentials import Credentials

_SERVICE = "/moby.filesync.v1.Auth"
_DECLINED = ("FetchToken", "GetTokenAuthority", "VerifyTokenAuthority")

_logger = logging.getLogger(__name__)

Lookup = Callable[[str], "Credentials | None"]
"""Return the stored credentials for the registry at a host, or None."""


class Auth:
    """Serves the credentials that `lookup` finds, else empty ones: the registry may be public.

    Args:
        lookup: Called on a separate thread.
        patience: Seconds to wait for `lookup`; after that, empty credentials are served.
    """

    def __init__(self, lookup: Lookup, *, patience: float = 30.0) -> None:
        self._lookup = lookup
        self._patience = patience

    def __mapping__(self) -> Handlers:
        return {
            **unary(
                f"{_SERVICE}/Credentials", self.credentials, CredentialsRequest, CredentialsResponse
            ),
            # grpc-go cannot parse grpclib's response to an unknown method, so these
            # methods must exist in order to be declined.
            **{
                path: handler
                for name in _DECLINED
                for path, handler in unary(
                    f"{_SERVICE}/{name}", self.decline, CredentialsRequest, CredentialsResponse
                ).items()
            },
        }

    async def decline(self, _: Stream[CredentialsRequest, CredentialsResponse]) -> None:
        """Decline the call, so that the engine requests credentials instead.

        Raises:
            GRPCError: Always.
        """
        raise GRPCError(Status.UNIMPLEMENTED, "this client only provides credentials")

    async def credentials(self, stream: Stream[CredentialsRequest, CredentialsResponse]) -> None:
        """Answer with the credentials for one host."""
        request = await stream.recv_message()
        host = request.Host if request is not None else ""
        found = await self._find(host) or Credentials()
        answer = CredentialsResponse(
            Username=found.username, Secret=found.identity_token or found.password
        )
        await stream.send_message(answer)

    async def _find(self, host: str) -> Credentials | None:
        """Look up credentials on a separate thread: a credential helper is a program and may hang.

        The thread is a daemon thread, because the kernel would wait for an executor's
        threads when it exits.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Credentials | None] = loop.create_future()

        def run() -> None:
            credentials = self._look_up(host)
            with contextlib.suppress(RuntimeError):  # the session has been closed
                loop.call_soon_threadsafe(_settle, found, credentials)

        threading.Thread(target=run, name="imagewidget-credentials", daemon=True).start()
        try:
            return await asyncio.wait_for(found, self._patience)
        except asyncio.TimeoutError:
            _logger.debug("no credentials for %s within %s s", host, self._patience)
            return None

    def _look_up(self, host: str) -> Credentials | None:
        try:
            return self._lookup(host)
        except Exception:
            # A broken helper must not prevent builds from public images; if credentials
            # were needed, the registry's refusal makes that clear.
            _logger.debug("no credentials for %s", host, exc_info=True)
            return None


def _settle(future: asyncio.Future[Credentials | None], found: Credentials | None) -> None:
    if not future.done():
        future.set_result(found)
