"""Views can search the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagewidget.panel import channel as channels
from imagewidget.panel.log_search import Found
from imagewidget.progress.state import Phase
from tests.unit.panel.peer import STEPS, FakeJob, Wire


def test_a_search_returns_spans_of_line_numbers(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("fine\nan \x1b[31mErr\x1b[0mor\nERROR\nfine\nerror\n")
    answer = wire.ask(type="find", id=3, query="error", step=None, start=0)
    assert answer["ranges"] == [[1, 2], [4, 4]]
    assert (answer["id"], answer["stop"]) == (3, 5)


def test_a_step_finds_its_own_lines(wire: Wire, job: FakeJob) -> None:
    job.state = replace(job.state, steps=STEPS)
    wire.open(job)
    job.log.append("a\n", "sha256:one")
    job.log.append("b\nc\n", "sha256:two")
    answer = wire.ask(type="find", id=1, query="", step=1, start=0)
    assert answer["ranges"] == [[1, 2]]


def test_a_step_first_seen_at_the_end_finds_its_lines(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("a\nb\n", "sha256:one")
    wire.channel.end(replace(job.state, phase=Phase.FAILED, steps=STEPS, log_length=2))
    assert wire.ask(type="find", id=1, query="", step=0, start=0)["ranges"] == [[0, 1]]


def test_an_unknown_step_has_no_lines(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("a\nb\n")
    answer = wire.ask(type="find", id=1, query="", step=7, start=0)
    assert (answer["ranges"], answer["stop"]) == ([], 2)


def test_the_answer_to_a_slow_search_names_the_run_of_the_searched_log(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> Found:
        wire.channel.begin(job)  # Retry was clicked during the search
        return Found((), 0)

    wire.open(job)
    monkeypatch.setattr(channels, "find", slow)
    assert wire.ask(type="find", id=1, query="x", step=None, start=0)["run"] == 1
