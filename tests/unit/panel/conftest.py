"""Fixtures: the browser's end of a panel's wire, and a job."""

from typing import Any

import comm
import pytest

from imagewidget.panel import model, modules
from tests.unit.panel.peer import FakeJob, Wire


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()


class Comm(comm.base_comm.BaseComm):
    """A comm that keeps its messages."""

    def __init__(self, *args: Any, sent: list[Any], **values: Any) -> None:
        self._sent = sent
        super().__init__(*args, **values)

    def publish_msg(self, msg_type: str, **content: Any) -> None:
        self._sent.append((msg_type, self.comm_id, content))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The messages of every comm that is opened, in a kernel that has sent nothing before.

    Its panels need no view.
    """
    sent: list[Any] = []
    monkeypatch.setattr(comm, "create_comm", lambda **values: Comm(sent=sent, **values))
    monkeypatch.setattr(modules, "_sent", set())
    monkeypatch.setattr(model, "needs_view", lambda: False)
    return sent
