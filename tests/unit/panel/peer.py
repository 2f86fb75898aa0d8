"""A job that a test controls, and the browser's end of a panel's wire."""

from __future__ import annotations

import json
from typing import Any

from imagewidget.panel.channel import Channel
from imagewidget.panel.view_requests import read_request
from imagewidget.progress.events import Image, StepStatus
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.state import Phase, State, StepState

IMAGE = Image("sha256:" + "ab" * 32, "env:1", None, 1234, "build")
STEPS = (
    StepState("sha256:one", "RUN one", StepStatus.DONE),
    StepState("sha256:two", "RUN two", StepStatus.RUNNING),
)


class FakeJob:
    """A job that a test controls."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State(phase=Phase.PULLING)
        self.log = LogWriter()
        self.asked: list[str] = []

    def cancel(self) -> None:
        self.asked.append("cancel")

    def retry(self) -> None:
        self.asked.append("retry")


class Wire:
    """Keeps the messages that were sent, and has a clock that a test moves."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.buffers: list[bytes] = []
        self.times: list[float] = []
        self.now = 100.0
        self.channel = Channel(self.send, lambda: self.now)

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append(json.loads(json.dumps(content)))
        self.buffers += buffers or []
        self.times.append(self.now)

    def open(self, job: FakeJob) -> None:
        self.channel.begin(job)
        self.ask(type="hello")

    def ask(self, **request: Any) -> dict[str, Any]:
        read = read_request({"v": 1, **request})
        assert read is not None
        self.channel.answer(read)
        return self.sent[-1]

    def tick(self, state: State, seconds: float = 0.1) -> None:
        self.now += seconds
        self.channel.update(state)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]
