"""What a job costs beside the work: an image that is up to date, and one that is there.

`python -m tests.benchmarks.bench_pull [engine …]`. The peer is the shortest loop with docker-py
that has the same result. The median counts; both alternate, so that other load on the machine
affects them equally.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import docker

import imagewidget as iw
from tests.benchmarks.report import Figure, report
from tests.rig.engine import Role
from tests.rig.rig import Rig

RUNS = 21
MOST = 1.5


def measure(*roles: Role) -> list[Figure]:
    """Measure on some engines of the rig; by default on the two Dockers."""
    figures = []
    rig = Rig()
    with rig.used():
        for role in roles or ("docker", "docker-containerd"):
            rig.up(role)
            engine = rig.engine(role)
            figures.append(Figure("engine", f"{role} {engine.version}"))
            figures += Loops(engine.url, rig.registry.one).beside()
    return figures


class Loops:
    """The same work with this package and with docker-py."""

    def __init__(self, url: str, reference: str) -> None:
        self.url = url
        self.reference = reference

    def beside(self) -> list[Figure]:
        """Compare both, each with a new client every time."""
        return [
            *self._compare("up-to-date pull", self.pull, self.raw_pull),
            *self._compare("image_exists", self.exists, self.raw_exists),
        ]

    def pull(self) -> None:
        """Pull as a script does."""
        iw.pull(self.reference, client=iw.connect(self.url), display=False).result()

    def raw_pull(self) -> None:
        """Pull with docker-py, and look at the image as the result of a job does."""
        repository, _, tag = self.reference.rpartition(":")
        with docker.APIClient(self.url) as api:
            for _ in api.pull(repository, tag, stream=True, decode=True):
                pass
            api.inspect_image(self.reference)  # type: ignore[no-untyped-call]

    def exists(self) -> None:
        """Ask whether the image is there."""
        assert iw.image_exists(self.reference, client=iw.connect(self.url))

    def raw_exists(self) -> None:
        """Ask with docker-py whether the image is there."""
        with docker.APIClient(self.url) as api:
            api.inspect_image(self.reference)  # type: ignore[no-untyped-call]

    def _compare(
        self, what: str, ours: Callable[[], None], peer: Callable[[], None]
    ) -> list[Figure]:
        for work in (ours, peer):  # the first run fills the caches of both
            work()
        times: dict[Callable[[], None], list[float]] = {ours: [], peer: []}
        for _ in range(RUNS):
            for work, found in times.items():
                start = time.perf_counter()
                work()
                found.append(time.perf_counter() - start)
        mine, its = (statistics.median(times[work]) for work in (ours, peer))
        return [
            Figure(what, f"{1000 * mine:.1f} ms / {1000 * its:.1f} ms"),
            Figure("  ratio", f"{mine / its:.2f}", f"≤ {MOST}", is_met=mine / its <= MOST),
        ]


if __name__ == "__main__":
    sys.exit(min(1, report("pull", measure(*sys.argv[1:]))))
