"""A pull from the scripted engine goes as from a real one, through the public functions."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import imagewidget as iw
from imagewidget.displays.recording import read
from imagewidget.engine.client import client_behind
from imagewidget.engine.pull.stream import events_of
from imagewidget.progress.events import Event, LayerChanged, LayerPhase, LogWritten
from imagewidget.progress.state import Phase
from imagewidget.testing import ScriptedEngine
from tests.fixtures import STREAMS

AT_ONCE = iw.RetryPolicy(attempts=3, first_delay=0)
DIGEST = "sha256:" + "1" * 64


def pulled(reference: str, **options: Any) -> iw.Image:
    return iw.pull(reference, display=False, **{"retry": AT_ONCE, **options}).result(10)


def recorded(name: str) -> list[dict[str, Any]]:
    lines = (STREAMS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [message for _, message in map(json.loads, lines)]


def phases(events: Iterable[Event]) -> list[tuple[LayerPhase, ...]]:
    """Return the phases of each layer without repetitions."""
    found: dict[str, list[LayerPhase]] = defaultdict(list)
    for event in events:
        if isinstance(event, LayerChanged) and found[event.id][-1:] != [event.phase]:
            found[event.id].append(event.phase)
    return [tuple(each) for each in found.values()]


def text(events: Iterable[Event]) -> list[str]:
    """Return the log, without what differs between images."""
    lines = "".join(event.text for event in events if isinstance(event, LogWritten))
    return re.sub(r"[0-9a-f]{64}|(?<=from )\S+|(?<=for )\S+", "…", lines).splitlines()


def messages(engine: ScriptedEngine, name: str, tag: str) -> list[dict[str, Any]]:
    with client_behind(engine.client).operation() as api:
        query = {"fromImage": name, "tag": tag}
        return list(api.post_stream("/images/create", query, {}, None))


def shape(message: dict[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return what kind of message it is and what it has; newer engines send no `progress`."""
    detail = tuple(sorted(message.get("progressDetail", {})))
    kind = re.sub(r"sha256:.*|(?<=from |.for )\S+", "…", message["status"])
    return kind, tuple(sorted(message.keys() - {"progress"})), detail


@pytest.mark.parametrize("count", [1, 2, 9])
def test_layers_go_through_the_phases_of_a_recorded_pull(
    engine: ScriptedEngine, tmp_path: Path, count: int
) -> None:
    engine.serve("big:1", layers=[3_000_000 + number for number in range(count)])

    job = iw.pull("big:1", display=False)
    image = job.result(10)

    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    real = list(events_of(recorded("pull-graphdriver-20.10")))
    # A layer that is downloaded within a tick skips phases; a complete one skips none.
    assert set(phases(events)) == {max(phases(real), key=len)}
    assert len(phases(events)) == count
    assert text(events) == text(real)
    assert image.size == sum(3_000_000 + number for number in range(count))
    assert job.state.fraction == 1.0


def test_the_messages_have_the_fields_of_recorded_ones(engine: ScriptedEngine) -> None:
    engine.serve("docker.io/owner/big:1", layers=[9_000_000] * 9)

    sent = messages(engine, "docker.io/owner/big", "1")

    assert {shape(each) for each in sent} == {
        shape(each) for each in recorded("pull-graphdriver-20.10")
    }
    totals = [each["progressDetail"]["total"] for each in sent if "Downloading" in each["status"]]
    assert set(totals) == {9_000_000}


def test_three_layers_are_downloaded_at_a_time_and_the_others_wait(engine: ScriptedEngine) -> None:
    engine.serve("docker.io/owner/big:1", layers=[9_000_000] * 9)

    downloading: set[str] = set()
    most = 0
    for each in messages(engine, "docker.io/owner/big", "1"):
        if each["status"] == "Downloading":
            downloading.add(each["id"])
        elif each["status"] == "Download complete":
            downloading.discard(each["id"])
        most = max(most, len(downloading))
    assert most == 3


