"""The tracker turns events into a state that a person can trust."""

import itertools
from dataclasses import replace

import pytest

from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    CancelRequested,
    CheckingLocal,
    ContextSent,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RetryScheduled,
    RunCancelled,
    Started,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from imagewidget.progress.state import Phase
from imagewidget.progress.tracker import Tracker

IMAGE = Image("sha256:" + "e" * 64, "owner/env:1", None, 1_000, "ghcr.io")


class Watch:
    """A clock that only moves when a test sets it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def tracker(watch: Watch) -> Tracker:
    return Tracker(watch)


def apply(tracker: Tracker, *events: Event) -> None:
    for event in events:
        tracker.apply(event)


def downloading(name: str, current: int, total: int) -> LayerChanged:
    return LayerChanged(name, LayerPhase.DOWNLOADING, current, total)


def pulling(registry: str = "ghcr.io", number: int = 1) -> AttemptStarted:
    return AttemptStarted(registry, f"{registry}/owner/env:1", number, 3)


def test_nothing_is_known_at_first(tracker: Tracker) -> None:
    state = tracker.state()
    assert state.phase is Phase.QUEUED
    assert state.fraction is None
    assert not state.total_is_final


def test_a_total_is_final_only_when_every_layer_has_a_size(tracker: Tracker) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 10, 100))
    apply(tracker, LayerChanged("b" * 12, LayerPhase.QUEUED))
    assert (tracker.state().bytes_done, tracker.state().bytes_total) == (10, 100)
    assert not tracker.state().total_is_final
    apply(tracker, downloading("b" * 12, 0, 300))
    assert tracker.state().bytes_total == 400
    assert tracker.state().total_is_final


def test_a_layer_without_a_reported_download_has_no_size_even_when_the_image_is_there(
    tracker: Tracker,
) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 10, 100))
    apply(tracker, LayerChanged("b" * 12, LayerPhase.DOWNLOADED))
    assert not tracker.state().total_is_final
    assert tracker.state().fraction == pytest.approx(0.075)  # it is small and counts as 0
    apply(tracker, Finished(IMAGE))
    assert not tracker.state().total_is_final


def test_layers_are_in_the_order_in_which_they_are_unpacked(tracker: Tracker) -> None:
    first, second, third = ("a" * 12, "b" * 12, "c" * 12)
    apply(tracker, pulling(), *(LayerChanged(each, LayerPhase.QUEUED) for each in (third, second)))
    apply(tracker, LayerChanged(first, LayerPhase.QUEUED))
    assert [layer.id for layer in tracker.state().layers] == [third, second, first]
    apply(tracker, LayerChanged(first, LayerPhase.EXTRACTING, seconds=2, position=1))
    assert [layer.id for layer in tracker.state().layers] == [first, third, second]
    assert tracker.state().layers[0].extract_seconds == 2
    apply(tracker, LayerChanged(second, LayerPhase.DONE, position=2))
    apply(tracker, LayerChanged(third, LayerPhase.DONE, position=3), Finished(IMAGE))
    assert [layer.id for layer in tracker.state().layers] == [first, second, third]


def test_an_attestation_is_not_a_layer(tracker: Tracker) -> None:
    layer, attestation = "a" * 12, "b" * 12
    for each in (attestation, layer):  # as an engine reports both
        apply(tracker, LayerChanged(each, LayerPhase.QUEUED))
        apply(tracker, LayerChanged(each, LayerPhase.DOWNLOADED))
    apply(tracker, LayerChanged(layer, LayerPhase.DONE, position=1), Finished(IMAGE))
    assert [each.id for each in tracker.state().layers] == [layer]


def test_cached_layers_do_not_fill_the_bar_while_another_downloads(tracker: Tracker) -> None:
    apply(tracker, pulling())
    for number in range(5):  # as the containerd store of Docker 28 reports them
        apply(tracker, LayerChanged(f"{number:012}", LayerPhase.CACHED))
    apply(tracker, LayerChanged(f"{0:012}", LayerPhase.EXTRACTING))
    apply(tracker, downloading("b" * 12, 0, 10**9))
    assert tracker.state().phase is Phase.PULLING
    assert tracker.state().fraction == 0.0
    apply(tracker, downloading("b" * 12, 5 * 10**8, 10**9))
    assert tracker.state().fraction == pytest.approx(0.375)


def test_the_bar_stops_at_a_large_layer_and_then_moves_with_it(tracker: Tracker) -> None:
    apply(tracker, pulling(), LayerChanged("b" * 12, LayerPhase.QUEUED))
    apply(tracker, downloading("a" * 12, 100, 100), LayerChanged("a" * 12, LayerPhase.DONE))
    before = tracker.state().fraction
    assert before == 0.5
    moves = []
    for part in range(11):
        apply(tracker, downloading("b" * 12, part * 10**6, 10**7))
        moves.append(tracker.state().fraction or 0.0)
    assert moves[0] == before
    steps = [after - before for before, after in itertools.pairwise(moves)]
    assert min(steps) > 0.03


def test_there_is_no_estimate_while_nothing_moves(tracker: Tracker, watch: Watch) -> None:
    apply(tracker, pulling())
    for second in range(6):
        watch.now = float(second)
        apply(tracker, downloading("a" * 12, second * 100, 500))
    assert tracker.state().eta is not None
    apply(tracker, LayerChanged("a" * 12, LayerPhase.DOWNLOADED))  # unpacking is not reported
    watch.now = 11.0
    assert tracker.state().eta is None


def test_the_estimate_is_about_right_after_a_large_layer_becomes_known(
    tracker: Tracker, watch: Watch
) -> None:
    apply(tracker, pulling(), LayerChanged("b" * 12, LayerPhase.QUEUED))
    for tenth in range(31):
        watch.now = tenth / 10
        apply(tracker, downloading("a" * 12, tenth * 1_000, 30_000))
    apply(tracker, LayerChanged("a" * 12, LayerPhase.DONE))
    for tenth in range(100):
        watch.now = 3 + tenth / 10
        apply(tracker, downloading("b" * 12, tenth * 1_000, 1_000_000))
    # 90 s of download, then a quarter of the work, which is assumed to be as fast.
    assert tracker.state().eta == pytest.approx(120, rel=0.1)


def test_the_fraction_does_not_decrease_when_a_large_layer_becomes_known(tracker: Tracker) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 100, 100))
    apply(tracker, LayerChanged("b" * 12, LayerPhase.QUEUED))
    before = tracker.state().fraction
    apply(tracker, downloading("b" * 12, 0, 100_000))
    assert before is not None
    assert tracker.state().fraction == before


def test_a_pull_is_not_done_before_its_layers_are_unpacked(tracker: Tracker) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 100, 100))
    apply(tracker, LayerChanged("a" * 12, LayerPhase.DOWNLOADED))
    state = tracker.state()
    assert state.phase is Phase.EXTRACTING
    assert state.fraction is not None
    assert state.fraction < 1
    apply(tracker, Finished(IMAGE))
    assert tracker.state().fraction == 1.0
    assert tracker.state().layers[0].phase is LayerPhase.DONE


def test_cached_layers_are_shown_but_do_not_count(tracker: Tracker) -> None:
    apply(tracker, pulling(), LayerChanged("a" * 12, LayerPhase.CACHED))
    apply(tracker, downloading("b" * 12, 0, 100))
    state = tracker.state()
    assert [layer.phase for layer in state.layers] == [LayerPhase.CACHED, LayerPhase.DOWNLOADING]
    assert state.fraction == 0.0
    apply(tracker, Finished(IMAGE))
    assert tracker.state().layers[0].phase is LayerPhase.CACHED


def test_speed_and_time_left(tracker: Tracker, watch: Watch) -> None:
    apply(tracker, pulling())
    for second in range(11):
        watch.now = float(second)
        apply(tracker, downloading("a" * 12, second * 1_000, 20_000))
        state = tracker.state()
    assert state.speed == pytest.approx(1_000)
    assert state.layers[0].speed == pytest.approx(1_000)
    # 10 000 of 20 000 bytes are downloaded: 3/8 of the work, unpacking included.
    assert state.eta == pytest.approx(10 * 5 / 3, rel=0.05)


def test_a_silent_pull_is_stalled_until_the_next_event(tracker: Tracker, watch: Watch) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 1, 100))
    watch.now = 4.0
    assert tracker.state().stalled_for is None
    watch.now = 12.0
    assert tracker.state().stalled_for == 12.0
    apply(tracker, downloading("a" * 12, 2, 100))
    assert tracker.state().stalled_for is None


def test_a_retry_counts_down_and_the_next_attempt_keeps_the_layers(
    tracker: Tracker, watch: Watch
) -> None:
    error = AttemptError("ghcr.io", "ghcr.io/owner/env:1", 1, "RegistryUnavailable", "500")
    apply(tracker, pulling(), downloading("a" * 12, 50, 100))
    apply(tracker, AttemptFailed(error), RetryScheduled(2.0))
    watch.now = 0.5
    state = tracker.state()
    assert state.phase is Phase.RETRYING
    assert state.retry_in == 1.5
    apply(tracker, pulling(number=2))
    state = tracker.state()
    assert state.phase is Phase.PULLING
    assert state.retry_in is None
    assert state.layers[0].current == 50
    assert [attempt.error for attempt in state.attempts] == [error, None]


def test_another_registry_starts_over_but_the_bar_does_not_go_back(tracker: Tracker) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 50, 100))
    before = tracker.state().fraction
    apply(tracker, pulling("docker.io"), downloading("b" * 12, 0, 100))
    state = tracker.state()
    assert [layer.id for layer in state.layers] == ["b" * 12]
    assert state.source == "docker.io"
    assert state.fraction == before
    apply(tracker, downloading("b" * 12, 10, 100))
    after = tracker.state().fraction
    assert before is not None
    assert after is not None
    assert after > before


def test_a_build_counts_the_steps_of_every_stage(tracker: Tracker) -> None:
    apply(tracker, Started("build", "env:1"), BuildStarted("buildkit"))
    apply(
        tracker,
        StepChanged("a", "RUN one", StepStatus.DONE, "base", 1, 2, started=0.0, completed=2.0),
        StepChanged("b", "RUN two", StepStatus.RUNNING, "base", 2, 2, started=2.0),
        StepChanged("c", "COPY x", StepStatus.CACHED, "final", 1, 2),
        StepChanged("d", "[internal] load", StepStatus.DONE),
    )
    state = tracker.state()
    assert state.phase is Phase.BUILDING
    assert state.fraction == 0.5
    assert state.steps[0].duration == 2.0


def test_a_running_step_shows_how_long_it_has_run(tracker: Tracker, watch: Watch) -> None:
    apply(tracker, BuildStarted("classic"))
    apply(tracker, StepChanged("a", "RUN x", StepStatus.RUNNING, started=1.0))
    watch.now = 4.0
    assert tracker.state().steps[0].duration == 3.0
    apply(tracker, RunCancelled())
    watch.now = 99.0
    assert tracker.state().steps[0].duration == 3.0
    assert tracker.state().steps[0].status is StepStatus.CANCELLED
    assert tracker.state().elapsed == 4.0


def test_bytes_of_base_images_and_context_are_counted(tracker: Tracker) -> None:
    apply(tracker, BuildStarted("buildkit"))
    apply(tracker, StepChanged("a", "FROM x", StepStatus.RUNNING, started=0.0))
    apply(tracker, TransferChanged("a", "sha256:1", "sha256:1", 10, 100))
    apply(tracker, ContextSent(50), ContextSent(60, is_complete=True))
    state = tracker.state()
    assert (state.bytes_done, state.bytes_total, state.total_is_final) == (70, 160, False)
    assert state.steps[1].name == "send build context"


def test_a_step_counts_its_warnings(tracker: Tracker) -> None:
    apply(tracker, StepChanged("a", "FROM x", StepStatus.RUNNING))
    apply(tracker, BuildWarned("casing", step="a", url="https://example.org"))
    assert tracker.state().steps[0].warnings == 1
    assert tracker.state().warnings[0].message == "casing"


def test_the_first_warnings_are_kept_and_the_rest_are_counted(tracker: Tracker) -> None:
    apply(tracker, *(BuildWarned(f"casing {number}") for number in range(20_000)))
    state = tracker.state()
    assert [warning.message for warning in state.warnings] == [f"casing {n}" for n in range(50)]
    assert state.more_warnings == 19_950


def test_events_after_the_end_change_nothing(tracker: Tracker, watch: Watch) -> None:
    apply(tracker, CheckingLocal("x"), Failed(ErrorInfo("ImageNotFound", "no such image")))
    watch.now = 7.0
    apply(tracker, LogWritten("late\n"), Finished(IMAGE))
    state = tracker.state()
    assert state.phase is Phase.FAILED
    assert state.elapsed == 0.0
    assert state.log_length == 0


def test_cancelling_is_shown_at_once(tracker: Tracker) -> None:
    apply(tracker, pulling(), CancelRequested())
    assert tracker.state().phase is Phase.CANCELLING


def test_names_and_errors_from_outside_are_made_visible(tracker: Tracker) -> None:
    apply(tracker, StepChanged("a", "RUN \x1b[2J\x00", StepStatus.RUNNING, error="\u202eevil"))
    apply(tracker, Failed(ErrorInfo("BuildFailed", "a\x07b\nc", log_tail=("\x1b]0;t\x07x",))))
    state = tracker.state()
    assert state.steps[0].name == "RUN ␀"
    assert state.steps[0].error == "<U+202E>evil"
    assert state.error is not None
    assert state.error.message == "a␇b\nc"
    assert state.error.log_tail == ("x",)


def test_a_complete_transfer_without_a_total_counts_in_full(tracker: Tracker) -> None:
    apply(
        tracker,
        Started("build", "env:1"),
        StepChanged("1", "load build context", StepStatus.RUNNING),
        TransferChanged("1", "context", "transferring context", 700),
        TransferChanged("1", "base", "sha256:1", 3, 3),
        TransferChanged("1", "context", "transferring context", 1_000, is_complete=True),
    )
    state = tracker.state()
    assert (state.bytes_done, state.bytes_total, state.total_is_final) == (1_003, 1_003, False)
    apply(tracker, Finished(IMAGE))
    assert tracker.state().total_is_final


@pytest.mark.parametrize(("ended", "fraction"), [(0, 0.0), (3, 0.5), (6, 0.99)])
def test_a_classic_build_counts_its_steps_over_all_stages(
    tracker: Tracker, ended: int, fraction: float
) -> None:
    apply(tracker, BuildStarted("classic"))
    for number in range(1, 7):
        stage = "base" if number < 4 else "final"
        status = StepStatus.DONE if number <= ended else StepStatus.RUNNING
        step = StepChanged(str(number), "RUN x", status, stage, number, 6)
        apply(tracker, replace(step, position=number, positions=6))
    assert tracker.state().fraction == pytest.approx(fraction)


@pytest.mark.parametrize("end", [Failed(ErrorInfo("BuildFailed", "no")), RunCancelled()])
def test_a_build_that_ends_early_keeps_its_fraction(tracker: Tracker, end: Event) -> None:
    apply(tracker, BuildStarted("classic"))
    last = StepStatus.FAILED if isinstance(end, Failed) else StepStatus.RUNNING
    for number, status in enumerate((StepStatus.DONE, StepStatus.CACHED, last), 1):
        apply(tracker, StepChanged(str(number), "RUN x", status, "", number, 3))
    apply(tracker, end)
    assert tracker.state().fraction == pytest.approx(2 / 3)


def test_podmans_configuration_is_not_counted_as_a_layer(tracker: Tracker) -> None:
    apply(tracker, pulling(), LayerChanged("b" * 12, LayerPhase.DOWNLOADED))
    apply(tracker, LayerChanged(IMAGE.short_id, LayerPhase.DOWNLOADED), Finished(IMAGE))
    assert [layer.id for layer in tracker.state().layers] == ["b" * 12]


def test_the_phase_is_cancelling_until_the_operation_ends() -> None:
    tracker = Tracker(lambda: 0.0)
    tracker.apply(CancelRequested())
    for event in (
        CheckingLocal("a"),
        AttemptStarted("ghcr.io", "a", 1, 3),
        BuildStarted("classic"),
    ):
        tracker.apply(event)
        assert tracker.state().phase is Phase.CANCELLING
    tracker.apply(RunCancelled())
    assert tracker.state().phase is Phase.CANCELLED


@pytest.mark.parametrize("end", [RunCancelled(), Failed(ErrorInfo("ImageNotFound", "gone"))])
def test_no_layer_is_downloading_after_the_end(tracker: Tracker, end: Event) -> None:
    apply(tracker, pulling(), downloading("a" * 12, 50, 100))
    apply(tracker, LayerChanged("b" * 12, LayerPhase.QUEUED))
    apply(tracker, LayerChanged("c" * 12, LayerPhase.DOWNLOADED), end)
    phases = [layer.phase.value for layer in tracker.state().layers]
    assert phases == ["stopped", "stopped", "downloaded"]
    assert tracker.state().layers[0].current == 50
