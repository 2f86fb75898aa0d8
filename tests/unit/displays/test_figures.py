"""Numbers are formatted for people; `frontend/test/kit/format.test.ts` shares the fixture."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from imagewidget.displays import figures, words
from imagewidget.progress.events import Image
from imagewidget.progress.state import Phase, State
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


def test_a_waiting_phase_shows_how_long() -> None:
    state = State(phase=Phase.RETRYING, retry_in=1.2)
    assert words.phase(state) == "retrying in 2 s"
    stalled = replace(state, phase=Phase.PULLING, retry_in=None, stalled_for=9.9)
    assert words.phase(stalled) == "stalled for 9 s"


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("ghcr.io", "from ghcr.io"),
        ("local", "from the local cache"),
        ("build", "built locally"),
    ],
)
def test_a_summary_names_the_origin_of_the_image(source: str, origin: str) -> None:
    image = Image("sha256:" + "ab" * 32, "owner/env:1", None, 1000, source)
    state = State(phase=Phase.DONE, image=image, elapsed=12)
    assert words.summary(state).endswith(f" · {origin} in 12 s")
