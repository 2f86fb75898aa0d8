"""The panel: one live view of a pull or a build, in the notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from imagewidget.displays.mimebundle import mimebundle
from imagewidget.jupyter.outputs import Bundle, Outputs
from imagewidget.jupyter.routing import answer_while_busy, listen_on_control
from imagewidget.panel import wire
from imagewidget.panel.channel import Channel
from imagewidget.panel.view_requests import Cancel, Retry, read_request
from imagewidget.progress.display import Watched
from imagewidget.progress.state import Phase, State

_STATIC = Path(__file__).parent / "static"


class Panel(anywidget.AnyWidget):
    """Shows a job while it runs and when it has ended.

    It is an `ipywidgets.DOMWidget`: it nests in boxes, and `phase` and
    `fraction` can be observed and linked. Observers are called on the thread
    that draws the job, at most nine times a second.

    Args:
        job: What to show; None to be given one later, with :meth:`begin`.
    """

    _esm = _STATIC / "packed.js"
    _css = _STATIC / "panel.css"

    phase = traitlets.Unicode(Phase.QUEUED.value, help="What the job is doing, in a word.")
    fraction = traitlets.Float(None, allow_none=True, help="How much is done, 0 to 1.")

    # The final snapshot: what a saved notebook shows, and a page whose kernel is gone.
    _final = traitlets.Dict().tag(sync=True)
    # Where the browser may send to while a cell runs; "" if it cannot.
    _comm_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, job: Watched | None = None) -> None:
        super().__init__()
        answer_while_busy(self)
        self._comm_id = listen_on_control(self)
        self._job: Watched | None = None
        self._channel = Channel(self.send)
        self._outputs = Outputs(self._repr_mimebundle_)
        self.on_msg(self._handle)
        if job is not None:
            self.begin(job)
            if job.state.phase.is_final:
                self.end(job.state)

    def __repr__(self) -> str:
        return f"<Panel: {self.phase}>"

    def begin(self, job: Watched) -> None:
        """Begin to show `job`."""
        self._job = job
        if self._final:
            self._final = {}
        self._channel.begin(job)
        self._show(job.state)

    def update(self, state: State) -> None:
        """Show what is known now; called from one thread at a time."""
        self._channel.update(state)
        self._show(state)

    def end(self, state: State) -> None:
        """Show the final state, and save it whatever an observer does."""
        self._final = self._channel.end(state)
        try:
            self._show(state)
        finally:
            self._outputs.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Bundle, Bundle] | None:
        """Give the widget, and beside it what is read where there are no widgets."""
        found = super()._repr_mimebundle_(**kwargs)
        if found is None or self._job is None:
            return found
        data, metadata = found
        return {**data, **mimebundle(self._job.state, self._job.log)}, metadata

    def _ipython_display_(self) -> None:
        self._outputs.show()

    def _show(self, state: State) -> None:
        self.set_trait("phase", state.phase.value)
        self.set_trait("fraction", state.fraction)

    def _handle(self, _panel: Panel, content: wire.Message, _buffers: list[Any]) -> None:
        """Take a message from a view, on whatever thread the kernel has for it."""
        request = read_request(content)
        if request is None:
            return
        if isinstance(request, (Cancel, Retry)):
            if self._job is not None and request.run == self._channel.run:
                act = self._job.cancel if isinstance(request, Cancel) else self._job.retry
                act()
            return
        self._channel.answer(request)
