"""The outputs of the cells in which a widget is displayed.

They are written when the widget is displayed, now and then while its job is running,
and when it has ended, which may be long after the cell has.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from imagewidget.jupyter.kernel import kernel

Bundle = dict[str, Any]
"""The content of an output, or its metadata, by MIME type."""

Represent = Callable[[], tuple[Bundle, Bundle]]


class Outputs:
    """The outputs of the cells in which a widget is displayed.

    They have one display id, so that one message refreshes them all.

    Args:
        represent: Returns the widget's current representation and its metadata, by MIME type.
    """

    def __init__(self, represent: Represent) -> None:
        self._represent = represent
        self._lock = threading.Lock()
        self._handle: Any = None

    def show(self, first: Represent | None = None) -> None:
        """Display the widget in the running cell.

        Args:
            first: Returns what is shown until the next refresh, if not the same.
        """
        from IPython import display as ipython  # noqa: PLC0415 - present wherever this is called

        display: Any = ipython.display
        with self._lock:  # so that a job that ends now refreshes this output too
            data, metadata = (first or self._represent)()
            if self._handle is None:
                self._handle = display(data, raw=True, metadata=metadata, display_id=True)
            else:
                self._handle.display(data, raw=True, metadata=metadata)

    def refresh(self) -> int:
        """Write the widget's current representation into every output, from any thread.

        Do nothing outside of a kernel: a terminal would print the outputs a second time.

        Returns:
            About how many bytes were sent.
        """
        if kernel() is None:
            return 0
        with self._lock:
            if self._handle is None:
                return 0
            data, metadata = self._represent()
            self._handle.update(data, raw=True, metadata=metadata)
            return len(str(data))
