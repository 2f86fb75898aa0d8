"""A panel sends few and small messages, but never holds back an important one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagewidget.panel import budget
from imagewidget.progress.events import LayerPhase
from imagewidget.progress.state import LayerState, Phase
from tests.unit.panel.peer import STEPS, FakeJob, Wire


def test_the_passing_of_time_alone_is_sent_once_a_second(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    before = len(wire.sent)
    for tick in range(30):
        wire.tick(replace(job.state, elapsed=tick / 10))
    assert len(wire.sent) - before in (2, 3)


def test_a_silent_step_of_a_build_costs_a_message_a_second(wire: Wire, job: FakeJob) -> None:
    job.state = replace(job.state, phase=Phase.BUILDING, steps=STEPS)
    wire.open(job)
    before = len(wire.sent)
    for tick in range(30):
        running = replace(STEPS[1], duration=tick / 10)
        wire.tick(replace(job.state, elapsed=tick / 10, steps=(STEPS[0], running)))
    assert len(wire.sent) - before in (2, 3)


def test_a_minute_of_64_moving_layers_costs_less_than_2_mb(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for tick in range(600):
        layers = tuple(
            LayerState(
                f"{i:012x}", LayerPhase.DOWNLOADING, tick * 54_321 + i, 99_999_999, speed=tick
            )
            for i in range(64)
        )
        wire.tick(replace(job.state, layers=layers, elapsed=tick / 10, bytes_done=tick * 64))
    cost = sum(len(json.dumps(message)) + 700 for message in wire.sent)
    assert cost < 2_000_000
    assert len(wire.sent) > 300


def test_a_change_of_phase_is_never_held_back(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "BURST", -1_000_000)
    wire.open(job)
    wire.tick(replace(job.state, bytes_done=1))
    assert wire.kinds == ["snapshot"]
    wire.tick(replace(job.state, phase=Phase.EXTRACTING))
    assert wire.sent[-1]["set"] == {"phase": "extracting"}


@pytest.mark.parametrize("character", ["a", "漢", "🙂", '"'])
def test_a_flood_of_long_lines_stops_neither_the_clock_nor_the_bars(
    wire: Wire, job: FakeJob, character: str
) -> None:
    wire.open(job)
    gap, last, cost, seen = 0.0, wire.now, 0, 0
    for tick in range(1, 541):
        job.log.append(f"{character * 2_000}\n" * 60)
        wire.tick(replace(job.state, elapsed=tick / 9, log_length=len(job.log)), seconds=1 / 9)
        for message in wire.sent[seen:]:
            gap, last = max(gap, wire.now - last), wire.now
            cost += len(json.dumps(message, ensure_ascii=False).encode()) + 700
        seen = len(wire.sent)
    assert gap < 1.2
    assert cost < 2_000_000
    numbers = [line[0] for message in wire.sent for line in message.get("lines", ())]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 15


def test_text_that_is_not_ascii_costs_its_encoded_size(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for number in (1, 2):
        job.log.append(f"{'漢' * 1_000}\n" * 25)
        wire.tick(replace(job.state, log_length=number * 25))
        assert wire.sent[-1]["lines"][-1][0] == number * 25 - 1


@pytest.mark.parametrize("questions", [0, 1, 4])
def test_frames_and_answers_are_at_most_twelve_in_any_second(
    wire: Wire, job: FakeJob, questions: int
) -> None:
    wire.open(job)
    before = len(wire.sent)
    for tick in range(90):
        if tick % 9 == 0:  # once a second for every open step
            for number in range(questions):
                wire.ask(type="find", id=number, query="", step=None, start=0)
        wire.tick(replace(job.state, bytes_done=tick + 1), seconds=1 / 9)
    times = wire.times[before:]
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 12
    assert len(times) - 10 * questions >= 70  # frames are still sent
