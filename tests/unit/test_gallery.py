"""The gallery's files match its generator, and each shows the state it is named for."""

import time
from pathlib import Path

import pytest

import imagewidget as iw
from imagewidget.jobs.job import Job
from imagewidget.progress.events import LayerPhase, StepStatus
from imagewidget.progress.state import Phase, State
from tests.gallery import MOMENTS, NOTEBOOKS, RECORDINGS, Moment
from tests.gallery.described import PICTURED, described
from tests.gallery.write import notebook, recordings

SMALL = 80_000
SMALL_TOGETHER = 250_000
ENDS = {"failed": Phase.FAILED, "retrying": Phase.FAILED, "cancelled": Phase.CANCELLED}
"""How a recording ends, by the first word of its name; all others end well."""


def moment(name: str) -> Moment:
    return next(moment for moment in MOMENTS if moment.name == name)


def replayed(name: str) -> Job:
    until = moment(name).until
    return iw.replay(f"demo/{name}", speed=float("inf"), until=until, display=False)


def state(name: str) -> State:
    return replayed(name).state


def test_the_files_match_the_generator() -> None:
    for name, text in recordings().items():
        assert (RECORDINGS / f"{name}.jsonl").read_text(encoding="utf-8") == text, name
    assert (NOTEBOOKS / "gallery.ipynb").read_text(encoding="utf-8") == notebook()


def test_the_pictures_in_the_documentation_are_up_to_date() -> None:
    """Update them with `python -m tests.browser.screenshots --docs`."""
    pictures = Path(__file__).parents[2] / "docs" / "screenshots"
    assert (pictures / "states.txt").read_text(encoding="utf-8") == described()
    assert {path.stem for path in pictures.glob("*.png")} == set(PICTURED)


def test_every_recording_belongs_to_a_moment() -> None:
    assert {path.stem for path in RECORDINGS.iterdir()} == {moment.name for moment in MOMENTS}


@pytest.mark.parametrize("path", sorted(RECORDINGS.iterdir()), ids=lambda path: path.stem)
def test_a_recording_is_small_and_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < SMALL
    assert "127.0.0.1" not in text


def test_the_recordings_are_small_together() -> None:
    assert sum(path.stat().st_size for path in RECORDINGS.iterdir()) < SMALL_TOGETHER


@pytest.mark.parametrize("name", iw.replay())
def test_a_recording_plays_to_its_end_and_ends_as_its_name_says(name: str) -> None:
    job = iw.replay(name, speed=float("inf"), display=False)
    assert job.wait(10)
    kind = name.removeprefix("demo/").partition("-")[0]
    assert job.state.phase is ENDS.get(kind, Phase.DONE)
    assert (job.state.image is not None) is (job.state.phase is Phase.DONE)
    assert {layer.phase for layer in job.state.layers} <= (
        {LayerPhase.DONE, LayerPhase.CACHED} if job.state.image else set(LayerPhase)
    )


@pytest.mark.parametrize("one", MOMENTS, ids=lambda one: one.name)
def test_a_moment_that_pauses_is_before_the_end(one: Moment) -> None:
    assert replayed(one.name).state.phase.is_final is (one.until is None)


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("queued", Phase.QUEUED),
        ("layers", Phase.PULLING),
        ("cached", Phase.PULLING),
        ("retrying", Phase.RETRYING),
        ("fallback", Phase.PULLING),
        ("stalled", Phase.PULLING),
        ("building", Phase.BUILDING),
        ("failed-pull", Phase.FAILED),
        ("failed-build", Phase.FAILED),
        ("failed-classic", Phase.FAILED),
        ("warnings", Phase.DONE),
        ("eighty-layers", Phase.PULLING),
        ("cancelled", Phase.CANCELLED),
        ("done", Phase.DONE),
    ],
)
def test_a_moment_is_in_its_phase(name: str, phase: Phase) -> None:
    assert state(name).phase is phase


def test_a_running_pull_has_a_speed_an_eta_and_a_lower_bound() -> None:
    shown = state("layers")
    assert shown.speed == pytest.approx(23e6, rel=0.1)
    assert shown.eta is not None
    assert not shown.total_is_final
    phases = {layer.phase for layer in shown.layers}
    assert {LayerPhase.QUEUED, LayerPhase.DOWNLOADING, LayerPhase.DONE} <= phases


def test_six_layers_are_cached() -> None:
    phases = [layer.phase for layer in state("cached").layers]
    assert phases.count(LayerPhase.CACHED) == 6


def test_a_retry_counts_down_to_the_next_try() -> None:
    shown = state("retrying")
    assert shown.retry_in == pytest.approx(6, abs=1)
    assert [attempt.number for attempt in shown.attempts] == [1, 2]


def test_the_fallback_is_served_by_the_second_registry() -> None:
    shown = state("fallback")
    assert shown.source == "docker.io"
    assert shown.attempts[0].error is not None


def test_the_stalled_pull_has_been_silent_for_40_seconds() -> None:
    assert (state("stalled").stalled_for or 0) > 40


def test_two_stages_run_in_parallel() -> None:
    running = {step.stage for step in state("building").steps if step.status is StepStatus.RUNNING}
    assert running == {"assets", "stage-1"}


def test_the_failed_pull_lists_every_try() -> None:
    error = state("failed-pull").error
    assert error is not None
    assert [one.registry for one in error.attempts] == ["ghcr.io"] * 3 + ["docker.io"]


@pytest.mark.parametrize(("name", "line"), [("failed-build", 4), ("failed-classic", 3)])
def test_a_failed_build_shows_the_failing_line(name: str, line: int) -> None:
    error = state(name).error
    assert error is not None
    assert [one.number for one in error.source_lines if one.is_failing] == [line]


def test_there_are_three_warnings_and_eighty_layers() -> None:
    assert len(state("warnings").warnings) == 3
    assert len(state("eighty-layers").layers) == 80


def test_time_does_not_pass_in_a_paused_replay() -> None:
    job = replayed("stalled")
    before = job.state
    time.sleep(0.2)
    assert job.state == before
    assert before.elapsed == moment("stalled").until
