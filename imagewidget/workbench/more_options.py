"""The options of a build that a form has no field of its own for, generated from their list.

A bool becomes a checkbox, a `Literal` a choice, a mapping lines of `NAME=value`, and a
number, a str or several a text field. Options of other types, such as credentials, are left out.
"""

from __future__ import annotations

import os
import re
import types
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import ipywidgets

from imagewidget.displays.html_parts import block
from imagewidget.engine.request.options import Option, described
from imagewidget.workbench.fields import (
    LABEL,
    PLATFORMS,
    Changed,
    Field,
    Lines,
    number_in,
    words_in,
)

_NONE = type(None)
_PLAIN = {str, int, float, _NONE}
# What leaving it out means, which a form shows in the empty field.
_LEFT_OUT = re.compile(r"; None for ([^.;]+)")
# Only code can pass None.
_ABOUT_NONE = re.compile(r";[^.;]*\bNone\b[^.;]*")
_SUGGESTED = {"platform": PLATFORMS}


@dataclass(frozen=True)
class _Row:
    """One option in the form.

    Attributes:
        widget: Its control, with a note.
        read: Returns its value; None if nothing was chosen.
        is_ready: Returns whether what was typed is valid.
    """

    widget: Any
    read: Callable[[], Any]
    is_ready: Callable[[], bool] = lambda: True


class MoreOptions:
    """A section of a form, folded at first, with the options that the form lacks.

    Args:
        changed: Called after every change.
        without: The names of the options that the form has already, or cannot have.
    """

    def __init__(self, changed: Changed, *, without: Collection[str]) -> None:
        self._changed = changed
        self._rows = dict(_rows(self._look, without))
        self._fold: Any = ipywidgets.Button(layout={"width": "auto"})
        self._fold.on_click(lambda _button: self._toggle())
        self._body: Any = ipywidgets.VBox([row.widget for row in self._rows.values()])
        self._body.add_class("iw-wb-more-body")
        self._body.layout.display = "none"
        self.widget: Any = ipywidgets.VBox([self._fold, self._body])
        self.widget.add_class("iw-wb-more")
        self._name()

    @property
    def is_ready(self) -> bool:
        """Whether every option is valid."""
        return all(row.is_ready() for row in self._rows.values())

    @property
    def key(self) -> Hashable:
        """What was chosen, in a form that can be compared."""
        return repr(self.chosen()) if self.is_ready else None

    def chosen(self) -> dict[str, Any]:
        """Return the options that were set, by name.

        Raises:
            ValueError: One of them is not valid.
        """
        values = {name: row.read() for name, row in self._rows.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _toggle(self) -> None:
        self._body.layout.display = None if self._is_folded else "none"
        self._name()

    @property
    def _is_folded(self) -> bool:
        return bool(self._body.layout.display == "none")

    def _look(self) -> None:
        self._name()
        self._changed()

    def _name(self) -> None:
        """Name on the button how many options are set, because they may be folded."""
        number = len(self.chosen()) if self.is_ready else None
        more = " · not valid" if number is None else f" · {number} set" if number else ""
        self._fold.description = f"More options{more}"
        self._fold.icon = "caret-right" if self._is_folded else "caret-down"
        self._fold.tooltip = "Show more options" if self._is_folded else "Hide these options"


def title(name: str) -> str:
    """Return what a form calls an option."""
    return described()[name][1].label or name.replace("_", " ").capitalize()


def sentence(name: str) -> str:
    """Return what an option does, as the label of a checkbox."""
    return described()[name][1].text.removesuffix(".")


def _rows(changed: Changed, without: Collection[str]) -> Iterator[tuple[str, _Row]]:
    for name, (kind, option) in described().items():
        row = None if name in without else _row(name, kind, option, changed)
        if row is not None:
            yield name, row


def _row(name: str, kind: Any, option: Option, changed: Changed) -> _Row | None:
    """Return the row of an option; None if there is no control for its type."""
    kinds = set(_members(kind)) - {_NONE}
    if kinds == {bool}:
        return _checkbox(name, changed)
    if get_origin(kind) is Literal:
        return _choice(name, kind, option, changed)
    if kinds and kinds <= {int, float}:
        return _number(name, float if float in kinds else int, option, changed)
    if str in kinds and kinds <= {str, Iterable[str], os.PathLike[str]}:
        return _field(name, option, changed, is_list=Iterable[str] in kinds)
    if len(kinds) == 1 and get_origin(one := kinds.pop()) is Mapping:
        _key, value = get_args(one)
        return _lines(name, option, changed) if set(_members(value)) <= _PLAIN else None
    return None


def _members(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _checkbox(name: str, changed: Changed) -> _Row:
    control: Any = ipywidgets.Checkbox(description=sentence(name), indent=False)
    control.observe(lambda _change: changed(), "value")
    return _Row(control, lambda: control.value or None)


def _choice(name: str, kind: Any, option: Option, changed: Changed) -> _Row:
    control: Any = ipywidgets.Dropdown(
        options=get_args(kind),
        value=option.default,
        description=title(name),
        style=LABEL,
        layout={"width": "auto"},
    )
    control.observe(lambda _change: changed(), "value")
    return _Row(
        _noted(control, option),
        lambda: None if control.value == option.default else control.value,
    )


def _number(name: str, kind: type[int | float], option: Option, changed: Changed) -> _Row:
    field = Field(
        title(name),
        changed,
        check=lambda text: number_in(text, kind),
        placeholder=_when_left_out(option),
    )
    return _Row(
        _noted(field.widget, option),
        lambda: number_in(field.value, kind) if field.value else None,
        lambda: field.is_ready,
    )


def _field(name: str, option: Option, changed: Changed, *, is_list: bool) -> _Row:
    field = Field(
        title(name),
        changed,
        placeholder=_when_left_out(option),
        options=_SUGGESTED.get(name),
    )

    def read() -> Any:
        return (words_in(field.value) if is_list else field.value) or None

    return _Row(_noted(field.widget, option, is_list=is_list), read, lambda: field.is_ready)


def _lines(name: str, option: Option, changed: Changed) -> _Row:
    lines = Lines(title(name), changed)
    return _Row(_noted(lines.widget, option), lambda: lines.pairs() or None, lambda: lines.is_ready)


def _when_left_out(option: Option) -> str:
    found = _LEFT_OUT.search(option.text)
    return found[1] if found else ""


def _noted(control: Any, option: Option, *, is_list: bool = False) -> Any:
    """Return a control with the option's description beneath it, as a form words it."""
    words = _ABOUT_NONE.sub("", option.text).replace('`"', "`").replace('"`', "`")
    note: Any = ipywidgets.HTML(
        block(f"{words} Separate several with commas." if is_list else words)
    )
    note.add_class("iw-wb-note")
    return ipywidgets.VBox([control, note])
