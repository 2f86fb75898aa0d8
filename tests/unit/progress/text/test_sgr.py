"""The colours in effect after SGR sequences; `frontend/test/kit/sgr.test.ts` shares the fixture."""

from __future__ import annotations

import json
from functools import reduce
from itertools import product
from typing import Any

import pytest

from imagewidget.progress.text import sgr
from tests.fixtures import FIXTURES
from tests.unit.effort import bounded

CASES = json.loads((FIXTURES / "sgr.json").read_text())


def after(on: sgr.Colours, written: str) -> sgr.Colours:
    return reduce(sgr.after, sgr.SEQUENCE.findall(written), on)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["written"]))
def test_only_the_codes_in_effect_are_kept(case: dict[str, Any]) -> None:
    assert after(sgr.NONE, case["written"]) == case["codes"]


def test_the_time_is_in_proportion_to_the_text() -> None:
    with bounded(75):
        assert sgr.after(sgr.NONE, "\x1b[" + "38;5;1;" * 50_000 + "1m") == {
            "foreground": "38;5;1",
            "1": "1",
        }
        assert sgr.without_half_sequence("\x1b[" * 50_000 + "m") == "\x1b[" * 50_000 + "m"
        assert sgr.without_half_sequence("am\x1b[3\x1b[4") == "am"


def test_a_change_switches_between_any_two_sets_of_colours() -> None:
    for before, now in product((case["codes"] for case in CASES), repeat=2):
        assert after(before, sgr.change(before, now)) == now


@pytest.mark.parametrize(
    ("code", "colour"),
    [
        ("31", 1),
        ("47", 7),
        ("90", 8),
        ("107", 15),
        ("38;5;196", 196),
        ("048;05;009", 9),
        ("38;5;256", None),
        ("38:2::1:2:3", (1, 2, 3)),
        ("48;2;300;0;0", (255, 0, 0)),
        ("38;2;1;2", None),
        ("38;9", None),
        ("38", None),
    ],
)
def test_a_code_selects_a_colour(code: str, colour: int | sgr.Rgb | None) -> None:
    assert sgr.colour(code) == colour
