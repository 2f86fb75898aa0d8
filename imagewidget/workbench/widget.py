"""The workbench: start, watch and cancel jobs, with the mouse or with the keyboard alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from functools import partial
from typing import Any

import ipywidgets

from imagewidget.api.starting import check_client
from imagewidget.engine.client import DockerClient
from imagewidget.engine.failure.errors import DockerError
from imagewidget.jobs.job import Job
from imagewidget.jupyter.host import needs_view
from imagewidget.jupyter.outputs import Bundle, Outputs
from imagewidget.jupyter.routing import answer_while_busy
from imagewidget.panel.refreshing import Refreshing
from imagewidget.workbench.build_form import BuildForm
from imagewidget.workbench.engine_line import EngineLine
from imagewidget.workbench.fields import Problem
from imagewidget.workbench.forms import Form, ProvisionForm, PullForm
from imagewidget.workbench.front import Front
from imagewidget.workbench.history import Entry
from imagewidget.workbench.saved import saved

# What the notebook's file has in the place of the workbench.
_PLACE = (
    '<div data-imagewidget="{id}">'
    "<small><i>Run this cell to pull and build images here.</i></small></div>"
)


class ImageWidget(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An interactive panel to pull, build and provision images without writing code.

    Args:
        client: The engine to use, from :func:`imagewidget.connect`; None for the
            default one.

    Attributes:
        jobs: The jobs started here, oldest first.

    Raises:
        TypeError: `client` is not a client.
    """

    def __init__(self, client: DockerClient | None = None) -> None:
        self._client = check_client(client)
        self._entries: list[Entry] = []
        self._starting = threading.Lock()
        self._front = Front()
        self._engine = EngineLine(client)
        self._forms: tuple[Form, ...] = tuple(
            make(self._refresh) for make in (PullForm, BuildForm, ProvisionForm)
        )
        self._is_view = False
        self._outputs = Outputs(self._saved)
        self._refreshing = Refreshing(time.monotonic())
        self._saving = threading.Lock()
        self._starts: list[Any] = []
        self._problems: list[Problem] = []
        tabs: Any = ipywidgets.Tab(
            children=[self._page(index) for index in range(len(self._forms))],
            titles=[form.title for form in self._forms],
        )
        self._stage: Any = ipywidgets.VBox()
        self._history: Any = ipywidgets.VBox()
        self._history.add_class("iw-wb-history")
        card: Any = ipywidgets.VBox([self._engine.widget, tabs])
        card.add_class("iw-wb-card")
        super().__init__([self._front, card, self._stage, self._history])
        self.add_class("iw-wb")
        self._front.show(self.model_id)
        answer_while_busy(self)
        self._refresh()
        self._engine.check()

    def _ipython_display_(self) -> None:
        """Display the widget, and below it a hidden output that saves its jobs in the notebook.

        They need separate outputs: refreshing an output makes the front end render it
        again, and the fields would be replaced while the user is typing.
        """
        from IPython.display import display  # noqa: PLC0415 - always there when this is called

        self._is_view = needs_view()
        place = {"text/html": _PLACE.format(id=self.model_id), "text/plain": repr(self)}
        display(self._repr_mimebundle_() if self._is_view else place, raw=True)
        self._outputs.show()

    def _saved(self) -> tuple[Bundle, Bundle]:
        """Return the jobs as HTML and text, which the front end hides beside the workbench.

        Where it needs a view, that is an invisible one, which it prefers to the HTML.
        """
        kept: Bundle = dict(saved(tuple(self._entries), self.model_id))
        if not self._is_view:
            return kept, {}
        data, metadata = self._front._repr_mimebundle_() or ({}, {})
        return {**data, **kept}, metadata

    def __repr__(self) -> str:
        return f"<ImageWidget: jobs={len(self._entries)}>"

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs started here, oldest first."""
        return tuple(entry.job for entry in self._entries)

    def _page(self, index: int) -> Any:
        form, begin = self._forms[index], partial(self._start, index)
        start: Any = ipywidgets.Button(
            description=form.title, button_style="primary", icon="play", layout={"width": "auto"}
        )
        start.on_click(lambda _button: self._front.settle(begin))
        form.first.submitted(lambda: self._front.settle(begin))
        problem = Problem()
        self._starts.append(start)
        self._problems.append(problem)
        foot: Any = ipywidgets.HBox([start, problem.widget])
        foot.add_class("iw-wb-foot")
        return ipywidgets.VBox([form.widget, foot])

    def _start(self, index: int) -> None:
        """Start the job of a tab, or show there why it cannot be started."""
        with self._starting:
            self._start_once(self._forms[index], self._problems[index])

    def _start_once(self, form: Form, problem: Problem) -> None:
        if not form.is_ready or self._is_running(form.key):
            return
        key = form.key
        try:
            job = form.start(self._client)
        except (DockerError, ValueError, TypeError, OSError) as error:
            problem.show(error)
            return
        problem.show(None)
        entry = Entry(job, key, self._show, self._changed, self._save_if_due)
        self._entries.append(entry)
        self._history.children = (entry.button, *self._history.children)
        self._show(entry)
        self._refresh()
        job.attach(entry)

    def _changed(self, entry: Entry) -> None:
        """Allow the same job to be started again once it has ended; runs on the drawing thread."""
        self._refresh()
        self._outputs.refresh()
        if entry.is_running:
            self._refreshing = Refreshing(time.monotonic())
        error = entry.job.state.error
        if error is not None and error.kind == "EngineUnavailable":
            self._engine.check()

    def _save_if_due(self) -> None:
        """Save the moment of the running jobs now and then; runs on their drawing threads.

        As with a panel, an output that has a view is left alone.
        """
        if self._is_view or not self._saving.acquire(blocking=False):
            return
        try:
            if self._refreshing.is_due(time.monotonic()):
                size = self._outputs.refresh()
                self._refreshing.note(time.monotonic(), size)
        finally:
            self._saving.release()

    def _show(self, entry: Entry) -> None:
        self._stage.children = (entry.job.panel,)
        for one in self._entries:
            one.mark(is_shown=one is entry)

    def _refresh(self) -> None:
        """Enable each start button only if its form is ready and the same job is not running."""
        for form, start in zip(self._forms, self._starts, strict=True):
            is_running = self._is_running(form.key)
            start.disabled = is_running or not form.is_ready
            start.tooltip = "This is already running" if is_running else ""

    def _is_running(self, key: Hashable) -> bool:
        return any(entry.key == key and entry.is_running for entry in self._entries)
