"""What a pull knows of the engine's disk, and what it says if there is too little of it."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.failure.errors import Stalled, default_hint
from imagewidget.engine.pull.disk import DiskWatch
from imagewidget.progress.events import BuildWarned, Event, LayerChanged, LayerPhase
from tests.scripted import VERSION, ScriptedEngine

A, B = "a" * 12, "b" * 12
ENORMOUS = 2**52
PODMAN = {**VERSION, "Components": [{"Name": "Podman Engine"}], "Version": "5.8.6"}
CONTAINERD = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}


@pytest.fixture
def here(tmp_path: Path) -> dict[str, Any]:
    """What an engine on this machine reports of itself."""
    return {
        "Name": platform.node(),
        "KernelVersion": platform.release(),
        "DockerRootDir": str(tmp_path),
    }


def downloading(layer: str, total: int) -> LayerChanged:
    return LayerChanged(layer, LayerPhase.DOWNLOADING, 0, total)


def followed(watch: DiskWatch, *events: LayerChanged) -> list[Event]:
    """Return what a pull with these layers yields once the engine has answered."""
    found = [each for event in events for each in watch.follow(event)]
    end = time.monotonic() + 10
    while watch._storage is None and time.monotonic() < end:
        time.sleep(0.005)
    return found + [each for event in events for each in watch.follow(event)]


def test_an_image_that_is_up_to_date_costs_no_request(scripted: ScriptedEngine) -> None:
    watch = DiskWatch(scripted.client)

    assert list(watch.follow(LayerChanged(A, LayerPhase.CACHED))) == []

    assert scripted.asked == []
    assert watch.hint() == default_hint(Stalled)


def test_a_pull_that_does_not_fit_is_a_warning_once(
    scripted: ScriptedEngine, here: dict[str, Any]
) -> None:
    scripted.about = here
    watch = DiskWatch(scripted.client)

    found = followed(watch, downloading(A, ENORMOUS), downloading(B, ENORMOUS))
    found += watch.follow(downloading(A, ENORMOUS))

    (warning,) = found
    assert isinstance(warning, BuildWarned)
    assert "needs at least" in warning.message
    assert "docker system prune" in warning.detail


def test_a_pull_that_fits_is_none(scripted: ScriptedEngine, here: dict[str, Any]) -> None:
    scripted.about = here

    assert followed(DiskWatch(scripted.client), downloading(A, 1000)) == []


@pytest.mark.parametrize(
    "different",
    [
        {"Name": "another-machine"},
        {"KernelVersion": "6.6.0-of-a-virtual-machine"},
        {"DockerRootDir": "/no/such/directory"},
        {"DockerRootDir": "relative"},
        {"DockerRootDir": None},
    ],
)
def test_the_disk_of_another_machine_is_unknown(
    scripted: ScriptedEngine, here: dict[str, Any], different: dict[str, Any]
) -> None:
    scripted.about = here | different

    assert followed(DiskWatch(scripted.client), downloading(A, ENORMOUS)) == []


@pytest.mark.parametrize(
    ("reported", "warns"),
    [
        ({"graphRootAllocated": 10_000_000, "graphRootUsed": 9_500_000}, True),
        ({"graphRootAllocated": 10_000_000, "graphRootUsed": 1_000_000}, False),
        ({"graphRootAllocated": 10, "graphRootUsed": 2**60}, True),
        ({"graphRootAllocated": "x"}, False),
        ({}, False),
    ],
)
def test_podman_reports_its_disk_wherever_it_is(
    scripted: ScriptedEngine, reported: dict[str, Any], *, warns: bool
) -> None:
    scripted.version, scripted.podman = PODMAN, {"store": reported}

    assert bool(followed(DiskWatch(scripted.client), downloading(A, 1_000_000))) is warns


def test_the_containerd_store_needs_room_for_the_compressed_layers_too(
    scripted: ScriptedEngine, here: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_500_000}))
    scripted.about = here
    assert not followed(DiskWatch(scripted.client), downloading(A, 1_000_000))
    scripted.about = here | CONTAINERD | {"Containerd": {"Address": "/rig/containerd.sock"}}
    assert followed(DiskWatch(scripted.client), downloading(A, 1_000_000))


@pytest.mark.parametrize(
    ("containerd", "directory"),
    [
        ({"Address": "/run/containerd/containerd.sock"}, "/var/lib/containerd"),
        ({"Address": "/run/docker/containerd/containerd.sock"}, "/var/lib/docker"),
        ({}, None),  # before Docker 27
        ([], None),
        (None, None),
    ],
)
def test_the_disk_of_the_containerd_store_is_that_of_its_containerd(
    scripted: ScriptedEngine,
    here: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    containerd: object,
    directory: str | None,
) -> None:
    asked = []
    usage = type("Usage", (), {"free": 7})
    monkeypatch.setattr("shutil.disk_usage", lambda path: (asked.append(path), usage)[1])
    scripted.about = here | CONTAINERD | {"DockerRootDir": "/var/lib/docker"}
    scripted.about |= {"Containerd": containerd}
    storage = scripted.client.storage()
    assert asked == ([directory] if directory else [])
    assert (storage.store, storage.free) == ("containerd", 7 if directory else None)


@pytest.mark.parametrize("about", [[], "text", None, 7])
def test_an_odd_description_is_not_an_error(scripted: ScriptedEngine, about: Any) -> None:
    scripted.about = about
    assert scripted.client.storage().free is None
    assert scripted.client.info().name == "Docker Engine"


def test_a_directory_that_cannot_exist(scripted: ScriptedEngine, here: dict[str, Any]) -> None:
    scripted.about = here | {"DockerRootDir": "/nul\0byte"}
    assert scripted.client.storage().free is None


@pytest.mark.parametrize(
    ("version", "about", "words"),
    [
        (VERSION, {}, "will be downloaded again"),
        (VERSION, CONTAINERD, "anything already downloaded is kept"),
        (PODMAN, {}, "layers that are complete are kept"),
    ],
)
def test_the_hint_of_a_stall_is_that_of_the_store(
    scripted: ScriptedEngine, version: dict[str, Any], about: dict[str, Any], words: str
) -> None:
    scripted.version, scripted.about = version, about
    watch = DiskWatch(scripted.client)
    followed(watch, downloading(A, 1000))

    assert words in watch.hint()


def test_an_engine_that_refuses_to_describe_itself_does_not_disturb_a_pull(
    scripted: ScriptedEngine,
) -> None:
    scripted.refused = {"/info"}

    assert followed(DiskWatch(scripted.client), downloading(A, ENORMOUS)) == []
