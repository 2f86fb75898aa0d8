"""A separate engine for `make demo`, on a machine without one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import docker

from tests.rig import engines, registry
from tests.rig.engine import answers
from tests.rig.lock import locked
from tests.rig.namespace import Room, spawn_in
from tests.rig.network import NAME_SERVER, start_network, stop_network
from tests.rig.outlet import hub_answers, way_out
from tests.rig.packages import Unavailable, need
from tests.rig.places import Places
from tests.rig.processes import RECORD, Process, RigError
from tests.rig.say import say

_INDEX = 2
_WAYS = {
    "bridge": "containers use the usual bridge network, which reaches the outside",
    "host": "the bridge network does not reach the outside: build and run with network='host'",
    "none": "containers do not reach the outside, on the bridge or the host network",
    "unknown": "whether containers reach the outside was not tested: apt has no http:// mirror",
}


class DemoEngine:
    """The distribution's Docker, in the rig's directory; runs until `down`."""

    def __init__(self, places: Places | None = None) -> None:
        self.places = replace(places or Places.from_environment(), area="demo")
        self._directory = self.places.part("engine")
        self._socket = self._directory / "docker.sock"

    @property
    def url(self) -> str:
        """The value for ``DOCKER_HOST``."""
        return f"unix://{self._socket}"

    def up(self) -> None:
        """Start the engine unless it is running.

        Raises:
            Unavailable: The engine cannot run on this machine.
            RigError: The engine did not start; nothing is left of it.
        """
        with self._changing():
            process = Process.load(self._directory / RECORD)
            if process and process.alive and answers(self._socket):
                say(f"using the engine that an earlier `make demo` started, at {self.url}")
                return
            self._clear()
            need("dockerd", "iptables", "ip", "busybox", "openssl")
            try:
                self._start_with_images()
            except BaseException:
                self._clear()
                raise

    def down(self) -> None:
        """Stop the engine and remove its images; keep the rig's cache."""
        with self._changing():
            self._clear()

    def _start_with_images(self) -> None:
        """Start the engine, and a mirror of Docker Hub if it cannot reach that."""
        network: Process | None
        try:
            network = start_network(self.places.part("network"))
            self._start(network)
        except (Unavailable, RigError) as reason:
            # Without /dev/net/tun or netfilter, the host network of containers still works.
            say(f"the engine uses this machine's network, without a packet filter: {reason}")
            self._clear()
            network = None
            self._start(network)
        with docker.APIClient(self.url) as api:
            say(f"started Docker {api.version()['Version']} at {self.url}")
            say(_WAYS[way_out(api)])
        if not hub_answers(self.url):
            self._mirror(network)

    def _mirror(self, network: Process | None) -> None:
        """Restart the engine with a mirror of Docker Hub on this machine."""
        say("Docker Hub cannot be reached from here")
        self.places.part("mirror").mkdir(parents=True)
        registry.start_mirror(self.places, network)
        self._stop_engine()
        self._start(network, {"registry-mirrors": [f"http://{self.places.host('mirror')}"]})
        say(
            "instead, a registry on this machine serves one image, debian:trixie-slim,"
            " built from Debian's packages with mmdebstrap"
        )

    def _start(self, network: Process | None, settings: Mapping[str, object] | None = None) -> None:
        """Start the engine: in `network` with a packet filter, in the machine's without one."""
        self._directory.mkdir(parents=True)
        (self._directory / "daemon.json").write_text(json.dumps(settings or {}))
        binds = []
        if network:
            resolver = self._directory / "resolv.conf"
            resolver.write_text(f"nameserver {NAME_SERVER}\n")
            binds = [(resolver, Path("/etc/resolv.conf"))]
            options = [f"--bip={self.places.bridge(_INDEX)[1]}"]
        else:
            options = engines.isolated(self.places, _INDEX)
        process = spawn_in(
            Room(binds, empty=[Path("/run/containerd"), Path("/run/docker")], network=network),
            ["dockerd", *engines.options(self.places, self._directory, _INDEX), *options],
            self._directory,
        )
        engines.await_engine(process, self._directory)

    def _clear(self) -> None:
        self._stop_engine()
        process = Process.load(self.places.part("mirror") / RECORD)
        if process:
            process.stop()
        stop_network(self.places.part("network"))
        shutil.rmtree(self.places.state, ignore_errors=True)

    def _stop_engine(self) -> None:
        process = Process.load(self._directory / RECORD)
        if process:
            process.stop()
        if self._directory.exists():
            engines.forget_engine(self.places, _INDEX)
            shutil.rmtree(self._directory)

    def _changing(self) -> AbstractContextManager[None]:
        return locked(self.places.root / "demo.lock", "the engine of `make demo`")
