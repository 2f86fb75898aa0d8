"""The words for a state, which every display uses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagewidget.displays import words
from imagewidget.progress.events import Image, LayerPhase
from imagewidget.progress.state import LayerState, Phase, State


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


def test_seconds_of_extraction_are_shown_as_seconds() -> None:
    layer = LayerState("a" * 12, LayerPhase.EXTRACTING, 5, 5, extract_seconds=12)

    assert words.layer_amount(layer) == "12 s"
    assert words.layer_amount(replace(layer, phase=LayerPhase.DONE)) == "5 B"
