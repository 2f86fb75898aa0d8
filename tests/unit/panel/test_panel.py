"""The kernel's side of the panel: few messages, small ones, and an answer to every view."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from imagewidget.jupyter.routing import answer_while_busy
from imagewidget.panel import answers
from imagewidget.panel import channel as channels
from imagewidget.panel.answers import Found
from imagewidget.panel.channel import Channel
from imagewidget.panel.panel import Panel
from imagewidget.progress.events import Image, LayerPhase, StepStatus
from imagewidget.progress.log import Log
from imagewidget.progress.state import LayerState, Phase, State, StepState

IMAGE = Image("sha256:" + "ab" * 32, "env:1", None, 1234, "build")
STEPS = (
    StepState("sha256:one", "RUN one", StepStatus.DONE),
    StepState("sha256:two", "RUN two", StepStatus.RUNNING),
)


class FakeJob:
    """A job that does what a test says."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State(phase=Phase.PULLING)
        self.log = Log()
        self.asked: list[str] = []

    def cancel(self) -> None:
        self.asked.append("cancel")

    def retry(self) -> None:
        self.asked.append("retry")


class Wire:
    """Takes the messages, and a clock that a test moves."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.buffers: list[bytes] = []
        self.now = 100.0
        self.channel = Channel(self.send, lambda: self.now)

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append(json.loads(json.dumps(content)))
        self.buffers += buffers or []

    def open(self, job: FakeJob) -> None:
        self.channel.begin(job)
        self.ask(type="hello")

    def ask(self, **request: Any) -> dict[str, Any]:
        answer = channels_read({"v": 1, **request})
        assert answer is not None
        self.channel.answer(answer)
        return self.sent[-1]

    def tick(self, state: State, seconds: float = 0.1) -> None:
        self.now += seconds
        self.channel.update(state)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


def channels_read(content: dict[str, Any]) -> Any:
    from imagewidget.panel.view_requests import read_request  # noqa: PLC0415

    return read_request(content)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()


def test_nothing_is_sent_before_somebody_looks(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(job.state)
    assert wire.sent == []


def test_a_view_is_answered_with_a_snapshot_of_now(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(replace(job.state, bytes_done=3))
    wire.ask(type="hello")
    values = {"phase": "pulling", "bytes_done": 3}
    assert wire.sent == [{"v": 1, "type": "snapshot", "run": 1, "seq": 1, "set": values}]
    wire.tick(replace(job.state, bytes_done=4))
    wire.ask(type="hello")
    assert [message["seq"] for message in wire.sent] == [1, 2, 2]


def test_the_end_is_told_though_nobody_has_spoken(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    wire.tick(job.state, seconds=1)
    final = wire.channel.end(replace(job.state, phase=Phase.DONE))
    assert wire.kinds == ["snapshot", "frame"]
    assert wire.sent[-1]["set"] == final["set"] == {"phase": "done"}


def test_a_job_that_has_ended_is_told_of_once_somebody_looks(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    job.log.append("a\n", "sha256:two")
    final = wire.channel.end(replace(job.state, phase=Phase.DONE, steps=STEPS, log_length=1))
    assert final["set"]["phase"] == "done"
    assert wire.sent == []
    answer = wire.ask(type="hello")
    assert answer["set"] == final["set"]
    assert final["lines"] == [[0, "a", 1]]  # which it has already
    assert "lines" not in answer


def test_the_final_state_keeps_the_last_lines_within_bounds(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    job.log.append("".join(f"line {number}\n" for number in range(500)), "sha256:two")
    final = wire.channel.end(replace(job.state, phase=Phase.FAILED, steps=STEPS))
    assert len(final["lines"]) == channels.TAIL_LINES
    assert final["lines"][-1] == [499, "line 499", 1]
    job.log.append(f"{'漢' * 1_000}\n" * 50)
    kept = wire.channel.end(job.state)["lines"]
    assert [line[0] for line in kept] == [547, 548, 549]


def test_the_last_lines_cross_once_with_the_final_state(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("a\nb\n")
    final = wire.channel.end(replace(job.state, phase=Phase.DONE, log_length=2))
    assert wire.sent[-1]["set"] == {"phase": "done", "log_length": 2}
    assert not any("lines" in message for message in wire.sent)
    assert final["lines"] == [[0, "a"], [1, "b"]]


def test_frames_are_numbered_without_a_hole(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for done in range(1, 6):
        wire.tick(replace(job.state, bytes_done=done))
    assert [message["seq"] for message in wire.sent] == [1, 2, 3, 4, 5, 6]


def test_a_frame_holds_only_what_changed(wire: Wire, job: FakeJob) -> None:
    layers = tuple(LayerState(f"{i:012x}", LayerPhase.DOWNLOADING, 0, 100) for i in range(64))
    job.state = replace(job.state, layers=layers)
    wire.open(job)
    wire.tick(replace(job.state, layers=(*layers[:63], replace(layers[63], current=50))))
    assert wire.sent[-1]["layers"] == [[63, {"current": 50}]]
    assert "set" not in wire.sent[-1]


def test_time_alone_is_told_once_a_second(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    before = len(wire.sent)
    for tick in range(30):
        wire.tick(replace(job.state, elapsed=tick / 10))
    assert len(wire.sent) - before in (2, 3)


def test_a_silent_step_of_a_build_costs_a_message_a_second(wire: Wire, job: FakeJob) -> None:
    job.state = replace(job.state, phase=Phase.BUILDING, steps=STEPS)
    wire.open(job)
    before = len(wire.sent)
    for tick in range(30):
        running = replace(STEPS[1], duration=tick / 10)
        wire.tick(replace(job.state, elapsed=tick / 10, steps=(STEPS[0], running)))
    assert len(wire.sent) - before in (2, 3)


def test_until_a_view_speaks_whole_snapshots_heal_what_was_lost(wire: Wire, job: FakeJob) -> None:
    wire.channel.begin(job)
    for tick in range(100):
        wire.tick(replace(job.state, bytes_done=tick))
    assert 3 <= wire.kinds.count("snapshot") <= 5
    wire.ask(type="hello")
    heard = wire.kinds.count("snapshot")
    for tick in range(100, 200):
        wire.tick(replace(job.state, bytes_done=tick))
    assert wire.kinds.count("snapshot") == heard


def test_a_retry_is_another_run(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    wire.channel.end(replace(job.state, phase=Phase.FAILED))
    wire.channel.begin(job)
    assert (wire.sent[-1]["type"], wire.sent[-1]["run"], wire.sent[-1]["seq"]) == ("snapshot", 2, 1)


def test_a_minute_of_64_moving_layers_costs_less_than_2_mb(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for tick in range(600):
        layers = tuple(
            LayerState(
                f"{i:012x}", LayerPhase.DOWNLOADING, tick * 54_321 + i, 99_999_999, speed=tick
            )
            for i in range(64)
        )
        wire.tick(replace(job.state, layers=layers, elapsed=tick / 10, bytes_done=tick * 64))
    cost = sum(len(json.dumps(message)) + 700 for message in wire.sent)
    assert cost < 2_000_000
    assert len(wire.sent) > 300


def test_a_change_of_phase_is_never_held_back(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_BURST", -1_000_000)
    wire.open(job)
    wire.tick(replace(job.state, bytes_done=1))
    assert wire.kinds == ["snapshot"]
    wire.tick(replace(job.state, phase=Phase.EXTRACTING))
    assert wire.sent[-1]["set"] == {"phase": "extracting"}


@pytest.mark.parametrize("character", ["a", "漢", "🙂", '"'])
def test_a_flood_of_long_lines_stops_neither_the_clock_nor_the_bars(
    wire: Wire, job: FakeJob, character: str
) -> None:
    wire.open(job)
    gap, heard, cost, seen = 0.0, wire.now, 0, 0
    for tick in range(1, 541):
        job.log.append(f"{character * 2_000}\n" * 60)
        wire.tick(replace(job.state, elapsed=tick / 9, log_length=len(job.log)), seconds=1 / 9)
        for message in wire.sent[seen:]:
            gap, heard = max(gap, wire.now - heard), wire.now
            cost += len(json.dumps(message, ensure_ascii=False).encode()) + 700
        seen = len(wire.sent)
    assert gap < 1.2
    assert cost < 2_000_000
    numbers = [line[0] for message in wire.sent for line in message.get("lines", ())]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 15


def test_a_frame_that_says_nothing_of_the_log_makes_no_view_ask_for_it(
    wire: Wire, job: FakeJob
) -> None:
    wire.open(job)
    job.log.append("first\npart")
    wire.tick(replace(job.state, log_length=1))
    job.log.append(" of a line\nand another\n")
    wire.channel._allowance = -2.0 * channels.BYTES_PER_SECOND
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


def test_what_is_not_ascii_costs_what_it_weighs(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    for number in (1, 2):
        job.log.append(f"{'漢' * 1_000}\n" * 25)
        wire.tick(replace(job.state, log_length=number * 25))
        assert wire.sent[-1]["lines"][-1][0] == number * 25 - 1


@pytest.mark.parametrize("questions", [0, 1, 4])
def test_frames_and_answers_are_at_most_twelve_a_second(
    wire: Wire, job: FakeJob, questions: int
) -> None:
    wire.open(job)
    before = len(wire.sent)
    for tick in range(90):
        if tick % 9 == 0:  # as often as a second, for every step that is open
            for number in range(questions):
                wire.ask(type="find", id=number, query="", step=None, start=0)
        wire.tick(replace(job.state, bytes_done=tick + 1), seconds=1 / 9)
    sent = len(wire.sent) - before
    assert sent <= 120
    assert sent - 10 * questions >= 75  # frames still come


def test_log_lines_ride_on_frames_and_cross_once(wire: Wire, job: FakeJob) -> None:
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


def test_a_snapshot_holds_the_line_that_is_being_written(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("part")
    wire.tick(job.state)
    assert wire.ask(type="hello")["open"] == [0, "part"]
    wire.channel.answer(channels_read({"v": 1, "type": "follow", "on": False}))
    wire.tick(replace(job.state, bytes_done=1))
    assert "open" not in wire.ask(type="hello")


def test_a_flood_of_lines_sends_only_what_a_reader_can_see(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("line\n" * 100_000)
    wire.tick(replace(job.state, log_length=100_000))
    numbers = [line[0] for line in wire.sent[-1]["lines"]]
    assert numbers == list(range(100_000 - channels.TAIL_LINES, 100_000))


def test_no_lines_are_sent_to_who_does_not_follow(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    wire.channel.answer(channels_read({"v": 1, "type": "follow", "on": False}))
    job.log.append("a\nb\n")
    wire.tick(replace(job.state, log_length=2))
    assert "lines" not in wire.sent[-1]
    answer = wire.ask(type="lines", start=0, stop=2)
    assert answer["lines"] == [[0, "a"], [1, "b"]]


def test_search_gives_spans_of_line_numbers(wire: Wire, job: FakeJob) -> None:
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


def test_a_step_that_is_not_there_has_no_lines(wire: Wire, job: FakeJob) -> None:
    wire.open(job)
    job.log.append("a\nb\n")
    answer = wire.ask(type="find", id=1, query="", step=7, start=0)
    assert (answer["ranges"], answer["stop"]) == ([], 2)


def test_an_answer_that_takes_long_names_the_run_whose_log_it_is(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> Found:
        wire.channel.begin(job)  # somebody pressed Retry meanwhile
        return Found((), 0)

    wire.open(job)
    monkeypatch.setattr(channels, "find", slow)
    assert wire.ask(type="find", id=1, query="x", step=None, start=0)["run"] == 1


def test_two_downloads_do_not_disturb_each_other(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.answers.PART_BYTES", 1_000)
    text = "".join(f"line {i * i * 7919} of the log\n" for i in range(2_000))
    wire.open(job)
    job.log.append(text)
    files = {1: b"", 2: b""}
    under_way, part = [1, 2], 0
    while under_way:
        for download in tuple(under_way):
            answer = wire.ask(type="download", id=download, part=part)
            files[download] += wire.buffers[-1]
            if answer["last"]:
                under_way.remove(download)
        part += 1
    for file in files.values():
        assert zlib.decompress(file, 16 + zlib.MAX_WBITS).decode() == text


def test_the_oldest_of_too_many_downloads_gives_way(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.answers.PART_BYTES", 0)
    wire.open(job)
    job.log.append("a\nb\nc\n")
    for download in range(answers.DOWNLOADS_AT_ONCE + 1):
        assert not wire.ask(type="download", id=download, part=0)["last"]
    assert wire.ask(type="download", id=0, part=1)["last"]
    assert not wire.ask(type="download", id=1, part=1)["last"]


def test_a_download_is_the_whole_log_in_parts(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.answers.PART_BYTES", 20_000)
    text = "".join(f"line {i * i * 7919} of the log\n" for i in range(20_000))
    wire.open(job)
    job.log.append(text)
    part = 0
    while not wire.ask(type="download", id=9, part=part)["last"]:
        part += 1
    assert part > 2
    assert zlib.decompress(b"".join(wire.buffers), 16 + zlib.MAX_WBITS).decode() == text


def test_the_panel_is_a_widget_of_two_comms_and_64_kb(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_panel_passes_cancel_and_retry_to_the_job(job: FakeJob) -> None:
    panel = Panel(job)
    panel._handle_custom_msg({"v": 1, "type": "cancel", "run": 1}, [])
    panel._handle_custom_msg({"v": 1, "type": "retry", "run": 1}, [])
    panel._handle_custom_msg({"v": 1, "type": "nonsense"}, [])
    assert job.asked == ["cancel", "retry"]


def test_a_click_that_comes_late_does_not_mean_the_run_after(job: FakeJob) -> None:
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


def test_the_final_state_stays_with_the_widget_and_leaves_with_a_retry(job: FakeJob) -> None:
    panel = Panel(job)
    assert panel.get_state()["_final"] == {}
    panel.end(replace(job.state, phase=Phase.DONE, image=IMAGE))
    assert panel.get_state()["_final"]["set"]["image"]["source"] == "build"
    panel.begin(job)
    assert panel.get_state()["_final"] == {}


def test_a_panel_made_for_a_job_that_has_ended_shows_it() -> None:
    panel = Panel(FakeJob(State(phase=Phase.DONE, image=IMAGE)))
    assert panel.phase == "done"
    assert panel.get_state()["_final"]["set"]["phase"] == "done"


def test_replies_go_where_the_browser_asked_on_ipykernel_7_4() -> None:
    class Routed:
        def _reply_subshell_for(self, _data: Any, _default: Any) -> str:
            return "the busy shell"

    inner = SimpleNamespace(comm=Routed())
    outer = SimpleNamespace(comm=Routed(), children=(SimpleNamespace(comm=None), inner))
    answer_while_busy(outer)
    for widget in (inner, outer):
        assert widget.comm._reply_subshell_for({}, "the asking shell") == "the asking shell"