def test_a_second_pull_is_up_to_date_like_a_recorded_one(
    engine: ScriptedEngine, tmp_path: Path
) -> None:
    engine.serve("docker.io/library/big:1")
    first = pulled("big:1")

    job = iw.pull("big:1", display=False)

    assert job.result(10) == first
    events = [event for _, event in read(job.record(tmp_path / "run.jsonl"))]
    real = list(events_of(recorded("pull-graphdriver-20.10-up-to-date")))
    assert phases(events) == []
    assert text(events) == text(real)


def test_an_image_of_another_platform_is_pulled_again(engine: ScriptedEngine) -> None:
    engine.serve("owner/env:1")
    own = pulled("owner/env:1")

    other = pulled("owner/env:1", platform="linux/arm64")

    assert own.id != other.id
    assert engine.client.image("owner/env:1", platform="linux/arm64").id == other.id


def test_an_image_in_the_local_cache_is_not_pulled(engine: ScriptedEngine) -> None:
    engine.add_image("owner/env:1", size=7)

    image = iw.provision("owner/env:1", display=False).result(10)

    assert (image.source, image.size) == ("local", 7)
    assert engine.pulls == []
    assert iw.image_exists("docker.io/owner/env:1")
    assert iw.image_exists(image.id[:19])
    assert iw.image_exists(f"owner/env@{image.digest}")
    assert not iw.image_exists("owner/env:2")
    assert not iw.image_exists("0123456789ab")


def test_a_local_image_for_another_platform_is_not_used(engine: ScriptedEngine) -> None:
    engine.add_image("owner/env:1", platform="linux/arm64")
    engine.serve("ghcr.io/owner/env:1")

    job = iw.provision("owner/env:1", platform="linux/amd64", display=False)

    assert job.result(10).source == "ghcr.io"


def test_an_image_from_another_registry_gets_the_requested_name(engine: ScriptedEngine) -> None:
    engine.serve("ghcr.io/owner/env:1")

    image = pulled("owner/env:1", registries=("quay.io", "ghcr.io"))

    assert image.source == "ghcr.io"
    assert engine.pulls == ["quay.io/owner/env:1", "ghcr.io/owner/env:1"]
    assert engine.images == ["docker.io/owner/env:1", "ghcr.io/owner/env:1"]
    assert iw.image_exists("owner/env:1")


def test_an_image_is_served_by_its_digest(engine: ScriptedEngine) -> None:
    engine.serve(f"ghcr.io/owner/env@{DIGEST}")

    image = pulled(f"ghcr.io/owner/env:1@{DIGEST}")

    assert image.digest == DIGEST
    assert engine.pulls == [f"ghcr.io/owner/env@{DIGEST}"]
    assert engine.images == []
    assert iw.image_exists(f"ghcr.io/owner/env@{DIGEST}")


def test_an_unknown_image_is_not_found_in_the_words_of_an_engine(engine: ScriptedEngine) -> None:
    (real,) = recorded("error-not-found-graphdriver-20.10")

    with pytest.raises(iw.ImageNotFound) as caught:
        pulled("127.0.0.1:5000/nosuch:1")

    assert caught.value.message in real["message"]
    assert engine.pulls == ["127.0.0.1:5000/nosuch:1"]


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (iw.ImageNotFound, 1),
        (iw.AccessDenied, 1),
        (iw.RateLimited, 1),
        (iw.DiskFull, 1),
        (iw.RegistryUnavailable, 3),
    ],
)
def test_a_pull_fails_with_the_error_that_the_test_names(
    engine: ScriptedEngine, error: type[iw.DockerError], attempts: int
) -> None:
    engine.serve("ghcr.io/owner/env:1")
    engine.refuse("ghcr.io/owner/env:1", error)

    with pytest.raises(error):
        pulled("ghcr.io/owner/env:1", retry=iw.RetryPolicy(attempts=1))
    with pytest.raises(iw.DockerError):
        pulled("ghcr.io/owner/env:1")

    assert engine.pulls == ["ghcr.io/owner/env:1"] * (1 + attempts)
    assert engine.images == []


