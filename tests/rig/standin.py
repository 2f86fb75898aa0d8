"""A registry in which a test can simulate faults."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.rig import seeds
from tests.rig.faults import DENIED, NOT_FOUND, RATE_LIMITED, Fault, Orders, Target, kind_of
from tests.rig.push import Store
from tests.rig.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.rig.places import Places

SLOW_RATE = 12_000_000


@dataclass(frozen=True)
class Request:
    """A request that the stand-in answered."""

    method: str
    path: str
    status: int

    @property
    def target(self) -> str:
        """``ping``, ``manifest``, ``blob`` or ``other``."""
        return kind_of(self.path)[0]


@dataclass(frozen=True)
class StandIn(Registry):
    """Serves the seeded images; every order below applies until `reset`.

    The plain images (`nine` and so on) are also available under the stand-in's name.
    """

    name: Literal["ghcr", "dockerhub", "slow"]
    places: Places
    _faults: list[Fault] = field(default_factory=list, init=False)
    _rates: list[float] = field(default_factory=list, init=False)

    @property
    def environment(self) -> str:
        """An image of two layers that ghcr.io and docker.io both have, each with its own label."""
        return f"{self.host}/{seeds.ENVIRONMENT}"

    def fail(
        self, times: int | None = None, status: int = 500, target: Target = "manifest"
    ) -> None:
        """Answer the next `times` requests, or all from now on, with `status`."""
        self._add(Fault(target, times=times, status=status))

    def not_found(self, repository: str | None = None) -> None:
        """Answer that no image exists, or only that those in `repository` do not."""
        self._refuse(NOT_FOUND, ("GET", "HEAD"), repository)

    def denied(self, repository: str | None = None) -> None:
        """Refuse requests as for another user's private image."""
        self._refuse(DENIED, ("GET", "HEAD"), repository)

    def rate_limited(self) -> None:
        """Answer as Docker Hub does beyond its pull limit; ``HEAD`` still succeeds."""
        self._refuse(RATE_LIMITED, ("GET",), None)

    def drop(self, after: int = 0, times: int | None = None) -> None:
        """Reset the connection after this many bytes of a blob."""
        self._add(Fault("blob", ("GET",), times=times, after=after, ending="drop"))

    def stall(self, after: int = 0, times: int | None = None) -> None:
        """Send this many bytes of a blob, then nothing until new orders arrive."""
        self._add(Fault("blob", ("GET",), times=times, after=after, ending="stall"))

    def throttle(self, bytes_per_second: float | None) -> None:
        """Limit the speed of all connections together; ``None`` removes the limit."""
        self._rates[:] = [] if bytes_per_second is None else [bytes_per_second]
        self._tell()

    def reset(self, rate: float | None = None) -> None:
        """Cancel all orders, and begin a new record of requests."""
        self._faults.clear()
        self.throttle(rate)

    def requests(self, target: str | None = None) -> Sequence[Request]:
        """Return the requests since the last order, oldest first."""
        found = [Request(*line) for line in json.loads(self._ask("GET"))]
        return [request for request in found if target in {request.target, None}]

    def publish(self, source: str, name: str) -> str:
        """Add a name such as ``someone/thing:2`` for a seeded image, and return the reference."""
        prefix = "" if self.name == "slow" else f"{self.host}/"
        Store(self.places.host("registry")).copy(source, f"{prefix}{name}")
        return f"{self.host}/{name}"

    def _refuse(
        self, error: tuple[int, str, str], methods: Sequence[str], repository: str | None
    ) -> None:
        status, code, message = error
        # Errors have details on Docker Hub but not on ghcr.io: for ghcr.io an engine reports
        # "manifest unknown", for Docker Hub "manifest for … not found: manifest unknown: …".
        detail = "the rig" if self.name == "dockerhub" else None
        self._add(Fault("manifest", methods, repository, None, status, code, message, detail))

    def _add(self, fault: Fault) -> None:
        self._faults.append(fault)
        self._tell()

    def _tell(self) -> None:
        self._ask("PUT", Orders(self._faults, *self._rates).dump())

    def _ask(self, method: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection(self.places.host("fronts"), timeout=10)
        try:
            connection.request(method, f"/{self.name}", body)
            return connection.getresponse().read()
        finally:
            connection.close()
