"""A rate is smooth, not biased by its first samples, and forgets old ones."""

import pytest

from imagewidget.progress.rate import Rate


def fed(*samples: tuple[float, float], half_life: float = 3.0) -> float | None:
    rate = Rate(half_life)
    for now, count in samples:
        rate.update(now, count)
    return rate.per_second


def test_one_sample_is_not_enough() -> None:
    assert fed((0, 0)) is None


def test_the_rate_of_a_steady_counter_is_right_from_the_start() -> None:
    assert fed((0, 0), (1, 100)) == pytest.approx(100)
    assert fed((0, 0), (1, 100), (2, 200), (3, 300)) == pytest.approx(100)


def test_a_stop_halves_the_rate_each_half_life() -> None:
    steady = [(float(t), t * 100.0) for t in range(60)]
    assert fed(*steady, (62.0, 5900.0), half_life=3.0) == pytest.approx(50, rel=0.01)


def test_samples_too_close_together_do_not_make_the_rate_jump() -> None:
    assert fed((0, 0), (1, 100), (1.01, 200), (2, 200)) == pytest.approx(100)


def test_a_counter_that_decreases_starts_over() -> None:
    assert fed((0, 0), (1, 100), (2, 10)) is None
