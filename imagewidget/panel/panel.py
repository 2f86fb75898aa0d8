"""The panel: a widget that shows a pull or a build live in a notebook."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Any

import traitlets

from imagewidget.displays.mimebundle import mimebundle
from imagewidget.jupyter.host import needs_view
from imagewidget.jupyter.kernel import is_headless
from imagewidget.jupyter.outputs import Bundle, Outputs
from imagewidget.panel import wire
from imagewidget.panel.channel import Channel
from imagewidget.panel.model import Model
from imagewidget.panel.modules import has_details
from imagewidget.panel.refreshing import Refreshing
from imagewidget.panel.view_requests import Cancel, Module, Retry, read_request
from imagewidget.progress.display import Watched, check_job
from imagewidget.progress.state import Phase, State

_logger = logging.getLogger(__name__)


class Panel(Model):
    """Shows a job while it is running and after it has ended.

    It is an `ipywidgets.DOMWidget`: it nests in boxes, and `phase` and
    `fraction` can be observed and linked. Observers are called on the thread
    that draws the job, at most nine times a second.

    A cell that displays a panel has HTML and text as its output, which the notebook's
    file keeps. The live panel is drawn into that HTML, wherever it appears in a page.

    Args:
        job: The job to show; None to set it later, with :meth:`begin`.

    Raises:
        TypeError: `job` is not a job.
    """

    phase = traitlets.Unicode(Phase.QUEUED.value, help="What the job is doing, in a word.")
    fraction = traitlets.Float[float | None, float | None](
        None, allow_none=True, help="How much is done, 0 to 1."
    )

    def __init__(self, job: Watched | None = None) -> None:
        if job is not None:
            check_job(job)  # before the front end is sent anything
        super().__init__()
        self._job: Watched | None = None
        self._channel = Channel(self.send)
        self._is_view = False
        self._outputs = Outputs(self._output)
        self._refreshing = Refreshing(time.monotonic())
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
        self._channel.begin(job)
        self._refreshing = Refreshing(time.monotonic())
        self._show(job.state)
        self._outputs.refresh()

    def update(self, state: State) -> None:
        """Show the current state; called from one thread at a time."""
        if has_details(state):
            self._send_details()
        self._refresh()
        self._channel.update(state)
        self._show(state)

    def _refresh(self) -> None:
        """Write the outputs again if that is due; a frame waits for it."""
        now = time.monotonic()
        if self._is_view or not (self._refreshing.is_due(now) and self._channel.has_room()):
            return
        size = 0
        try:
            size = self._outputs.refresh()
        except Exception:
            _logger.exception("The output of a panel could not be refreshed.")
        finally:
            self._refreshing.note(now, size)
        if size:
            self._channel.spend(size)

    def end(self, state: State) -> None:
        """Show the final state, and save it even if an observer raises."""
        if has_details(state):
            self._send_details()
        self._channel.end(state)
        try:
            self._show(state)
        finally:
            self._outputs.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Bundle, Bundle]:
        """Return the widget, with alternatives for readers that cannot show widgets."""
        view = None if self._is_deferred else super()._repr_mimebundle_(**kwargs)
        data, metadata = view or ({}, {})
        return {**data, **self._forms()}, metadata

    def _ipython_display_(self) -> None:
        self._is_view = needs_view()
        self._refreshing = Refreshing(time.monotonic())
        self._outputs.show(self._first_output)

    def _output(self) -> tuple[Bundle, Bundle]:
        """Return what a cell shows and the notebook saves: never a view of a job that has ended."""
        return self._with_view(self._forms())

    def _first_output(self) -> tuple[Bundle, Bundle]:
        """Return a shorter one while a live panel is coming: it is refreshed a second later."""
        job = self._job
        if job is None or job.state.phase.is_final or is_headless():
            return self._output()
        short = replace(job.state, engine="", layers=(), steps=(), warnings=(), more_warnings=0)
        return self._with_view(dict(mimebundle(short, None, mount=self._mount)))

    def _with_view(self, forms: Bundle) -> tuple[Bundle, Bundle]:
        is_over = self._job is not None and self._job.state.phase.is_final
        if not self._is_view or is_over:
            return forms, {}
        data, metadata = self._repr_mimebundle_()
        return {**data, **forms}, metadata

    def _forms(self) -> Bundle:
        job = self._job
        state, log = (State(), None) if job is None else (job.state, job.log)
        return dict(mimebundle(state, log, mount=self._mount))

    def _show(self, state: State) -> None:
        self.set_trait("phase", state.phase.value)
        self.set_trait("fraction", state.fraction)

    def _handle(self, _panel: Panel, content: wire.Message, _buffers: list[Any]) -> None:
        """Handle a message from a view, on whichever thread the kernel runs this."""
        request = read_request(content)
        if request is None:
            return
        if isinstance(request, Module):
            self._send_module(request.name)
        elif not isinstance(request, (Cancel, Retry)):
            self._channel.answer(request)
        elif self._job is not None and request.run == self._channel.run:
            act = self._job.cancel if isinstance(request, Cancel) else self._job.retry
            act()
