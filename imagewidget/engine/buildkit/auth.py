"""Give the engine the credentials of the registries it pulls from.

The token methods of the same service are declined; the engine then asks for
credentials and fetches the token itself (moby/buildkit
`util/resolver/authorizer.go`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from imagewidget.engine.buildkit.proto.auth_pb2 import CredentialsRequest, CredentialsResponse
from imagewidget.engine.buildkit.service import Handlers, unary
from imagewidget.engine.errors import DockerError
from imagewidget.engine.info import Credentials

_SERVICE = "/moby.filesync.v1.Auth"
_DECLINED = ("FetchToken", "GetTokenAuthority", "VerifyTokenAuthority")

_log = logging.getLogger(__name__)

Lookup = Callable[[str], "Credentials | None"]
"""Give what is kept for the registry at a host."""


class Auth:
    """Answers with what `lookup` finds, else with nothing: the registry may be public."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

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
        # A credential helper is a program of its own, which may take its time.
        found = await asyncio.to_thread(self._find, host) or Credentials()
        answer = CredentialsResponse(
            Username=found.username, Secret=found.identity_token or found.password
        )
        await stream.send_message(answer)

    def _find(self, host: str) -> Credentials | None:
        try:
            return self._lookup(host)
        except DockerError:
            # A broken helper must not stop a build from public images; the
            # registry's refusal will say what is missing.
            _log.debug("no credentials for %s", host, exc_info=True)
            return None
