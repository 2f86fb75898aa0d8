"""Give the engine the credentials of the registries it pulls from.

The token methods of the same service are declined; the engine then asks for
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
"""Give what is kept for the registry at a host."""


class Auth:
    """Answers with what `lookup` finds, else with nothing: the registry may be public.

    Args:
        lookup: Called on a thread of its own.
        patience: Seconds after which a lookup has found nothing.
    """

    def __init__(self, lookup: Lookup, *, patience: float = 30.0) -> None:
        self._lookup = lookup
        self._patience = patience

    def __mapping__(self) -> Handlers:
        return {
            **unary(
                f"{_SERVICE}/Credentials", self.credentials, CredentialsRequest, CredentialsResponse
            ),
            # What grpclib says of a method that it does not know, grpc-go cannot
            # read: these must be there to be declined.
            **{
                path: handler
                for name in _DECLINED
                for path, handler in unary(
                    f"{_SERVICE}/{name}", self.decline, CredentialsRequest, CredentialsResponse
                ).items()
            },
        }

    async def decline(self, _: Stream[CredentialsRequest, CredentialsResponse]) -> None:
        """Leave it to the engine.

        Raises:
            GRPCError: Always.
        """
        raise GRPCError(Status.UNIMPLEMENTED, "this client gives credentials only")

    async def credentials(self, stream: Stream[CredentialsRequest, CredentialsResponse]) -> None:
        """Answer for one host."""
        request = await stream.recv_message()
        host = request.Host if request is not None else ""
        found = await self._find(host) or Credentials()
        answer = CredentialsResponse(
            Username=found.username, Secret=found.identity_token or found.password
        )
        await stream.send_message(answer)

    async def _find(self, host: str) -> Credentials | None:
        """Look on a thread of its own: a credential helper is a program, which may hang.

        A daemon's thread, because whatever an executor runs is waited for when
        the kernel ends.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Credentials | None] = loop.create_future()

        def run() -> None:
            credentials = self._look_up(host)
            with contextlib.suppress(RuntimeError):  # the session is over by now
                loop.call_soon_threadsafe(_settle, found, credentials)

        threading.Thread(target=run, name="imagewidget-credentials", daemon=True).start()
        try:
            return await asyncio.wait_for(found, self._patience)
        except asyncio.TimeoutError:
            _logger.debug("no credentials for %s in %s s", host, self._patience)
            return None

    def _look_up(self, host: str) -> Credentials | None:
        try:
            return self._lookup(host)
        except Exception:
            # A broken helper must not stop a build from public images; the
            # registry's refusal will say what is missing.
            _logger.debug("no credentials for %s", host, exc_info=True)
            return None


def _settle(future: asyncio.Future[Credentials | None], found: Credentials | None) -> None:
    if not future.done():
        future.set_result(found)
