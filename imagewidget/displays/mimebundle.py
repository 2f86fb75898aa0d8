"""What a notebook keeps of a panel: the final state, where no widget can be shown.

A cell's output holds the same thing in several forms, and each reader takes the
best it can: a front end with a kernel the widget, GitHub and nbviewer the HTML,
everything else the text. The forms are written when the panel is displayed and
once more when its job has ended, which may be long after the cell has.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from imagewidget.displays import html, plain_text
from imagewidget.jupyter.kernel import kernel
from imagewidget.progress.log import Log
from imagewidget.progress.state import State

Bundle = dict[str, Any]
Represent = Callable[[], tuple[Bundle, Bundle] | None]


def forms(state: State, log: Log | None) -> Bundle:
    """Give a job as HTML and as text, by their mime types."""
    return {"text/plain": plain_text.render(state, log), "text/html": html.render(state, log)}


class Outputs:
    """The outputs of cells in which a panel stands.

    Args:
        represent: Gives the forms of the panel as they are now, and their metadata.
    """

    def __init__(self, represent: Represent) -> None:
        self._represent = represent
        self._lock = threading.Lock()
        self._handles: list[Any] = []

    def show(self) -> None:
        """Display the panel in the cell that runs now."""
        from IPython import display as ipython  # noqa: PLC0415 - whoever displays has it

        display: Any = ipython.display
        with self._lock:  # so that a job that ends now refreshes this output too
            data, metadata = self._represent() or ({}, {})
            handle = display(data, raw=True, metadata=metadata, display_id=True)
            self._handles.append(handle)

    def refresh(self) -> None:
        """Write the forms anew into every output. From any thread.

        Only a kernel can: a terminal would print them a second time.
        """
        if kernel() is None:
            return
        with self._lock:
            if not self._handles:
                return
            data, metadata = self._represent() or ({}, {})
            for handle in self._handles:
                handle.update(data, raw=True, metadata=metadata)
