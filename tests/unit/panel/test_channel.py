"""What is sent to the views of a job: snapshots and frames, run by run."""

from __future__ import annotations

from dataclasses import replace

from imagewidget.progress.events import LayerPhase
from imagewidget.progress.state import LayerState, Phase
from tests.unit.panel.peer import STEPS, FakeJob, Wire


def test_nothing_is_sent_before_there_is_a_view(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(job.state)
    assert wire.sent == []


def test_a_view_is_answered_with_a_current_snapshot(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(replace(job.state, bytes_done=3))
    wire.ask(type="hello")
    values = {"phase": "pulling", "bytes_done": 3}
    assert wire.sent == [{"v": 1, "type": "snapshot", "run": 1, "seq": 1, "set": values}]
    wire.tick(replace(job.state, bytes_done=4))
    wire.ask(type="hello")
    assert [message["seq"] for message in wire.sent] == [1, 2, 2]


def test_the_end_is_sent_even_if_no_request_has_arrived(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(job.state, seconds=1)
    wire.channel.end(replace(job.state, phase=Phase.DONE))
    assert wire.kinds == ["snapshot", "frame"]
    assert wire.sent[-1]["set"] == {"phase": "done"}


def test_a_job_that_has_ended_is_sent_once_there_is_a_view(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    job.log.append("a\n", "sha256:two")
    wire.channel.end(replace(job.state, phase=Phase.DONE, steps=STEPS, log_length=1))
    assert wire.sent == []
    answer = wire.ask(type="hello")
    assert answer["set"] == {"phase": "done", "log_length": 1}
    assert answer["lines"] == [[0, "a", 1]]


def test_frames_are_numbered_without_gaps(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for done in range(1, 6):
        wire.tick(replace(job.state, bytes_done=done))
    assert [message["seq"] for message in wire.sent] == [1, 2, 3, 4, 5, 6]


def test_a_frame_contains_only_what_changed(wire: Wire, job: FakeJob) -> None:
    layers = tuple(LayerState(f"{i:012x}", LayerPhase.DOWNLOADING, 0, 100) for i in range(64))
    job.state = replace(job.state, layers=layers)
    wire.open(job)
    wire.tick(replace(job.state, layers=(*layers[:63], replace(layers[63], current=50))))
    assert wire.sent[-1]["layers"] == [[63, {"current": 50}]]
    assert "set" not in wire.sent[-1]


def test_snapshots_are_repeated_until_a_request_arrives(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    for tick in range(100):
        wire.tick(replace(job.state, bytes_done=tick))
    assert 3 <= wire.kinds.count("snapshot") <= 5
    wire.ask(type="hello")
    before = wire.kinds.count("snapshot")
    for tick in range(100, 200):
        wire.tick(replace(job.state, bytes_done=tick))
    assert wire.kinds.count("snapshot") == before


def test_a_retry_is_another_run(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    wire.channel.end(replace(job.state, phase=Phase.FAILED))
    wire.channel.begin(job)
    assert (wire.sent[-1]["type"], wire.sent[-1]["run"], wire.sent[-1]["seq"]) == ("snapshot", 2, 1)
