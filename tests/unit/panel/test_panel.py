"""The panel as a widget, as observers, buttons and saved notebooks use it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import ipywidgets
import pytest
from IPython import display as ipython

from imagewidget.panel import model
from imagewidget.panel import panel as panels
from imagewidget.panel.panel import Panel
from imagewidget.panel.refreshing import Refreshing
from imagewidget.progress.state import Phase, State
from tests.hostile import Page
from tests.unit.panel.peer import IMAGE, STEPS, FakeJob

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def headless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook is run without a front end."""
    monkeypatch.setattr(model, "is_headless", lambda: True)


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


def test_an_output_that_cannot_be_refreshed_does_not_stop_the_live_panel(
    job: FakeJob,
    opened: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    panel = Panel(job)
    panel._handle_custom_msg({"v": 1, "type": "hello"}, [])
    tried: list[int] = []

    def refuse() -> int:
        tried.append(1)
        raise OSError("no room")

    monkeypatch.setattr(panel._outputs, "refresh", refuse)
    monkeypatch.setattr(panel, "_refreshing", Refreshing(-10.0))
    opened.clear()
    with caplog.at_level(logging.DEBUG):
        for fraction in (0.25, 0.5):
            panel.update(replace(job.state, fraction=fraction))
    frames = [content["data"]["content"] for *_, content in opened]
    assert [frame["set"]["fraction"] for frame in frames] == [0.25, 0.5]
    assert panel.fraction == 0.5
    assert len(tried) == 1  # the next is due later, as after a success
    assert "could not be refreshed" in caplog.text


def test_a_panel_created_for_a_job_that_has_ended_shows_it() -> None:
    panel = Panel(FakeJob(State(phase=Phase.DONE, image=IMAGE)))
    assert panel.phase == "done"


def test_a_panel_has_html_that_names_the_place_to_draw_it(job: FakeJob) -> None:
    panel = Panel(job)
    data, _ = panel._repr_mimebundle_()
    assert data[WIDGET]["model_id"] == panel._mount
    assert ("data-imagewidget", panel._mount) in Page(data["text/html"]).attributes


@pytest.mark.usefixtures("headless")
def test_without_a_front_end_a_panel_is_only_html_and_text(job: FakeJob, opened: list[Any]) -> None:
    panel = Panel(job)
    panel.update(replace(job.state, steps=STEPS))
    panel.end(replace(job.state, phase=Phase.DONE))
    data, metadata = panel._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}
    assert metadata == {}
    assert opened == []


@pytest.mark.usefixtures("headless", "opened")
def test_without_a_front_end_a_panel_can_still_be_put_into_a_box(job: FakeJob) -> None:
    panel = Panel(job)
    box = ipywidgets.VBox([panel])
    assert box.get_state()["children"] == [f"IPY_MODEL_{panel._mount}"]
    assert panel.comm is not None


@pytest.mark.parametrize(
    ("in_view", "phase"), [(True, Phase.PULLING), (True, Phase.DONE), (False, Phase.PULLING)]
)
def test_a_front_end_that_needs_a_view_gets_one_until_the_job_has_ended(
    job: FakeJob, monkeypatch: pytest.MonkeyPatch, phase: Phase, *, in_view: bool
) -> None:
    monkeypatch.setattr(panels, "needs_view", lambda: in_view)
    job.state = replace(job.state, phase=phase)
    panel = Panel(job)
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(ipython, "display", lambda data, **_: shown.append(data))
    panel._ipython_display_()
    assert (WIDGET in shown[0]) is (in_view and not phase.is_final)
    assert {"text/html", "text/plain"} <= set(shown[0])
