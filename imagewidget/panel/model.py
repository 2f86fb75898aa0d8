"""The panel's model in the front end, and how the front end's modules reach it."""

from __future__ import annotations

import uuid
from typing import Any

import anywidget
import ipywidgets
import traitlets

from imagewidget.jupyter.host import needs_view
from imagewidget.jupyter.kernel import is_headless
from imagewidget.jupyter.routing import accept_on_control, answer_while_busy
from imagewidget.panel import modules, wire


class _Layout(ipywidgets.Layout):  # type: ignore[misc]
    """A layout that leaves out what is not set: most of its sixty properties, in every panel."""

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state; all of it means all that is set."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if key is None:
            return {name: value for name, value in state.items() if value is not None}
        return state


class _WhenUsed(ipywidgets.trait_types.InstanceDict):  # type: ignore[misc]
    """A layout that is created when it is first used, and sent then: few panels need one."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the layout."""
        is_new = not obj.trait_has_value(self.name)
        layout = super().get(obj, cls)
        if is_new and obj.comm is not None:
            obj.send_state(self.name)
        return layout


class Model(anywidget.AnyWidget):
    """A widget that has only a stub of its front end; the page receives the rest once.

    There is no model where the notebook is run without a front end, unless a box needs one.
    """

    _esm = modules.STATIC / "stub.js"

    # The id of the HTML into which the panel is drawn, and of the model.
    _mount = traitlets.Unicode().tag(sync=True)
    # The id for the browser's messages while a cell is running; "" if there is none.
    _comm_id = traitlets.Unicode().tag(sync=True)
    # Whether the front end's core follows, so that the page need not ask for it.
    _is_sending = traitlets.Bool(False).tag(sync=True)

    layout = _WhenUsed(ipywidgets.Layout).tag(sync=True, **ipywidgets.widget_serialization)

    _is_deferred = False

    def __init__(self) -> None:
        mount = uuid.uuid4().hex
        self._unasked: set[str] = set()  # the modules that this panel was followed by, if due
        self._is_alone = False
        super().__init__(model_id=mount, _mount=mount)

    @traitlets.default("layout")
    def _default_layout(self) -> _Layout:
        return _Layout()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state; all of it means all that differs from the front end's defaults."""
        if key is not None:
            chosen: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
            return chosen
        is_used = self.trait_has_value("layout")
        keys = [name for name in self.keys if is_used or name != "layout"]
        state = super().get_state(key=keys, drop_defaults=drop_defaults)
        return {name: value for name, value in state.items() if value not in (None, [])}

    def open(self) -> None:
        """Create the model in the front end, if there is one."""
        if is_headless():
            self._is_deferred = True
        elif self.comm is None:
            self._open()

    def _open(self) -> None:
        self._is_deferred = False
        self._is_alone = needs_view()
        self._is_sending = self._is_due(modules.CORE)
        self._comm_id = self._mount if accept_on_control() else ""
        super().open()
        answer_while_busy(self)
        if self._is_sending:
            self._send_module(modules.CORE)
            self._is_sending = False

    @property
    def model_id(self) -> Any:
        """The id of the model; a box that contains the panel needs it, even without a front end."""
        if self._is_deferred:
            self._open()
        return super().model_id

    def _send_details(self) -> None:
        """Send what a panel shows besides the progress, if its page may not have it."""
        if self.comm is not None and self._is_due(modules.DETAILS):
            self._send_module(modules.DETAILS)

    def _is_due(self, name: str) -> bool:
        """Return whether to send a module unasked; from then on, it was sent.

        Where a panel needs a view, its page may be one of its own, as in Colab, or one that
        was loaded again without the panels before it, as in VS Code.
        """
        if name in self._unasked:
            return False
        self._unasked.add(name)
        return modules.is_due(name) or self._is_alone

    def _send_module(self, name: str) -> None:
        content = {"v": wire.VERSION, "type": "module", "name": name}
        self.send(content, [modules.source(name)])
