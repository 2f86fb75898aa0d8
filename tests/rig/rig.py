"""The rig as a whole: its parts, and how they are started and stopped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from tests.rig import engines, registry
from tests.rig.chroot import debian_with_engines
from tests.rig.engine import Engine, Role
from tests.rig.lock import locked
from tests.rig.places import Places
from tests.rig.processes import RECORD, Process
from tests.rig.registry import PrivateRegistry, Registry
from tests.rig.standin import StandIn


@dataclass(frozen=True)
class Part:
    """One daemon of the rig."""

    start: Callable[[Places], Process]
    needs: tuple[str, ...] = ()
    """Parts that must be running first."""
    forget: Callable[[Places], None] = field(default=lambda _places: None)
    """Removes what the process leaves behind when it has ended."""


# In the order in which they are started.
PARTS: dict[str, Part] = {
    "registry": Part(registry.start_registry),
    "basic": Part(registry.start_basic, ("registry",)),
    "tokens": Part(registry.start_tokens),
    "token": Part(registry.start_token, ("registry", "tokens")),
    "fronts": Part(registry.start_fronts, ("registry",)),
    **{
        role: Part(
            partial(engines.start_engine, role=role),
            ("registry",),
            partial(engines.forget_engine, index=kind.index),
        )
        for role, kind in engines.KINDS.items()
    },
}
# The old engines are started only where they are named.
USUAL = tuple(name for name in PARTS if name not in engines.OLD)
# Written once a part has started; a part whose start was interrupted is restarted.
_READY = "ready"
_KEPT = "kept"


class Rig:
    """Starts the parts that are needed, and stops those that it started."""

    def __init__(self, places: Places | None = None) -> None:
        self.places = places or Places.from_environment()

    def up(self, *parts: str) -> None:
        """Start `parts` and what they need, unless they are running; by default the usual ones."""
        wanted = _with_needs(parts or USUAL)
        with self._changing():
            for name in wanted:
                if not self.running(name):
                    self._clear(name)
                    directory = self.places.part(name)
                    directory.mkdir(parents=True)
                    PARTS[name].start(self.places)
                    (directory / _READY).touch()

    def down(self) -> None:
        """Stop every recorded process and remove the state; keep the cache."""
        with self._changing():
            self._down()

    def keep(self) -> None:
        """Leave the rig up after the last test run, because it was started by hand."""
        with self._changing():
            (self.places.state / _KEPT).touch()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Register as a user; the last user to leave stops the rig, unless it is to be kept."""
        users = self.places.state / "users"
        mine = users / f"{os.getpid()}.json"
        with self._changing():
            users.mkdir(exist_ok=True)
            Process.of(os.getpid()).save(mine)
        try:
            yield
        finally:
            with self._changing():
                mine.unlink(missing_ok=True)
                others = [Process.load(path) for path in users.glob("*.json")]
                kept = (self.places.state / _KEPT).exists()
                if not kept and not any(other and other.alive for other in others):
                    self._down()

    def running(self, name: str) -> bool:
        """Return whether the part has started and its recorded process is running."""
        directory = self.places.part(name)
        process = Process.load(directory / RECORD)
        return process is not None and process.alive and (directory / _READY).exists()

    def engine(self, role: Role) -> Engine:
        """Return one of the running engines."""
        directory, store = self.places.part(role), engines.KINDS[role].store
        process = Process.load(directory / RECORD)
        client = engines.containerd_client(process) if store == "containerd" and process else []
        return Engine.at(role, store, directory, client)

    def debian(self, role: Role) -> Path:
        """Return the root of the Debian that an engine is from, with all its programs."""
        with self._changing():
            return debian_with_engines(self.places, engines.KINDS[role].suite)

    @property
    def registry(self) -> Registry:
        """The plain registry."""
        return Registry(self.places.host("registry"))

    @property
    def basic_auth_registry(self) -> PrivateRegistry:
        """The registry that requires basic credentials."""
        return PrivateRegistry(self.places.host("basic"))

    @property
    def token_auth_registry(self) -> PrivateRegistry:
        """The registry that redirects its clients to a token server."""
        return PrivateRegistry(self.places.host("token"))

    def stand_in(self, name: Literal["ghcr", "dockerhub", "slow"]) -> StandIn:
        """Return a registry that can simulate faults."""
        host = {"ghcr": "ghcr.io", "dockerhub": "docker.io", "slow": self.places.host("slow")}[name]
        return StandIn(host, name, self.places)

    @property
    def nobody(self) -> str:
        """``host:port`` where nothing listens, so that connections are refused."""
        return self.places.host("nobody")

    def _down(self) -> None:
        for name in reversed(PARTS):
            self._clear(name)
        shutil.rmtree(self.places.state, ignore_errors=True)

    def _clear(self, name: str) -> None:
        """Stop the part if it is running, and remove its state."""
        directory = self.places.part(name)
        process = Process.load(directory / RECORD)
        if process:
            process.stop()
        if directory.exists():
            PARTS[name].forget(self.places)
            shutil.rmtree(directory)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with locked(self.places.cache / "change.lock", "the rig, to start or stop a part"):
            os.umask(0o022)
            self.places.state.mkdir(parents=True, exist_ok=True)
            yield


def _with_needs(parts: Iterable[str]) -> list[str]:
    wanted = set(parts)
    for name in parts:
        wanted.update(PARTS[name].needs)
    return [name for name in PARTS if name in wanted]
