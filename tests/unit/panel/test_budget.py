"""The budget of a panel grows with time and pays for its frames and answers."""

from __future__ import annotations

import pytest

from imagewidget.panel.budget import ANSWERS_PER_SECOND, BURST, BYTES_PER_SECOND, Budget

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


def test_one_answer_too_many_takes_the_place_of_one_frame(budget: Budget) -> None:
    for _ in range(int(ANSWERS_PER_SECOND)):
        budget.spend_answer()
    assert not budget.should_skip_frame(START)
    budget.spend_answer()
    assert [budget.should_skip_frame(START) for _ in range(2)] == [True, False]


def test_answers_are_earned_with_time(budget: Budget) -> None:
    for _ in range(2 * int(ANSWERS_PER_SECOND)):
        budget.spend_answer()
    budget.earn(START + 1)
    assert not budget.should_skip_frame(START + 1)


def test_something_else_that_is_sent_costs_bytes_and_takes_the_place_of_an_answer() -> None:
    budget = Budget(START)
    for _ in range(int(ANSWERS_PER_SECOND)):
        budget.spend_answer()
    assert not budget.should_skip_frame(START)
    budget.spend(1_000)
    assert budget.should_skip_frame(START)
    assert not budget.is_poor
    budget.spend(BURST)
    assert budget.is_poor
