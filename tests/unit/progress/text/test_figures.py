"""Numbers are formatted for people; `frontend/test/kit/format.test.ts` shares the fixture."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from imagewidget.progress.text import figures
from tests.fixtures import FIXTURES

FIGURES = json.loads((FIXTURES / "figures.json").read_text("utf-8"))


def progress(values: tuple[int, int | None, bool]) -> str:
    done, total, is_final = values
    return figures.progress(done, total, is_final=is_final)


FORMATS: dict[str, Callable[[Any], str]] = {
    "size": figures.size,
    "progress": progress,
    "duration": figures.duration,
    "left": figures.left,
    "percent": figures.percent,
    "count": figures.count,
}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [(name, value, text) for name, cases in FIGURES.items() for value, text in cases],
)
def test_a_number_is_formatted_as_in_the_fixture(name: str, value: Any, text: str) -> None:
    assert FORMATS[name](value).replace("\N{NARROW NO-BREAK SPACE}", " ") == text
