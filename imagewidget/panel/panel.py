"""The panel: a widget that shows a pull or a build live in a notebook."""

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
from imagewidget.progress.display import Watched, check_job
from imagewidget.progress.state import Phase, State

_STATIC = Path(__file__).parent / "static"


class Panel(anywidget.AnyWidget):
    """Shows a job while it is running and after it has ended.

    It is an `ipywidgets.DOMWidget`: it nests in boxes, and `phase` and
    `fraction` can be observed and linked. Observers are called on the thread
    that draws the job, at most nine times a second.

    Args:
        job: The job to show; None to set it later, with :meth:`begin`.

    Raises:
        TypeError: `job` is not a job.
    """

    _esm = _STATIC / "packed.js"
    _css = _STATIC / "panel.css"

    phase = traitlets.Unicode(Phase.QUEUED.value, help="What the job is doing, in a word.")
    fraction = traitlets.Float(None, allow_none=True, help="How much is done, 0 to 1.")

    # The final snapshot, for saved notebooks and for pages whose kernel is gone.
    _final = traitlets.Dict().tag(sync=True)
    # The id for the browser's messages while a cell is running; "" if there is none.
    _comm_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, job: Watched | None = None) -> None:
        if job is not None:
            check_job(job)  # before the front end is sent anything
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
        """Start showing `job`.

        Raises:
            TypeError: `job` is not a job.
        """
        self._job = check_job(job)
        if self._final:
            self._final = {}
        self._channel.begin(job)
        self._show(job.state)

    def update(self, state: State) -> None:
        """Show the current state; called from one thread at a time."""
        self._channel.update(state)
        self._show(state)

    def end(self, state: State) -> None:
        """Show the final state, and save it even if an observer raises."""
        self._final = self._channel.end(state)
        try:
            self._show(state)
        finally:
            self._outputs.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Bundle, Bundle] | None:
        """Return the widget, with alternatives for readers that cannot show widgets."""
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
        """Handle a message from a view, on whichever thread the kernel runs this."""
        request = read_request(content)
        if request is None:
            return
        if isinstance(request, (Cancel, Retry)):
            if self._job is not None and request.run == self._channel.run:
                act = self._job.cancel if isinstance(request, Cancel) else self._job.retry
                act()
            return
        self._channel.answer(request)
