"""Serve the secrets for `RUN --mount=type=secret`, and only those of this build."""

from __future__ import annotations

from collections.abc import Mapping

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from imagewidget.engine.buildkit.proto.secrets_pb2 import GetSecretRequest, GetSecretResponse
from imagewidget.engine.buildkit.session.handlers import Handlers, unary


class Secrets:
    """Answers `moby.buildkit.secrets.v1.Secrets/GetSecret` from memory.

    Args:
        values: The secrets by id.
    """

    def __init__(self, values: Mapping[str, bytes]) -> None:
        self._values = values

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"

    def __mapping__(self) -> Handlers:
        path = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
        return unary(path, self.get_secret, GetSecretRequest, GetSecretResponse)

    async def get_secret(self, stream: Stream[GetSecretRequest, GetSecretResponse]) -> None:
        """Answer with the secret of one id.

        Raises:
            GRPCError: There is no such secret; the engine decides whether the step
                can run without it.
        """
        request = await stream.recv_message()
        identity = request.ID if request is not None else ""
        if identity not in self._values:
            raise GRPCError(Status.NOT_FOUND, f"secret {identity}: not found")
        await stream.send_message(GetSecretResponse(data=self._values[identity]))
