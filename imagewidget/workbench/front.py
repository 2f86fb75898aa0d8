"""The workbench's part of the front end: its place, its style sheet, and waiting for input."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

PATIENCE = 1.5
"""Seconds to wait for the front end to send the text typed last."""

_STATIC = Path(__file__).parent / "static"


class Front(anywidget.AnyWidget):
    """An invisible widget that shows the workbench, and waits for text that is still on its way.

    It is never displayed itself, except as a part of the workbench: its model finds the HTML
    of the workbench in the page, and draws the workbench there.

    ipywidgets holds back what is typed into a field until the kernel has
    handled the previous value (``WidgetModel.save_changes``), but sends a click
    or Enter immediately. A job could therefore start with a value that is
    several characters old: ``1`` for ``127.0.0.1:5000/env``. Sending a message
    to the front end and waiting for the reply prevents this: by the time the
    message arrives there, the kernel has handled the older value, so the front
    end has sent the last one, and its reply arrives after it.

    Some front ends never reply: anywidget gives up on a view that took more than
    two seconds to load, although its hello still arrives. After `PATIENCE`
    seconds the job starts with the values received so far.
    """

    _esm = _STATIC / "front.js"
    _css = _STATIC / "style.css"

    # The id of the workbench's model, and of the HTML in which it is shown.
    _box = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._has_front_end = False
        self._turn = 0
        self._waiting: dict[int, Callable[[], None]] = {}
        self.on_msg(self._receive)

    def show(self, box: str) -> None:
        """Show the widget with this id in its HTML, wherever that comes into a page."""
        self._box = box

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` once everything typed so far has arrived; at once if there is no front end.

        `then` may be called on another thread.
        """
        if not self._has_front_end:
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
            self._has_front_end = True
        elif content.get("type") == "settled":
            self._settled(content.get("turn", 0))

    def _settled(self, turn: int) -> None:
        then = self._waiting.pop(turn, None)
        if then is not None:
            then()
