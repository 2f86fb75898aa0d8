"""The outputs of the cells in which a widget is displayed.

They are written when the widget is displayed, and again when its job has ended,
which may be long after the cell has.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from imagewidget.jupyter.kernel import kernel

Bundle = dict[str, Any]
"""The content of an output, or its metadata, by MIME type."""

Represent = Callable[[], tuple[Bundle, Bundle] | None]


class Outputs:
    """The outputs of the cells in which a widget is displayed.

    Args:
        represent: Returns the widget's current representation and its metadata, by MIME type.
    """

    def __init__(self, represent: Represent) -> None:
        self._represent = represent
        self._lock = threading.Lock()
        self._handles: list[Any] = []

    def show(self) -> None:
        """Display the widget in the running cell."""
        from IPython import display as ipython  # noqa: PLC0415 - present wherever this is called

        display: Any = ipython.display
        with self._lock:  # so that a job that ends now refreshes this output too
            data, metadata = self._represent() or ({}, {})
            handle = display(data, raw=True, metadata=metadata, display_id=True)
            self._handles.append(handle)

    def refresh(self) -> None:
        """Write the widget's current representation into every output, from any thread.

        Do nothing outside of a kernel: a terminal would print the outputs a second time.
        """
        if kernel() is None:
            return
        with self._lock:
            if not self._handles:
                return
            data, metadata = self._represent() or ({}, {})
            for handle in self._handles:
                handle.update(data, raw=True, metadata=metadata)
