"""The workbench's own part of the front end: its style sheet, and what was typed last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget

PATIENCE = 1.5
"""Seconds that a front end has to say what was typed last."""

_STATIC = Path(__file__).parent / "static"


class Front(anywidget.AnyWidget):
    """Nothing to see: it brings the style sheet, and waits until a front end has said everything.

    ipywidgets holds back what is typed into a field while the kernel has not
    handled the value before it (``WidgetModel.save_changes``), but sends a
    click or Enter at once. What is started by them may so be a value of some
    letters ago: ``1`` for ``127.0.0.1:5000/env``. A question to the front end
    puts this right. When it arrives, the kernel has handled the older value,
    so the last one has been sent, and the answer comes behind it.

    Some front ends never answer: anywidget gives up on one that took more than
    two seconds to load, though its hello still comes. Then what is here must do.
    """

    _esm = _STATIC / "front.js"
    _css = _STATIC / "style.css"

    def __init__(self) -> None:
        super().__init__()
        self._is_heard = False
        self._turn = 0
        self._waiting: dict[int, Callable[[], None]] = {}
        self.on_msg(self._receive)

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` when what was typed before now has arrived; now, if nobody can type.

        It may be called on another thread.
        """
        if not self._is_heard:
            then()
            return
        self._turn += 1
        self._waiting[self._turn] = then
        self.send({"type": "settle", "turn": self._turn})
        timer = threading.Timer(PATIENCE, self._settled, (self._turn,))
        timer.daemon = True
        timer.start()

    def _receive(self, _front: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "hello":
            self._is_heard = True
        elif content.get("type") == "settled":
            self._settled(content.get("turn", 0))

    def _settled(self, turn: int) -> None:
        then = self._waiting.pop(turn, None)
        if then is not None:
            then()
