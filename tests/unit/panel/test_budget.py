"""The budget of a panel grows with time and pays for its frames and answers."""

from __future__ import annotations

import pytest

from imagewidget.panel.budget import (
    BURST,
    BYTES_PER_SECOND,
    FRAMES_PER_SECOND,
    MESSAGES_PER_SECOND,
    Budget,
)

START = 50.0


@pytest.fixture
def budget() -> Budget:
    return Budget(START)


def spend(budget: Budget, size: int, now: float = START) -> None:
    """Pay for a frame of about `size` bytes, envelope included."""
    budget.spend_frame(now, {"x": "x" * (size - 710)})


def test_it_starts_with_enough_for_a_burst(budget: Budget) -> None:
    spend(budget, BURST - 1_000)
    assert not budget.is_poor
    spend(budget, 2_000)
    assert budget.is_poor


def test_text_that_is_not_ascii_costs_its_encoded_size(budget: Budget) -> None:
    budget.spend_frame(START, {"x": "漢" * (BURST // 3)})
    assert budget.is_poor


def test_a_debt_is_earned_back_with_time(budget: Budget) -> None:
    spend(budget, BURST + BYTES_PER_SECOND)
    budget.earn(START + 0.9)
    assert budget.is_poor
    budget.earn(START + 1.1)
    assert not budget.is_poor


def test_a_long_pause_earns_no_more_than_a_burst(budget: Budget) -> None:
    budget.earn(START + 3_600)
    spend(budget, BURST + 1_000)
    assert budget.is_poor


def test_an_overdrawn_budget_allows_a_frame_a_second(budget: Budget) -> None:
    spend(budget, 2 * BURST)
    assert budget.should_skip_frame(START + 0.9)
    assert not budget.should_skip_frame(START + 1.0)


def test_a_budget_that_is_not_overdrawn_allows_a_frame_at_once(budget: Budget) -> None:
    spend(budget, 1_000)
    assert budget.has_just_sent(START)
    assert not budget.should_skip_frame(START)


def test_frames_leave_room_for_four_answers_in_any_second(budget: Budget) -> None:
    sent = []
    for tick in range(40):
        now = START + tick / 9
        if not budget.should_skip_frame(now):
            budget.spend_frame(now, {})
            sent.append(now)
    assert max(sum(start <= now < start + 1 for now in sent) for start in sent) == 8
    assert len(sent) >= 32


def test_further_answers_take_the_place_of_frames(budget: Budget) -> None:
    for _ in range(MESSAGES_PER_SECOND - 1):
        budget.spend_answer(START)
    assert not budget.should_skip_frame(START)
    budget.spend_answer(START)
    assert budget.should_skip_frame(START + 1)
    assert not budget.should_skip_frame(START + 1.1)


def test_something_else_that_is_sent_costs_bytes_and_takes_the_place_of_a_frame(
    budget: Budget,
) -> None:
    for _ in range(FRAMES_PER_SECOND):
        assert budget.has_room(START)
        budget.spend(START, 1_000)
    assert not budget.has_room(START)
    assert not budget.is_poor
    budget.spend(START, BURST)
    assert budget.is_poor
