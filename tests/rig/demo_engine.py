"""A separate engine for `make demo`, on a machine without one."""

from __future__ import annotations

import json
import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import docker

from tests.rig import engines, packet_filter, registry
from tests.rig.engine import answers
from tests.rig.lock import locked
from tests.rig.namespace import Room, spawn_in
from tests.rig.outlet import hub_answers, way_out
from tests.rig.packages import need
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
        self._before = self.places.state / "packet-filter.json"

    @property
    def url(self) -> str:
        """The value for ``DOCKER_HOST``."""
        return f"unix://{self._socket}"

    def up(self) -> None:
        """Start the engine unless it is running.

        Raises:
            Unavailable: The engine cannot run on this machine.
            RigError: The engine did not start.
        """
        with self._changing():
            process = Process.load(self._directory / RECORD)
            if process and process.alive and answers(self._socket):
                say(f"using the engine that an earlier `make demo` started, at {self.url}")
                return
            self._clear()
            need("dockerd", "iptables", "ip", "busybox", "openssl")
            packet_filter.remember(self._before)
            self._start(mirrored=False)
            with docker.APIClient(self.url) as api:
                say(f"started Docker {api.version()['Version']} at {self.url}")
                say(_WAYS[way_out(api)])
            if not hub_answers(self.url):
                self._mirror()

    def down(self) -> None:
        """Stop the engine, remove its images, restore the packet filter; keep the rig's cache."""
        with self._changing():
            self._clear()
            packet_filter.put_back(self._before)
            shutil.rmtree(self.places.state, ignore_errors=True)

    def _mirror(self) -> None:
        """Restart the engine with a mirror of Docker Hub on this machine."""
        say("Docker Hub cannot be reached from here")
        directory = self.places.part("mirror")
        directory.mkdir(parents=True)
        registry.start_mirror(self.places)
        self._stop_engine()
        self._start(mirrored=True)
        say(
            "instead, a registry on this machine serves one image, debian:trixie-slim,"
            " built from Debian's packages with mmdebstrap"
        )

    def _start(self, *, mirrored: bool) -> None:
        settings: dict[str, object] = {}
        if mirrored:
            settings["registry-mirrors"] = [f"http://{self.places.host('mirror')}"]
        try:
            self._spawn(settings)
        except RigError:
            # Without netfilter in the kernel there is no bridge, but the host network still works.
            self._stop_engine()
            self._spawn({**settings, "iptables": False, "ip6tables": False})

    def _spawn(self, settings: dict[str, object]) -> None:
        self._directory.mkdir(parents=True)
        (self._directory / "daemon.json").write_text(json.dumps(settings))
        process = spawn_in(
            Room(empty=[Path("/run/containerd"), Path("/run/docker")]),
            ["dockerd", *engines.options(self.places, self._directory, _INDEX)],
            self._directory,
        )
        engines.await_engine(process, self._directory)

    def _clear(self) -> None:
        self._stop_engine()
        mirror = self.places.part("mirror")
        process = Process.load(mirror / RECORD)
        if process:
            process.stop()
        shutil.rmtree(mirror, ignore_errors=True)

    def _stop_engine(self) -> None:
        process = Process.load(self._directory / RECORD)
        if process:
            process.stop()
        if self._directory.exists():
            packet_filter.forget_bridge(self.places.bridge(_INDEX)[0])
            engines.forget_engine(self.places, _INDEX)
            shutil.rmtree(self._directory)

    def _changing(self) -> AbstractContextManager[None]:
        return locked(self.places.root / "demo.lock", "the engine of `make demo`")
