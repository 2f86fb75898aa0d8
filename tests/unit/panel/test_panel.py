"""The panel as a widget, as observers, buttons and saved notebooks use it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imagewidget.panel.panel import Panel
from imagewidget.progress.state import Phase, State
from tests.unit.panel.peer import IMAGE, FakeJob


def test_the_panel_opens_at_most_three_comms_with_64_kb(monkeypatch: pytest.MonkeyPatch) -> None:
    import comm  # noqa: PLC0415

    opened: list[Any] = []
    create = comm.create_comm

    def counted(*args: Any, **values: Any) -> Any:
        opened.append(values["data"])
        return create(*args, **values)

    monkeypatch.setattr(comm, "create_comm", counted)
    Panel(FakeJob(State(phase=Phase.PULLING)))
    assert len(opened) <= 3
    assert len(json.dumps(opened)) <= 64_000


@pytest.mark.parametrize("job", ["x", 5, Panel, FakeJob])
def test_a_panel_shows_only_a_job(job: Any) -> None:
    with pytest.raises(TypeError, match="`job` must be a job, not "):
        Panel(job)
    with pytest.raises(TypeError, match="`job` must be a job, not "):
        Panel().begin(job)


def test_the_panel_passes_cancel_and_retry_to_the_job(job: FakeJob) -> None:
    panel = Panel(job)
    panel._handle_custom_msg({"v": 1, "type": "cancel", "run": 1}, [])
    panel._handle_custom_msg({"v": 1, "type": "retry", "run": 1}, [])
    panel._handle_custom_msg({"v": 1, "type": "nonsense"}, [])
    assert job.asked == ["cancel", "retry"]


def test_a_late_click_does_not_apply_to_the_next_run(job: FakeJob) -> None:
    panel = Panel(job)
    panel.begin(job)
    panel._handle_custom_msg({"v": 1, "type": "cancel", "run": 1}, [])
    assert job.asked == []
    panel._handle_custom_msg({"v": 1, "type": "cancel", "run": 2}, [])
    assert job.asked == ["cancel"]


def test_phase_and_fraction_can_be_observed(job: FakeJob) -> None:
    panel = Panel(job)
    seen: list[Any] = []
    panel.observe(lambda change: seen.append(change["new"]), ["phase", "fraction"])
    panel.update(replace(job.state, phase=Phase.EXTRACTING, fraction=0.5))
    assert seen == ["extracting", 0.5]


def test_the_widget_keeps_the_final_state_until_a_retry(job: FakeJob) -> None:
    panel = Panel(job)
    assert panel.get_state()["_final"] == {}
    panel.end(replace(job.state, phase=Phase.DONE, image=IMAGE))
    assert panel.get_state()["_final"]["set"]["image"]["source"] == "build"
    panel.begin(job)
    assert panel.get_state()["_final"] == {}


def test_a_panel_created_for_a_job_that_has_ended_shows_it() -> None:
    panel = Panel(FakeJob(State(phase=Phase.DONE, image=IMAGE)))
    assert panel.phase == "done"
    assert panel.get_state()["_final"]["set"]["phase"] == "done"
