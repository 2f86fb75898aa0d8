"""The saved forms of a job stay small whatever the job, and count what they leave out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.displays import html, plain_text
from imagewidget.displays.room import LOG_LINES
from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    ErrorInfo,
    Image,
    LayerPhase,
    SourceLine,
    StepStatus,
)
from imagewidget.progress.log import Log
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.spool import LogLine
from imagewidget.progress.state import (
    Attempt,
    LayerState,
    Phase,
    State,
    StepState,
    TransferState,
)
from tests.hostile import EVERYTHING, Page

# What grows most when it is made safe and escaped, and ordinary text.
LONG = (
    "\"'",
    "\u202e",
    "`&`",
    "&\n",
    "\U0001f433",
    "\x1b[1;31;44m&\x1b[0m",
    "\x00",
    "\t",
    "\udcff",
    "word ",
)
TEXTS = st.one_of(
    st.just(("RUN pip install numpy", 1)),
    st.just((EVERYTHING, 1)),
    st.tuples(st.text(max_size=20), st.just(1)),
    st.tuples(st.sampled_from(LONG), st.sampled_from([20, 300, 1_500])),
)
COUNTS = st.sampled_from([0, 1, 3, 12, 13, 64, 300])
LEFT_OUT = re.compile(r"… and ([\d\u202f]+) more(?! lines| before)")


@dataclass(frozen=True)
class Recipe:
    """What a state is made of: two texts, each with how often it is repeated, and numbers."""

    first: tuple[str, int]
    second: tuple[str, int]
    layers: int
    steps: int
    others: int
    lines: int
    total: int
    seconds: float
    phase: Phase
    fraction: float | None
    layer_phases: tuple[LayerPhase, ...]
    statuses: tuple[StepStatus, ...]


RECIPES = st.builds(
    Recipe,
    first=TEXTS,
    second=TEXTS,
    layers=COUNTS,
    steps=COUNTS,
    others=COUNTS,
    lines=st.sampled_from([0, 1, 60]),
    total=st.sampled_from([0, 1, 10**6, 10**12]),
    seconds=st.sampled_from([0.0, 0.4, 12.0, 10_000.0]),
    phase=st.sampled_from(Phase),
    fraction=st.sampled_from([None, 0.0, 0.43, 1.0]),
    layer_phases=st.tuples(st.sampled_from(LayerPhase), st.sampled_from(LayerPhase)),
    statuses=st.tuples(st.sampled_from(StepStatus), st.sampled_from(StepStatus)),
)


def state_of(made: Recipe) -> State:
    text, other = (part * times for part, times in (made.first, made.second))
    total, seconds = made.total, made.seconds
    lost = AttemptError(text, other, 1, other, text)
    lines = tuple(SourceLine(number, text, number == 2) for number in range(made.others))
    error = ErrorInfo(
        other, text, other, (text,) * made.others, text, 1, 1, lines, (lost,) * made.others
    )
    moved = (TransferState(text, text, total // 2, total, is_complete=False, in_bytes=True),)
    return State(
        reference=text,
        engine=other,
        builder=text,
        source=other,
        phase=made.phase,
        fraction=made.fraction,
        bytes_done=total // 2,
        bytes_total=total,
        speed=1e6,
        eta=5.0,
        elapsed=seconds,
        retry_in=1.0 if made.phase is Phase.RETRYING else None,
        attempts=tuple(
            Attempt(text, other, number, made.others, lost) for number in range(made.others)
        ),
        layers=tuple(
            LayerState(
                f"id-{number}-{text}",
                made.layer_phases[number % 2],
                total // 2,
                total,
                total // 3,
                total,
            )
            for number in range(made.layers)
        ),
        steps=tuple(
            StepState(
                str(number),
                f"step-{number}-{text}",
                made.statuses[number % 2],
                other,
                number,
                made.steps,
                seconds / 2,
                seconds / 2,
                other,
                moved,
            )
            for number in range(made.steps)
        ),
        warnings=(BuildWarned(text, other, f"https://{text}", None, 3),) * min(made.others, 50),
        more_warnings=max(0, made.others - 50),
        image=Image(text, other, text, total, other) if made.phase is Phase.DONE else None,
        error=error if made.phase is Phase.FAILED else None,
    )


def log_of(made: Recipe) -> LogWriter:
    log = LogWriter()
    for number in range(made.lines):
        log.append(f"{number} {made.first[0] * made.first[1]}\n")
    return log


def rows(text: str, state: State) -> int:
    """Return the number of layers and steps that are shown or counted."""
    shown = sum(f"id-{number}-" in text for number in range(len(state.layers)))
    shown += sum(f"step-{number}-" in text for number in range(len(state.steps)))
    return shown + sum(int(more.replace("\u202f", "")) for more in LEFT_OUT.findall(text))


@given(RECIPES, st.sampled_from([html.LIMIT, 20_000]))
def test_the_html_is_small_and_counts_what_it_leaves_out(made: Recipe, limit: int) -> None:
    state = state_of(made)
    card = html.render(state, log_of(made), mount="0" * 32, limit=limit)
    assert len(card.encode()) <= limit
    assert rows(Page(card).text, state) == len(state.layers) + len(state.steps)


@given(RECIPES, st.sampled_from([plain_text.LIMIT, 10_000]))
def test_the_text_is_small_and_counts_what_it_leaves_out(made: Recipe, limit: int) -> None:
    state = state_of(made)
    text = plain_text.render(state, log_of(made), limit=limit)
    assert len(text.encode()) <= limit
    assert rows(text, state) == len(state.layers) + len(state.steps)


def typical_build(count: int) -> State:
    """Return a build with steps of ordinary names and times."""
    steps = tuple(
        StepState(
            str(number),
            f"RUN apt-get install --yes package-{number}",
            StepStatus.CACHED if number % 3 == 0 else StepStatus.DONE,
            "base",
            number,
            count,
            number / 2,
            0.4,
        )
        for number in range(count)
    )
    return State(operation="build", reference="env:1", phase=Phase.DONE, steps=steps, elapsed=200.0)


def test_every_one_of_64_layers_and_of_150_steps_has_room() -> None:
    layers = tuple(
        LayerState(f"{number:012x}", LayerPhase.DOWNLOADING, 4_100_000, 12_300_000)
        for number in range(64)
    )
    pull = State(reference="owner/env:1", phase=Phase.PULLING, fraction=0.3, layers=layers)
    for state in (pull, typical_build(150)):
        page = Page(html.render(state))
        assert "more" not in page.text
        assert all(layer.id in page.text for layer in state.layers)
        assert all(step.name in page.text for step in state.steps)


def test_where_not_every_step_has_room_the_longest_are_kept_in_their_order() -> None:
    state = typical_build(500)
    steps = list(state.steps)
    steps[77] = StepState("77", "RUN the longest", StepStatus.DONE, duration=90.0)
    steps[333] = StepState("333", "RUN the second longest", StepStatus.DONE, duration=60.0)
    text = Page(html.render(State(operation="build", phase=Phase.DONE, steps=tuple(steps)))).text
    assert text.index("RUN the longest") < text.index("RUN the second longest")
    assert LEFT_OUT.search(text)


def test_where_not_every_layer_has_room_the_moving_ones_are_kept() -> None:
    layers = [LayerState(f"{number:012x}", LayerPhase.DONE) for number in range(900)]
    moving = [LayerState(f"b{number:011x}", LayerPhase.DOWNLOADING, 1, 2) for number in range(40)]
    text = Page(html.render(State(phase=Phase.PULLING, layers=(*layers, *moving)))).text
    assert all(layer.id in text for layer in moving)
    assert LEFT_OUT.search(text)


class OnlyItsEnd(LogWriter):
    """A log of which only the last few lines can be read."""

    def __iter__(self) -> Iterator[LogLine]:
        raise AssertionError("the whole log was read")

    def lines(self, start: int, stop: int) -> list[LogLine]:
        raise AssertionError(f"lines {start} to {stop} were read")

    def tail(self, count: int, step: str | None = None) -> list[LogLine]:
        assert (count <= LOG_LINES, step) == (True, None)  # with a step, all may be searched
        return super().tail(count, step)


@pytest.mark.parametrize("render", [html.render, plain_text.render])
def test_a_long_log_costs_no_more_than_a_short_one(
    render: Callable[[State, Log | None], str],
) -> None:
    log = OnlyItsEnd()
    log.append("a line of output\n" * 100_000)
    assert "100\u202f000 lines" in render(typical_build(3), log)
