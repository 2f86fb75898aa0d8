"""Answer the engine's health checks of the session.

BuildKit checks `grpc.health.v1.Health` every few seconds and drops a session
that does not answer (moby/buildkit `session/grpc.go`). grpclib includes such a
service, but its messages would collide with those of `grpcio-health-checking`.
"""

from __future__ import annotations

from grpclib.server import Stream

from imagewidget.engine.buildkit.proto.health_pb2 import HealthCheckRequest, HealthCheckResponse
from imagewidget.engine.buildkit.session.handlers import Handlers, unary


class Health:
    """Always reports `SERVING`: a session that cannot serve is closed."""

    def __mapping__(self) -> Handlers:
        return unary(
            "/grpc.health.v1.Health/Check", self.check, HealthCheckRequest, HealthCheckResponse
        )

    async def check(self, stream: Stream[HealthCheckRequest, HealthCheckResponse]) -> None:
        """Answer `SERVING`."""
        await stream.recv_message()
        await stream.send_message(HealthCheckResponse(status=HealthCheckResponse.SERVING))
