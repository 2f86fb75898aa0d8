"""A front end's message is handled where it was sent, even while the kernel runs a cell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from imagewidget.jupyter.routing import answer_while_busy


def test_on_ipykernel_7_4_a_message_is_handled_by_the_shell_it_was_sent_to() -> None:
    class Routed:
        def _reply_subshell_for(self, _data: Any, _default: Any) -> str:
            return "the busy shell"

    inner = SimpleNamespace(comm=Routed())
    outer = SimpleNamespace(comm=Routed(), children=(SimpleNamespace(comm=None), inner))
    answer_while_busy(outer)
    for widget in (inner, outer):
        assert widget.comm._reply_subshell_for({}, "the asking shell") == "the asking shell"
