"""What a saved notebook keeps of a panel and of the workbench, whenever a job ends."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from IPython import display as ipython

import imagewidget as iw
from imagewidget.displays import html, plain_text
from imagewidget.jupyter import outputs as outputs_module
from imagewidget.jupyter.outputs import Outputs
from imagewidget.panel.panel import Panel
from imagewidget.panel.refreshing import FIRST, Refreshing
from imagewidget.workbench import widget as widget_module
from tests.hostile import Page
from tests.scripted import Answer, ScriptedEngine, failure


class Handle:
    """The display handle of an output: its current data."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.updates = 0

    def update(self, data: dict[str, Any], **_: object) -> None:
        self.data = data
        self.updates += 1

    def display(self, data: dict[str, Any], **_: object) -> None:
        self.data = data


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[Handle]:
    """The outputs of a notebook cell, in order."""
    shown: list[Handle] = []

    def display(data: dict[str, Any], **_: object) -> Handle:
        shown.append(Handle(data))
        return shown[-1]

    monkeypatch.setattr(ipython, "display", display)
    monkeypatch.setattr(outputs_module, "kernel", object)
    monkeypatch.setattr(widget_module, "needs_view", lambda: False)
    return shown


def test_a_job_that_ends_while_being_displayed_is_saved_as_ended(outputs: list[Handle]) -> None:
    now = ["running"]
    threads: list[threading.Thread] = []

    def represent() -> tuple[dict[str, Any], dict[str, Any]]:
        forms = {"text/plain": now[0]}
        if not threads:
            now[0] = "done"
            threads.append(threading.Thread(target=place.refresh))
            threads[0].start()
            # It finishes in time only if `show` and `refresh` do not exclude each other.
            threads[0].join(0.2)
        return forms, {}

    place = Outputs(represent)
    place.show()
    threads[0].join(10)
    assert [output.data for output in outputs] == [{"text/plain": "done"}]


def test_the_workbench_saves_the_outcome_of_its_jobs(outputs: list[Handle], tmp_path: Path) -> None:
    engine = ScriptedEngine(tmp_path)
    engine.pulls = [Answer([], ending="hang")] * 2
    workbench = iw.ImageWidget(client=iw.connect(engine.url))
    workbench._ipython_display_()
    visible, hidden = outputs
    untouched = visible.data
    assert hidden.data["text/plain"] == ""
    for name in ("owner/first:1", "owner/second"):
        workbench._forms[0].first.control.value = name
        workbench._starts[0].click()
    for job in workbench.jobs:
        job.cancel()
        assert job.wait(10)
    text, page = hidden.data["text/plain"], Page(hidden.data["text/html"])
    for kept in (text, page.text):
        assert kept.index("owner/second") < kept.index("owner/first:1")
        assert kept.count("cancelled after") == 2
    assert visible.data is untouched
    for output in outputs:
        assert set(output.data) == {"text/html", "text/plain"}
    place, jobs = (Page(output.data["text/html"]).attributes[0] for output in outputs)
    assert place == ("data-imagewidget", workbench.model_id)
    assert jobs == ("data-imagewidget-jobs", workbench._front._box)
    engine.stop()


def test_the_workbench_saves_the_moment_of_a_running_job(
    outputs: list[Handle], tmp_path: Path
) -> None:
    engine = ScriptedEngine(tmp_path)
    engine.pulls = [Answer([], ending="hang")]
    workbench = iw.ImageWidget(client=iw.connect(engine.url))
    workbench._ipython_display_()
    hidden = outputs[1]
    workbench._forms[0].first.control.value = "owner/env:1"
    workbench._starts[0].click()
    assert hidden.updates == 1
    end = time.monotonic() + 10
    while hidden.updates == 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert hidden.updates == 2, "the next one is due two seconds later"
    for kept in (hidden.data["text/plain"], Page(hidden.data["text/html"]).text):
        assert re.search(r"Saved while the job was running, after 1\.\d s\.", kept)
    workbench.jobs[0].cancel()
    assert workbench.jobs[0].wait(10)
    engine.stop()


def test_the_workbench_leaves_an_output_with_a_view_alone_while_a_job_is_running(
    outputs: list[Handle], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = ScriptedEngine(tmp_path)
    workbench = iw.ImageWidget(client=iw.connect(engine.url))
    for needs_view, updates in ((False, 1), (True, 0)):
        monkeypatch.setattr(widget_module, "needs_view", lambda answer=needs_view: answer)
        workbench._outputs = Outputs(workbench._saved)
        workbench._ipython_display_()
        workbench._refreshing = Refreshing(time.monotonic() - FIRST)
        workbench._save_if_due()
        workbench._save_if_due()
        assert outputs[-1].updates == updates
    engine.stop()


def test_however_many_jobs_the_workbench_saves_the_newest_and_a_line_for_each_other(
    outputs: list[Handle], tmp_path: Path
) -> None:
    engine = ScriptedEngine(tmp_path)
    engine.pulls = [failure(f"pull access denied & <b>{'é' * 200}")]
    workbench = iw.ImageWidget(client=iw.connect(engine.url))
    workbench._ipython_display_()
    hidden = outputs[1]
    names = [f"owner/{'long-name-' * 9}{number:02}" for number in range(30)]
    for name in names:
        workbench._forms[0].first.control.value = name
        workbench._starts[0].click()
        assert workbench.jobs[-1].wait(10)
        assert len(hidden.data["text/html"].encode()) <= html.LIMIT
        assert len(hidden.data["text/plain"].encode()) <= plain_text.LIMIT
    text, page = hidden.data["text/plain"], Page(hidden.data["text/html"]).text
    for kept in (text, page):
        assert names[-1] in kept
        card, _, lines = kept.partition("Earlier jobs:")
        first, *more, last = lines.strip().splitlines()
        assert "AccessDenied" in card
        assert re.match(r"✗ pull owner/long-name-.*… · failed after .*: .*denied & <b>é+", first)
        (left_out,) = re.findall(r"and (\d+) before these", last)
        assert 1 + len(more) + int(left_out) == 29
        assert more
    engine.stop()


def test_a_job_is_saved_as_ended_even_if_an_observer_fails(
    outputs: list[Handle], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def fail(_change: object) -> None:
        raise RuntimeError("a bug in the observer")

    engine = ScriptedEngine(tmp_path)
    engine.pulls = [Answer([], ending="hang")]
    panel = Panel()
    job = iw.pull("owner/env:1", client=iw.connect(engine.url), display=False)
    job.attach(panel)
    panel._ipython_display_()
    panel.observe(fail, "phase")
    job.cancel()
    assert job.wait(10)
    assert "a bug in the observer" in caplog.text
    assert "cancelled after" in outputs[0].data["text/plain"]
    engine.stop()
