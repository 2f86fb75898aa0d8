"""The messages of a pull become events; tested with recorded streams."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.failure.errors import DockerError, ImageNotFound, RegistryUnavailable
from imagewidget.engine.pull.stream import digest_in, events_of
from imagewidget.progress.events import Event, Finished, Image, LayerChanged, LayerPhase, LogWritten
from imagewidget.progress.tracker import Tracker
from tests.fixtures import STREAMS

LAYER = "0123456789ab"
P = LayerPhase
GRAPHDRIVER = ("graphdriver-20.10", "graphdriver-28.5", "graphdriver-29.7")
DOCKERS = (*GRAPHDRIVER, "containerd-26.1", "containerd-28.5", "containerd-29.7")
# What each recording pulled.
BIG = {
    True: ("big", "sha256:bd654f19f1fb475d0e5df7ee8bf9fdce2ec0ac110e6a50f4ad23f823a18f90bd"),
    False: ("eng/big", "sha256:36065d5349556f9c576eee5e79e341ecc460c77491997e93d354281f59745cdb"),
}
DIGEST = BIG[True][1]


def recorded(name: str) -> list[tuple[float, dict[str, Any]]]:
    lines = (STREAMS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(seconds, message) for seconds, message in map(json.loads, lines)]


def played(name: str) -> list[Event]:
    return list(events_of(message for _, message in recorded(name)))


def phases(events: Iterable[Event]) -> dict[str, list[LayerPhase]]:
    """Return the phases of every layer in order, without repetitions."""
    found: dict[str, list[LayerPhase]] = {}
    for event in events:
        if isinstance(event, LayerChanged):
            line = found.setdefault(event.id, [])
            if not line or line[-1] is not event.phase:
                line.append(event.phase)
    return found


def text(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, LogWritten))


def one(**message: Any) -> list[Event]:
    return list(events_of([message]))


@pytest.mark.parametrize("engine", GRAPHDRIVER)
def test_the_graphdriver_store_reports_every_phase_of_every_layer(engine: str) -> None:
    events = played(f"pull-{engine}")

    found = phases(events)

    assert len(found) == 9
    new = [line for line in found.values() if line != [P.CACHED]]
    # The newer engines had the first layer of the image already.
    assert len(new) == (9 if engine == "graphdriver-20.10" else 8)
    for line in new:
        assert line[0] is P.QUEUED
        assert line[-1] is P.DONE
        assert next(each for each in line if each is not P.QUEUED) is P.DOWNLOADING
        assert P.EXTRACTING in line
    totals = {event.total for event in events if isinstance(event, LayerChanged)}
    assert totals >= ({1064337} if engine == "graphdriver-20.10" else {30_009_327, 30_009_341})


def test_the_containerd_store_reports_the_download_only_before_28() -> None:
    found = phases(played("pull-containerd-26.1"))

    assert len(found) == 9
    assert all(line[-1] is P.DOWNLOADED for line in found.values())
    assert sum(P.DOWNLOADING in line for line in found.values()) == 8


@pytest.mark.parametrize("engine", ["containerd-28.5", "containerd-29.7"])
def test_the_containerd_store_reports_the_end_of_unpacking_from_28_on(engine: str) -> None:
    events = played(f"pull-{engine}")

    found = phases(events)

    # Nothing is reported about the layer that it had already.
    assert len(found) == 8
    assert all(line[-1] is P.DONE for line in found.values())
    assert any(P.EXTRACTING in line for line in found.values())
    unpacking = [e for e in events if isinstance(e, LayerChanged) and e.phase is P.EXTRACTING]
    assert all(e.current is None and e.total is None for e in unpacking)


@pytest.mark.parametrize(("version", "cached"), [("4.3", 0), ("5.8", 1)])
def test_podman_reports_no_bytes_of_fast_layers(version: str, cached: int) -> None:
    events = played(f"pull-podman-{version}")

    lines = list(phases(events).values())
    assert len(lines) == 10
    assert lines.count([P.CACHED]) == cached
    assert lines.count([P.QUEUED, P.DOWNLOADED]) == 10 - cached
    assert all(e.current is None and e.total is None for e in events if isinstance(e, LayerChanged))


@pytest.mark.parametrize(("version", "count"), [("4.3", 6), ("5.8", 3)])
def test_podman_reports_the_bytes_of_slow_layers(version: str, count: int) -> None:
    events = played(f"pull-podman-{version}-bytes")

    slow = {e.id for e in events if isinstance(e, LayerChanged) and e.total}
    assert len(slow) == count
    assert all(P.DOWNLOADING in phases(events)[name] for name in slow)


@pytest.mark.parametrize("engine", DOCKERS)
def test_an_image_that_is_up_to_date_has_no_layers(engine: str) -> None:
    events = played(f"pull-{engine}-up-to-date")

    assert phases(events) == {}
    is_old = engine.endswith(("20.10", "26.1"))
    name, digest = BIG[is_old]
    host = "127.0.0.1:5000" if is_old else "127.99.0.1:5000"
    assert text(events).splitlines() == [
        f"1: Pulling from {name}",
        f"Digest: {digest}",
        f"Status: Image is up to date for {host}/{name}:1",
    ]


def test_podman_lists_the_layers_of_an_image_that_is_up_to_date() -> None:
    lines = list(phases(played("pull-podman-5.8-up-to-date")).values())

    # The last is the image's configuration, which it reads again.
    assert lines == [[P.CACHED]] * 9 + [[P.QUEUED, P.DOWNLOADED]]


@pytest.mark.parametrize(
    "name",
    [
        *DOCKERS,
        *("podman-4.3", "podman-4.3-bytes"),
        *("podman-5.8", "podman-5.8-bytes", "podman-5.8-up-to-date"),
    ],
)
def test_the_bar_of_a_recorded_pull_never_falls(name: str) -> None:
    now = 0.0
    tracker = Tracker(lambda: now)
    fractions: list[float] = []
    for seconds, message in recorded(f"pull-{name}"):
        now = seconds
        for event in events_of([message]):
            tracker.apply(event)
            fractions += [tracker.state().fraction or 0.0]
    tracker.apply(Finished(Image("sha256:" + "0" * 64, "big:1", None, 0, "docker.io")))

    state = tracker.state()

    assert fractions == sorted(fractions)
    assert state.fraction == 1.0
    assert all(layer.phase in {P.DONE, P.CACHED} for layer in state.layers)


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("Pulling fs layer", P.QUEUED),
        ("Waiting", P.QUEUED),
        ("Downloading", P.DOWNLOADING),
        ("Verifying Checksum", P.VERIFYING),
        ("Download complete", P.DOWNLOADED),
        ("Extracting", P.EXTRACTING),
        ("Pull complete", P.DONE),
        ("Already exists", P.CACHED),
        ("Retrying in 5 seconds", P.RETRYING),
        ("Retrying in 1 second", P.RETRYING),
    ],
)
def test_every_status_of_a_layer_has_its_phase(status: str, phase: LayerPhase) -> None:
    assert one(status=status, id=LAYER, progressDetail={}) == [LayerChanged(LAYER, phase)]


def test_bytes_are_read_from_the_detail_and_not_from_the_text_bar() -> None:
    message = {"status": "Downloading", "id": LAYER, "progress": "[=>  ] 9MB/9MB"}

    assert one(**message) == [LayerChanged(LAYER, P.DOWNLOADING)]
    assert one(**message, progressDetail={"current": 5, "total": 9}) == [
        LayerChanged(LAYER, P.DOWNLOADING, 5, 9),
    ]
    assert one(**message, progressDetail={"current": 5}) == [
        LayerChanged(LAYER, P.DOWNLOADING, 5, None),
    ]


def test_seconds_of_unpacking_are_not_bytes() -> None:
    detail = {"current": 3, "units": "s"}

    assert one(status="Extracting", id=LAYER, progressDetail=detail) == [
        LayerChanged(LAYER, P.EXTRACTING, seconds=3, position=1),
    ]


@pytest.mark.parametrize("units", ["files", "", None, 7])
def test_other_units_of_unpacking_are_no_seconds(units: object) -> None:
    detail = {"current": 3, "units": units}

    (change,) = one(status="Extracting", id=LAYER, progressDetail=detail)

    assert isinstance(change, LayerChanged)
    assert change.seconds is None


@pytest.mark.parametrize("name", ["pull-containerd-28.5", "pull-containerd-29.7"])
def test_layers_of_the_containerd_store_have_the_position_in_which_they_are_unpacked(
    name: str,
) -> None:
    events = [each for each in played(name) if isinstance(each, LayerChanged)]
    announced = [each.id for each in events if each.phase is P.QUEUED]
    positions = {each.id: each.position for each in events if each.position}

    assert sorted(positions) == sorted(announced)
    assert sorted(positions.values()) == list(range(1, len(announced) + 1))
    complete = [each.id for each in events if each.phase is P.DONE]
    assert sorted(positions, key=positions.__getitem__) == complete
    assert list(positions) != announced  # the engine announces them in another order


def test_a_layer_comes_after_those_that_were_complete_before_it() -> None:
    messages = [
        {"status": status, "id": name * 12, "progressDetail": detail}
        for status, name, detail in [
            ("Already exists", "d", {"hidecounts": True}),
            ("Pull complete", "d", {"hidecounts": True}),
            ("Extracting", "a", {"current": 1, "units": "s"}),
            # The engine's next look: `b` was unpacked in the meantime, but comes after `c`.
            ("Extracting", "c", {"current": 1, "units": "s"}),
            ("Pull complete", "a", {"hidecounts": True}),
            ("Pull complete", "b", {"hidecounts": True}),
            ("Pull complete", "c", {"hidecounts": True}),
        ]
    ]
    tracker = Tracker(lambda: 0.0)
    for event in events_of(messages):
        tracker.apply(event)

    assert [each.id[0] for each in tracker.state().layers] == ["d", "a", "b", "c"]


@pytest.mark.parametrize("name", ["pull-graphdriver-20.10", "pull-containerd-26.1"])
def test_other_engines_report_no_position(name: str) -> None:
    assert not any(isinstance(each, LayerChanged) and each.position for each in played(name))


def test_in_the_graphdriver_store_an_existing_layer_is_complete() -> None:
    message = {"status": "Already exists", "id": LAYER, "progressDetail": {}}

    assert phases(events_of([message])) == {LAYER: [P.CACHED]}


def existing(*statuses: str) -> list[LayerPhase]:
    """Return the phases of a layer that exists, as engines from 28 on report it."""
    detail = {"hidecounts": True}
    messages = [{"status": s, "id": LAYER, "progressDetail": detail} for s in statuses]
    return phases(events_of(messages))[LAYER]


def test_in_the_containerd_store_an_existing_layer_may_still_be_unpacked() -> None:
    assert existing("Already exists", "Extracting", "Pull complete") == [
        P.CACHED,
        P.EXTRACTING,
        P.DONE,
    ]


def test_in_the_containerd_store_a_layer_that_is_unpacked_already_is_cached() -> None:
    assert existing("Already exists", "Pull complete") == [P.CACHED]


def test_in_the_containerd_store_before_28_nothing_follows_an_existing_layer() -> None:
    assert existing("Already exists") == [P.CACHED]


def test_a_small_layer_may_be_complete_at_once() -> None:
    assert one(status="Download complete", id=LAYER, progressDetail={"hidecounts": True}) == [
        LayerChanged(LAYER, P.DOWNLOADED),
    ]


@pytest.mark.parametrize("tag", ["1", "latest", LAYER, "3.13-slim"])
def test_the_tag_of_a_pull_is_not_a_layer(tag: str) -> None:
    assert one(status="Pulling from owner/env", id=tag) == [
        LogWritten(f"{tag}: Pulling from owner/env\n"),
    ]


@pytest.mark.parametrize("layer", ["", "xyz", "0123456789AB", "0" * 11, "0" * 65, "<b>", "\x1b[2J"])
def test_an_invalid_layer_id_is_not_a_layer(layer: str) -> None:
    assert phases(one(status="Downloading", id=layer)) == {}


def test_an_unknown_status_goes_to_the_log() -> None:
    assert one(status="Polishing", id=LAYER) == [LogWritten(f"{LAYER}: Polishing\n")]
    assert one(status="WARNING: old") == [LogWritten("WARNING: old\n")]
    assert one(stream="Trying to pull x...\n") == [LogWritten("Trying to pull x...\n")]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"current": -1, "total": 10}, (None, 10)),
        ({"current": 1, "total": -10}, (1, None)),
        ({"current": 1, "total": 0}, (1, None)),
        ({"current": 20, "total": 10}, (10, 10)),
        ({"current": "7", "total": "9"}, (None, None)),
        ({"current": 1.5, "total": 1e300}, (None, None)),
        ({"current": True, "total": False}, (None, None)),
        ({"current": None, "total": None}, (None, None)),
        ({"current": [], "total": {}}, (None, None)),
        ({"current": 2**70, "total": 2**70}, (None, None)),
        ({"current": float("nan"), "total": float("inf")}, (None, None)),
        ("half", (None, None)),
        (None, (None, None)),
        ([1, 2], (None, None)),
    ],
)
def test_impossible_counts_are_left_out(
    detail: Any,
    expected: tuple[int | None, int | None],
) -> None:
    assert one(status="Downloading", id=LAYER, progressDetail=detail) == [
        LayerChanged(LAYER, P.DOWNLOADING, *expected),
    ]


@pytest.mark.parametrize("message", [None, 7, "text", [], {}, {"aux": {"ID": "x"}}, {"id": LAYER}])
def test_a_message_without_content_is_ignored(message: Any) -> None:
    assert list(events_of([message])) == []


def test_a_very_long_line_is_cut() -> None:
    (event,) = one(status="x" * 1_000_000)

    assert isinstance(event, LogWritten)
    assert len(event.text) < 5000


def test_an_error_in_the_stream_is_raised() -> None:
    messages = [
        {"status": "Pulling fs layer", "id": LAYER},
        {"errorDetail": {"message": "unexpected EOF"}, "error": "unexpected EOF"},
        {"status": "Pull complete", "id": LAYER},
    ]
    events = events_of(messages)

    assert next(events) == LayerChanged(LAYER, P.QUEUED)
    with pytest.raises(RegistryUnavailable, match="unexpected EOF"):
        next(events)


@pytest.mark.parametrize(
    "message",
    [
        {"error": "manifest unknown"},
        {"errorDetail": {"message": "manifest unknown"}},
        {"errorDetail": {"code": 404, "message": "manifest unknown"}, "error": None},
    ],
)
def test_either_form_of_an_error_is_recognised(message: dict[str, Any]) -> None:
    with pytest.raises(ImageNotFound):
        list(events_of([message]))


@pytest.mark.parametrize("message", [{"errorDetail": {"code": 1}}, {"errorDetail": {"message": 7}}])
def test_an_error_without_a_message_is_an_error(message: dict[str, Any]) -> None:
    with pytest.raises(DockerError):
        list(events_of([message]))


def test_podman_reports_not_found_in_the_stream() -> None:
    with pytest.raises(ImageNotFound, match="manifest unknown"):
        played("error-not-found-podman-4.3")


def test_the_digest_is_read_from_its_own_line_only() -> None:
    assert digest_in(f"Digest: {DIGEST}\n") == DIGEST
    assert digest_in(f"Digest: {DIGEST} and more\n") is None
    assert digest_in("Status: Downloaded newer image for x") is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
fields = st.sampled_from(["status", "id", "progressDetail", "progress", "stream", "aux"])
words = st.sampled_from(["Downloading", "Extracting", "Already exists", "Pull complete", LAYER])


@given(st.lists(st.dictionaries(fields, words | anything) | anything, max_size=12))
def test_no_message_breaks_the_parser_or_the_state(messages: list[Any]) -> None:
    tracker = Tracker(lambda: 0.0)
    try:
        for event in events_of(messages):
            tracker.apply(event)
            if isinstance(event, LayerChanged):
                assert event.current is None or event.current >= 0
                assert event.total is None or event.total > 0
    except DockerError:
        pass

    fraction = tracker.state().fraction
    assert fraction is None or 0 <= fraction <= 1
