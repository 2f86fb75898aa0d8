"""The directories of the rig, and the loopback addresses it listens on."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Places:
    """One rig: a directory, and a block of loopback addresses derived from its name.

    Linux answers on all of 127.0.0.0/8, so rigs in different directories do not conflict with
    each other, nor with a registry that a developer runs on 127.0.0.1.
    """

    root: Path
    area: str = "state"
    """The name of the state directory; the demo's engine uses a separate one."""

    @classmethod
    def from_environment(cls) -> Places:
        """Return the rig in `$IMAGEWIDGET_RIG`, or else in the default directory."""
        named = os.environ.get("IMAGEWIDGET_RIG")
        return cls(Path(named).resolve() if named else DEFAULT_ROOT)

    @property
    def cache(self) -> Path:
        """Files that `down` keeps: base systems, seeded registry data, certificates."""
        return self.root / "cache"

    @property
    def state(self) -> Path:
        """Files that `down` removes: sockets, logs, engine data, process records."""
        return self.root / self.area

    def part(self, name: str) -> Path:
        """Return the state directory of one part, such as ``docker``."""
        return self.state / name

    @property
    def _number(self) -> int:
        if self.root == DEFAULT_ROOT:
            return 0
        return 1 + zlib.crc32(str(self.root).encode()) % 20_000

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
        slot = 3 * self._number + index
        return f"iwrig{self._number}-{index}", f"198.{18 + slot // 32_768}.{slot % 250}.1/24"
