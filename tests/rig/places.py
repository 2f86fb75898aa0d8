"""The directories of the rig, and the loopback addresses it listens on."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

DEFAULT_ROOT = Path("/var/cache/imagewidget-rig")
REPOSITORY = Path(__file__).resolve().parents[2]

# The last byte of each stand-in's loopback address.
_HOSTS = {
    "registry": 1,
    "ghcr": 2,
    "dockerhub": 3,
    "slow": 4,
    "basic": 5,
    "token": 6,
    "tokens": 7,
    "fronts": 8,
    "nobody": 9,
    "mirror": 10,
}
_PORTS = {"ghcr": 443, "dockerhub": 443, "fronts": 8080}
# Set by pytest-xdist: gw0, gw1 …
_WORKER = "PYTEST_XDIST_WORKER"
_WORKERS = 16
_ENGINES = 8


@dataclass(frozen=True)
class Places:
    """One rig: a directory, and a block of loopback addresses derived from its name.

    Linux answers on all of 127.0.0.0/8, so rigs in different directories do not conflict with
    each other, nor with a registry that a developer runs on 127.0.0.1.
    """

    root: Path
    area: str = "state"
    """The name of the state directory; the demo's engine uses a separate one."""
    worker: int = 0
    """The number of the pytest-xdist worker that uses it; each has engines and registries."""

    @classmethod
    def from_environment(cls) -> Places:
        """Return this worker's rig in `$IMAGEWIDGET_RIG`, or else in the default directory."""
        named = os.environ.get("IMAGEWIDGET_RIG")
        worker = int(os.environ.get(_WORKER, "gw0").removeprefix("gw"))
        return cls(Path(named).resolve() if named else DEFAULT_ROOT, worker=worker)

    @property
    def environment(self) -> dict[str, str]:
        """What `from_environment` needs in another process."""
        return {"IMAGEWIDGET_RIG": str(self.root), _WORKER: f"gw{self.worker}"}

    def of_each_worker(self) -> list[Places]:
        """Return the places of every worker that has a state directory, this one's first."""
        numbers = (path.name.rpartition("-")[2] for path in self.root.glob(f"{self.area}-*"))
        others = sorted({0, *(int(number) for number in numbers)} - {self.worker})
        return [self, *(replace(self, worker=number) for number in others)]

    @property
    def cache(self) -> Path:
        """Files that `down` keeps: base systems, seeded registry data, certificates."""
        return self.root / "cache"

    @property
    def images(self) -> Path:
        """The data of this worker's registries, in the cache."""
        return self.cache / self._own("registry")

    @property
    def state(self) -> Path:
        """Files that `down` removes: sockets, logs, engine data, process records."""
        return self.root / self._own(self.area)

    def lock(self, name: str) -> Path:
        """Return the lock file of this worker's rig for one purpose."""
        return self.root / f"{self._own(name)}.lock"

    def part(self, name: str) -> Path:
        """Return the state directory of one part, such as ``docker``."""
        return self.state / name

    def _own(self, name: str) -> str:
        return f"{name}-{self.worker}" if self.worker else name

    @property
    def _number(self) -> int:
        rig = 0
        if self.root != DEFAULT_ROOT:
            rig = 1 + zlib.crc32(str(self.root).encode()) % 1000
        return rig * _WORKERS + self.worker

    @property
    def network(self) -> str:
        """The first three bytes of the rig's loopback addresses, such as ``127.82.0``."""
        return f"127.{82 + self._number // 250}.{self._number % 250}"

    def address(self, name: str) -> tuple[str, int]:
        """Return host and port of a registry or stand-in, such as ``("127.82.0.1", 5000)``."""
        return f"{self.network}.{_HOSTS[name]}", _PORTS.get(name, 5000)

    def host(self, name: str) -> str:
        """Return ``host:port`` as it is written in an image reference."""
        address, port = self.address(name)
        return f"{address}:{port}"

    def bridge(self, index: int) -> tuple[str, str]:
        """Return the bridge of engine `index`: interface name, and address with prefix length.

        An engine started with ``--bridge=none`` deletes the machine's ``docker0`` (moby,
        daemon/daemon_unix.go, removeDefaultBridgeInterface), so each engine gets its own bridge.
        The addresses are from 198.18.0.0/15, which RFC 2544 reserves for benchmarks.
        """
        slot = _ENGINES * self._number + index
        return f"iwrig{self._number}-{index}", f"198.{18 + slot // 250 % 2}.{slot % 250}.1/24"
