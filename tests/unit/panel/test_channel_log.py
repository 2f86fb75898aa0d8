"""Which lines of the log are sent in frames."""

from __future__ import annotations

from dataclasses import replace

from imagewidget.panel import budget, log_cursor
from imagewidget.panel.view_requests import Follow
from imagewidget.progress.state import Phase
from tests.unit.panel.peer import STEPS, FakeJob, Wire


def test_the_last_frame_has_the_lines_that_were_not_sent_before(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("a\n")
    wire.tick(replace(job.state, log_length=1))
    job.log.append("b\n")
    wire.channel.end(replace(job.state, phase=Phase.DONE, log_length=2))
    assert wire.sent[-1]["set"] == {"phase": "done", "log_length": 2}
    assert [message.get("lines") for message in wire.sent] == [None, [[0, "a"]], [[1, "b"]]]


def test_a_frame_without_log_does_not_make_views_request_its_lines(
    wire: Wire, job: FakeJob
) -> None:
    wire.open(job)
    job.log.append("first\npart")
    wire.tick(replace(job.state, log_length=1))
    job.log.append(" of a line\nand another\n")
    wire.channel._budget._bytes = -2.0 * budget.BYTES_PER_SECOND
    after = replace(job.state, log_length=3, bytes_done=1)
    wire.tick(after)
    assert wire.sent[-1]["seq"] == 2
    wire.tick(after, seconds=1.0)
    assert wire.sent[-1]["set"] == {"bytes_done": 1}
    assert {"lines", "open"}.isdisjoint(wire.sent[-1])
    snapshot = wire.ask(type="hello")
    assert (snapshot["set"]["log_length"], snapshot["open"]) == (1, [1, "part"])
    wire.tick(after, seconds=1.0)
    assert wire.sent[-1]["set"] == {"log_length": 3}
    assert wire.sent[-1]["lines"] == [[1, "part of a line"], [2, "and another"]]
    assert wire.sent[-1]["open"] is None


def test_log_lines_are_sent_once_in_frames(wire: Wire, job: FakeJob) -> None:
    job.state = replace(job.state, steps=STEPS)
    wire.open(job)
    job.log.append("a\nb\npart", "sha256:two")
    wire.tick(replace(job.state, log_length=2))
    assert wire.sent[-1]["lines"] == [[0, "a", 1], [1, "b", 1]]
    assert wire.sent[-1]["open"] == [2, "part", 1]
    job.log.append(" more\nc\n", "sha256:two")
    wire.tick(replace(job.state, log_length=4))
    assert wire.sent[-1]["lines"] == [[2, "part more", 1], [3, "c", 1]]
    assert wire.sent[-1]["open"] is None


def test_a_snapshot_contains_the_unfinished_line(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("part")
    wire.tick(job.state)
    assert wire.ask(type="hello")["open"] == [0, "part"]
    wire.channel.answer(Follow(on=False))
    wire.tick(replace(job.state, bytes_done=1))
    assert "open" not in wire.ask(type="hello")


def test_a_flood_of_lines_sends_only_what_a_reader_can_see(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("line\n" * 100_000)
    wire.tick(replace(job.state, log_length=100_000))
    numbers = [line[0] for line in wire.sent[-1]["lines"]]
    assert numbers == list(range(100_000 - log_cursor.TAIL_LINES, 100_000))


def test_no_lines_are_sent_if_no_view_follows(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    wire.channel.answer(Follow(on=False))
    job.log.append("a\nb\n")
    wire.tick(replace(job.state, log_length=2))
    assert "lines" not in wire.sent[-1]
    answer = wire.ask(type="lines", start=0, stop=2)
    assert answer["lines"] == [[0, "a"], [1, "b"]]
