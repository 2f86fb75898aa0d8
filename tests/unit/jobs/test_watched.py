"""Displays use nothing of a job but the protocol `Watched`."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from imagewidget.displays.terminal import LiveTerminal, PlainTerminal, Screen
from imagewidget.panel.panel import Panel
from imagewidget.progress.display import Display, Watched
from imagewidget.progress.events import ErrorInfo, Event, Failed, LogWritten, Started
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from tests.told import told

RUN: tuple[Event, ...] = (Started("build", "env:1"), LogWritten("working\n"))
END = Failed(ErrorInfo("BuildFailed", "RUN x failed"))


def plain_terminal() -> Display:
    return PlainTerminal(io.StringIO())


def live_terminal() -> Display:
    return LiveTerminal(Screen(Console(file=io.StringIO(), force_terminal=True)))


class Bare:
    """A job with the members of the protocol and no others."""

    __slots__ = ("_asked", "_told")

    def __init__(self) -> None:
        self._told = told(*RUN)
        self._asked: list[str] = []

    @property
    def state(self) -> State:
        return self._told[0]

    @property
    def log(self) -> Log:
        return self._told[1]

    def cancel(self) -> None:
        self._asked.append("cancel")

    def retry(self) -> None:
        self._asked.append("retry")


def test_the_protocol_is_state_log_cancel_and_retry() -> None:
    names = {name for name in vars(Watched) if not name.startswith("_")}
    assert names == {name for name in vars(Bare) if not name.startswith("_")}


@pytest.mark.parametrize("make", [plain_terminal, live_terminal, Panel])
def test_a_display_needs_only_the_protocol(make: Callable[[], Display]) -> None:
    job, display = Bare(), make()
    for _ in range(2):  # the second time as after a retry
        job._told = told(*RUN)
        display.begin(job)
        display.update(job.state)
        job._told = told(*RUN, END)
        display.end(job.state)


@pytest.mark.parametrize(("asked", "at"), [("cancel", RUN), ("retry", (*RUN, END))])
def test_a_click_in_the_panel_uses_only_the_protocol(asked: str, at: tuple[Event, ...]) -> None:
    job = Bare()
    job._told = told(*at)
    panel = Panel(job)
    panel._handle_custom_msg({"v": 1, "type": asked, "run": 1}, [])
    assert job._asked == [asked]