def test_a_registry_recovers_after_some_attempts(engine: ScriptedEngine) -> None:
    engine.serve("ghcr.io/owner/env:1")
    engine.refuse("ghcr.io/owner/env:1", iw.RegistryUnavailable, times=1)
    engine.stall("ghcr.io/owner/env:1", times=1)

    image = pulled("ghcr.io/owner/env:1", stall_timeout=0.2)

    assert image.source == "ghcr.io"
    assert engine.pulls == ["ghcr.io/owner/env:1"] * 3
    engine.wait_until(lambda: engine.hung_up == ["ghcr.io/owner/env:1"])


def test_a_cancelled_pull_hangs_up_and_leaves_no_image(engine: ScriptedEngine) -> None:
    engine.serve("owner/env:1")
    engine.stall("owner/env:1")
    job = iw.pull("owner/env:1", display=False)
    engine.wait_until(lambda: engine.pulls)

    job.cancel()

    with pytest.raises(iw.Cancelled):
        job.result(10)
    engine.wait_until(lambda: engine.hung_up == ["docker.io/owner/env:1"])
    assert job.state.phase is Phase.CANCELLED
    assert engine.images == []


def test_many_pulls_at_once_do_not_disturb_each_other(engine: ScriptedEngine) -> None:
    names = [f"ghcr.io/owner/env:{number}" for number in range(12)]
    for number, name in enumerate(names, 1):
        engine.serve(name, layers=[1_000_000 * number] * 5)
    engine.stall("ghcr.io/owner/env:stalled")
    stalled = iw.pull("ghcr.io/owner/env:stalled", display=False)

    jobs = [iw.pull(name, display=False) for name in names]

    sizes = [job.result(30).size for job in jobs]
    assert sizes == [5_000_000 * number for number in range(1, 13)]
    assert sorted(engine.images) == sorted(names)
    stalled.cancel()
    assert stalled.wait(10)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda engine: engine.serve("Owner/Env"), iw.InvalidReference, "lower case"),
        (lambda engine: engine.add_image(""), iw.InvalidReference, "empty"),
        (lambda engine: engine.stall("a b"), iw.InvalidReference, "valid"),
        (lambda engine: engine.serve(3), TypeError, "`reference` must be a str, not int"),
        (lambda engine: engine.serve("b", layers=[7, -1]), ValueError, r"`layers\[1\]` must be at"),
        (
            lambda engine: engine.serve("b", layers=[1.5]),
            TypeError,
            r"`layers\[0\]` must be an int",
        ),
        (lambda engine: engine.serve("b", layers=7), TypeError, "`layers` must be sizes.*not int"),
        (lambda engine: engine.serve("a:1"), ValueError, "docker.io/library/a:1 is served already"),
        (lambda engine: engine.add_image("a:1"), ValueError, "in the local cache already"),
        (lambda engine: engine.add_image("b", size=0), ValueError, "`size` must be at least 1"),
        (lambda engine: engine.add_image("b", platform="?"), iw.InvalidContext, "platform"),
        (
            lambda engine: engine.refuse("b", iw.Cancelled),
            ValueError,
            "one of ImageNotFound.*not Cancelled",
        ),
        (
            lambda engine: engine.refuse("b", "denied"),
            TypeError,
            "`error` must be a class.*not an instance of str",
        ),
        (lambda engine: engine.stall("b", times=0), ValueError, "`times` must be at least 1"),
        (lambda engine: engine.stall("b", times=True), TypeError, "`times` must be an int"),
        (lambda engine: engine.stall("c:1"), ValueError, "every pull of docker.io/library/c:1"),
        (
            lambda engine: engine.fail_build(exit_code=256),
            ValueError,
            "`exit_code` must be at most",
        ),
        (lambda engine: engine.fail_build(at=2), TypeError, "`at` must be a str"),
        (lambda engine: engine.fail_build(log=["a"]), TypeError, "`log` must be a str, not list"),
    ],
)
def test_an_invalid_script_is_refused(
    engine: ScriptedEngine, call: Any, error: type[Exception], words: str
) -> None:
    engine.serve("a:1")
    engine.add_image("a:1")
    engine.refuse("c:1", iw.AccessDenied)

    with pytest.raises(error, match=words):
        call(engine)
