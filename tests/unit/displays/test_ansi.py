"""A saved notebook shows the colours that the sequences leave in effect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagewidget.displays.ansi import to_html
from tests.fixtures import FIXTURES

CASES = json.loads((FIXTURES / "sgr.json").read_text())
NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
FLAGS = {"bold": 1, "dim": 2, "italic": 3, "underline": 4, "inverse": 7, "line-through": 9}


def code(colour: str | list[int], offset: int) -> str:
    """Return the simplest code for a colour; `offset` is 10 for the background."""
    if isinstance(colour, list):
        return f"{38 + offset};2;{';'.join(map(str, colour))}"
    bright, _, name = colour.rpartition(" ")
    return str((90 if bright else 30) + offset + NAMES.index(name))


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["written"]))
def test_the_colours_in_effect_are_shown(case: dict[str, Any]) -> None:
    codes = [str(FLAGS[flag]) for flag in case.get("flags", ())]
    for side, offset in (("foreground", 0), ("background", 10)):
        if side in case:
            codes.append(code(case[side], offset))
    expected = "".join(f"\x1b[{one}m" for one in codes)
    assert to_html(f"{case['written']}x") == to_html(f"{expected}x")
