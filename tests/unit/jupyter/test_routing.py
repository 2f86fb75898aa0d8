"""A message of a front end is handled where it was sent to, also while the kernel computes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from imagewidget.jupyter.routing import answer_while_busy


def test_replies_go_where_the_browser_asked_on_ipykernel_7_4() -> None:
    class Routed:
        def _reply_subshell_for(self, _data: Any, _default: Any) -> str:
            return "the busy shell"

    inner = SimpleNamespace(comm=Routed())
    outer = SimpleNamespace(comm=Routed(), children=(SimpleNamespace(comm=None), inner))
    answer_while_busy(outer)
    for widget in (inner, outer):
        assert widget.comm._reply_subshell_for({}, "the asking shell") == "the asking shell"
