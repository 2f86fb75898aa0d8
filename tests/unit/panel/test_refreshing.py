"""How often the HTML of a running job is written into its outputs."""

from __future__ import annotations

from imagewidget.panel.refreshing import Refreshing


def times(size: int, seconds: float) -> list[float]:
    """Return when an output of this size is refreshed."""
    refreshing = Refreshing(0.0)
    found = []
    for tenth in range(int(seconds * 10)):
        now = tenth / 10
        if refreshing.is_due(now):
            refreshing.note(now, size)
            found.append(now)
    return found


def test_the_pauses_grow_to_ten_seconds() -> None:
    assert times(2_000, 40) == [1, 3, 7, 15, 25, 35]


def test_a_large_output_is_refreshed_less_often() -> None:
    assert times(90_000, 100) == [1, 31, 61, 91]


def test_an_output_that_is_not_shown_yet_costs_nothing() -> None:
    assert len(times(0, 20)) == 4
