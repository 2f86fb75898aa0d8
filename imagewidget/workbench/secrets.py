"""The secrets of a build: their ids are kept, their values are used once and cleared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from imagewidget.jupyter.routing import answer_while_busy
from imagewidget.workbench.fields import Problem

_STATIC = Path(__file__).parent / "static"


class Secrets:
    """A list of secrets, each an id and a masked value.

    The values are held only in the kernel, never in the state of a widget, and only
    until a build has started with them.

    Args:
        changed: Called when a row is added, removed, completed or emptied.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._rows: list[tuple[Any, SecretField, Any]] = []
        self._box: Any = ipywidgets.VBox()
        add: Any = ipywidgets.Button(
            description="Add a secret",
            icon="plus",
            tooltip="For RUN --mount=type=secret,id=…; needs BuildKit",
        )
        add.on_click(lambda _button: self.add())
        self._problem = Problem()
        self.widget: Any = ipywidgets.VBox([self._box, self._problem.widget, add])
        self.widget.add_class("iw-wb-secrets")

    def add(self) -> None:
        """Add an empty row."""
        number = len(self._rows) + 1
        name: Any = ipywidgets.Text(
            description="Secret",
            placeholder="id",
            style={"description_width": "7.5rem"},
            layout={"flex": "1 1 12rem", "width": "auto", "min_width": "0"},
        )
        value = SecretField(f"Value of secret {number}")
        value.layout.flex = "1 1 9rem"
        remove: Any = ipywidgets.Button(
            icon="times", tooltip="Remove this secret", layout={"width": "2.2rem"}
        )
        row: Any = ipywidgets.HBox([name, value, remove])
        row.add_class("iw-wb-row")
        answer_while_busy(row)
        name.observe(self._look, "value")
        value.observe(self._look, "is_held")
        entry = (name, value, row)
        remove.on_click(lambda _button: self._remove(entry))
        self._rows.append(entry)
        self._show()

    @property
    def is_ready(self) -> bool:
        """Whether every value has an id, and every id a value."""
        return not self._missing()

    def given(self) -> dict[str, str]:
        """Return the values of the secrets by id."""
        given = {name.value.strip(): value.text for name, value, _row in self._rows}
        return {name: value for name, value in given.items() if name and value}

    def forget(self) -> None:
        """Clear the values and keep the ids."""
        for _name, value, _row in self._rows:
            value.forget()

    def _missing(self) -> str:
        """Describe what the first incomplete row lacks; empty if every row is complete."""
        for name, value, _row in self._rows:
            written = name.value.strip()
            if value.is_held and not written:
                return "A secret has a value but no id: enter its id, or remove the secret."
            if written and not value.is_held:
                return (
                    f"The secret `{written}` has no value: enter its value, or remove the secret."
                )
        return ""

    def _remove(self, entry: tuple[Any, SecretField, Any]) -> None:
        entry[1].forget()
        self._rows.remove(entry)
        self._show()

    def _show(self) -> None:
        self._box.children = tuple(row for _name, _value, row in self._rows)
        self._look()

    def _look(self, _change: object = None) -> None:
        """Show what is missing, so that no secret is dropped silently."""
        missing = self._missing()
        self._problem.show(ValueError(missing) if missing else None)
        self._changed()


class SecretField(anywidget.AnyWidget):
    """A password field whose text is not part of the widget's state.

    The browser sends the text as a message, never as a trait. Neither the kernel's
    nor the front end's copy of the widget holds it, and so a saved notebook does
    not contain it, even if it is saved with the state of its widgets.

    Args:
        label: The label that screen readers announce.

    Attributes:
        is_held: Whether the kernel holds a value. After the page is reloaded the
            field is empty although the value is still set; its placeholder says so.
    """

    _esm = _STATIC / "secret.js"
    label = traitlets.Unicode().tag(sync=True)
    is_held = traitlets.Bool(False).tag(sync=True)

    def __init__(self, label: str) -> None:
        super().__init__(label=label)
        self._text = ""
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"<SecretField {self.label!r}>"

    @property
    def text(self) -> str:
        """The text that was typed."""
        return self._text

    def forget(self) -> None:
        """Clear the text, in the kernel and in the browser."""
        self._text = ""
        self.is_held = False
        self.send({"type": "clear"})

    def _receive(self, _field: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "text":
            self._text = str(content.get("text", ""))
            self.is_held = bool(self._text)
