"""The line that names the engine and shows whether it can be reached."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets

from imagewidget.displays.html_parts import block, text
from imagewidget.engine.client import DockerClient, client_behind, connect
from imagewidget.engine.failure.errors import DockerError


class EngineLine:
    """The name and version of the engine, or why it cannot be reached.

    The engine is queried on a separate thread: a socket that does not answer
    must not block the kernel.

    Args:
        client: The engine to use; None for the default one.
    """

    def __init__(self, client: DockerClient | None) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._text: Any = ipywidgets.HTML(_line("checking", "Connecting to the engine …"))
        self._text.add_class("iw-wb-engine")
        again: Any = ipywidgets.Button(
            description="Check again", icon="refresh", layout={"width": "auto"}
        )
        again.on_click(lambda _button: self.check())
        self.widget: Any = ipywidgets.HBox([self._text, again])
        self.widget.add_class("iw-wb-header")

    def check(self) -> threading.Thread:
        """Query the engine on a separate thread, and return that thread."""
        thread = threading.Thread(target=self._ask, name="imagewidget-engine", daemon=True)
        thread.start()
        return thread

    def _ask(self) -> None:
        with self._lock:
            self._text.value = self._answer()

    def _answer(self) -> str:
        try:
            client = self._client or connect()
            client.ping()
            found = client.info()
        except DockerError as error:
            hint = f"<br>→ {block(error.hint)}" if error.hint else ""
            return _line("bad", f"<b>Not reachable.</b> {block(error.message)}{hint}")
        builder = "BuildKit" if found.has_buildkit else "classic builder"
        place = client_behind(client).endpoint
        where = f'<span title="{text(place.notice)}">{text(str(place))}</span>'
        return _line("ok", f"<b>{text(found.title)}</b> is reachable · {builder} · {where}")


def _line(tone: str, html: str) -> str:
    return f'<div class="iw-wb-tone" data-tone="{tone}" role="status">{html}</div>'
