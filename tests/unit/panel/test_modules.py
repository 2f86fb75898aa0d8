"""What crosses the wire for the first panel of a kernel, and for every further one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from imagewidget.panel import model, modules
from imagewidget.panel.panel import Panel
from imagewidget.progress.state import Phase, State
from tests.unit.panel.peer import STEPS, FakeJob

PULLING = State(phase=Phase.PULLING)


def size(messages: list[Any]) -> int:
    """Return the bytes of messages, with those of their buffers."""
    buffers = [buffer for *_, content in messages for buffer in content.get("buffers") or ()]
    return len(json.dumps(messages, default=lambda _: "")) + sum(map(len, buffers))


def sources(messages: list[Any]) -> list[str]:
    """Return the names of the modules that were sent, in order."""
    contents = [content["data"].get("content", {}) for *_, content in messages]
    return [content["name"] for content in contents if content.get("type") == "module"]


def test_the_first_panel_is_followed_by_the_core_and_no_other_is(opened: list[Any]) -> None:
    Panel(FakeJob(PULLING))
    assert sources(opened) == ["core"]
    assert size(opened) <= 64_000
    assert [kind for kind, *_ in opened].count("comm_open") <= 3
    opened.clear()
    Panel(FakeJob(PULLING))
    assert sources(opened) == []
    assert size(opened) <= 3_500
    assert [kind for kind, *_ in opened].count("comm_open") == 1


def test_a_panel_has_a_layout_as_soon_as_it_is_used(opened: list[Any]) -> None:
    panel = Panel(FakeJob(PULLING))
    opened.clear()
    panel.layout.width = "300px"
    layout, told, set_ = opened
    assert layout[0] == "comm_open"
    assert told[1] == panel._mount
    assert told[2]["data"]["state"] == {"layout": f"IPY_MODEL_{layout[1]}"}
    assert set_[1] == layout[1]
    assert set_[2]["data"]["state"] == {"width": "300px"}
    assert panel.get_state()["layout"] == f"IPY_MODEL_{layout[1]}"
    assert len(opened) == 3


def test_the_page_knows_whether_the_core_is_coming(opened: list[Any]) -> None:
    panel = Panel(FakeJob(PULLING))
    states = [content["data"]["state"] for kind, _, content in opened if kind == "comm_open"]
    assert states[-1]["_is_sending"]
    assert not panel.get_state()["_is_sending"]
    Panel(FakeJob(PULLING))
    last = [content["data"]["state"] for kind, _, content in opened if kind == "comm_open"][-1]
    assert not last["_is_sending"]


def test_the_first_panel_that_shows_more_than_progress_is_followed_by_those_parts(
    opened: list[Any],
) -> None:
    job = FakeJob(PULLING)
    for _ in range(2):
        panel = Panel(job)
        panel.update(PULLING)
        assert sources(opened) == ["core"]
    panel.update(replace(PULLING, log_length=3))  # the heading of a log is part of the core
    assert sources(opened) == ["core"]
    for one in (panel, Panel(job)):
        one.update(replace(PULLING, steps=STEPS))
        assert sources(opened) == ["core", "details"]


def test_a_panel_that_needs_a_view_is_followed_by_all_it_needs(
    opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page may be one of its own, and cannot ask while the kernel is running a cell."""
    monkeypatch.setattr(model, "needs_view", lambda: True)
    for _ in range(2):
        opened.clear()
        panel = Panel(FakeJob(PULLING))
        assert sources(opened) == ["core"]
        for _ in range(2):
            panel.update(replace(PULLING, steps=STEPS))
        assert sources(opened) == ["core", "details"]


@pytest.mark.parametrize("name", modules.NAMES)
def test_a_page_that_asks_is_sent_the_module(opened: list[Any], name: str) -> None:
    panel = Panel(FakeJob(PULLING))
    opened.clear()
    panel._handle_custom_msg({"v": 1, "type": "module", "name": name}, [])
    ((_, comm_id, content),) = opened
    assert comm_id == panel._mount
    assert content["data"]["content"] == {"v": 1, "type": "module", "name": name}
    assert content["buffers"] == [modules.source(name)]


@pytest.mark.parametrize("name", ["stub", "../../__init__", 5, None, ["core"]])
def test_nothing_else_can_be_asked_for(opened: list[Any], name: Any) -> None:
    panel = Panel(FakeJob(PULLING))
    opened.clear()
    panel._handle_custom_msg({"v": 1, "type": "module", "name": name}, [])
    assert opened == []


@pytest.mark.usefixtures("opened")
def test_the_state_of_a_panel_is_small_because_a_notebook_may_save_it() -> None:
    panel = Panel(FakeJob(PULLING))
    panel.end(replace(PULLING, phase=Phase.DONE))
    assert len(json.dumps(panel.get_state())) < 3_500


def test_the_modules_and_the_stub_have_one_version_which_their_styles_are_for() -> None:
    texts = [
        (modules.STATIC / f"{name}.js").read_text(encoding="utf-8")
        for name in ("stub", *modules.NAMES)
    ]
    (version,) = {found for text in texts for found in re.findall(r'="([0-9a-f]{10})";', text)}
    for text in texts[1:]:
        assert f".iw-{version}{{" in text


def test_the_modules_are_ordinary_source() -> None:
    for name in ("stub", *modules.NAMES):
        text = (modules.STATIC / f"{name}.js").read_text(encoding="utf-8")
        assert "export{" in text
        assert "IW_VERSION" not in text
        assert not any(packed in text for packed in ("atob(", "eval(", "Function("))
