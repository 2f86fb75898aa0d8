"""The fields of the workbench: a control with its label, and beneath it what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets

from imagewidget.displays.html_parts import block
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.image import reference as references

_LABEL = {"description_width": "7.5rem"}

Check = Callable[[str], object]


class Field:
    """A line of text, checked as it is typed.

    Args:
        label: What stands before it, and what a screen reader calls it.
        changed: Called after every change.
        check: Raises a DockerError or a ValueError for what does not fit.
        value: What stands in it at first.
        placeholder: An example, shown while it is empty.
        options: Values to offer.
        required: Whether it may not be empty.
    """

    def __init__(
        self,
        label: str,
        changed: Callable[[], None],
        *,
        check: Check | None = None,
        value: str = "",
        placeholder: str = "",
        options: Iterable[str] | None = None,
        required: bool = False,
    ) -> None:
        choices = {} if options is None else {"options": tuple(options)}
        make = ipywidgets.Text if options is None else ipywidgets.Combobox
        self.control: Any = make(
            value=value,
            description=label,
            placeholder=placeholder,
            style=_LABEL,
            layout={"width": "auto"},
            **choices,
        )
        self._check = check
        self._changed = changed
        self._required = required
        self.problem = Problem()
        self.widget: Any = ipywidgets.VBox([self.control, self.problem.widget])
        self.control.observe(self._on_change, "value")

    @property
    def value(self) -> str:
        """What stands in it, without spaces around."""
        return str(self.control.value).strip()

    @property
    def is_ready(self) -> bool:
        """Whether one can start with it."""
        return not self.problem and bool(self.value or not self._required)

    def submitted(self, then: Callable[[], None]) -> None:
        """Call `then` when Enter is pressed in it."""

        def received(_control: object, content: dict[str, Any], _buffers: object) -> None:
            if content.get("event") == "submit":
                then()

        self.control.on_msg(received)

    def _on_change(self, _change: object) -> None:
        self.problem.look(self._check, self.value)
        self._changed()


class Problem:
    """What is wrong, and what to write instead; nothing while nothing is."""

    def __init__(self) -> None:
        self.widget: Any = ipywidgets.HTML()
        self.widget.layout.display = "none"
        self.widget.add_class("iw-wb-problem")

    def __bool__(self) -> bool:
        return bool(self.widget.value)

    def look(self, check: Check | None, value: str) -> None:
        """Check a value; an empty one is nobody's fault."""
        error: Exception | None = None
        if value and check is not None:
            try:
                check(value)
            except (DockerError, ValueError, OSError) as found:
                error = found
        self.show(error)

    def show(self, error: Exception | None) -> None:
        """Show an error with its hint, or nothing."""
        self.widget.value = "" if error is None else _explained(error)
        self.widget.layout.display = "none" if error is None else None


def words_in(text: str) -> tuple[str, ...]:
    """Split a list that a person wrote, with commas or spaces between."""
    return tuple(text.replace(",", " ").split())


def check_reference(text: str) -> None:
    """Raise InvalidReference unless it is the name of an image."""
    references.parse(text)


def check_registries(text: str) -> None:
    """Raise InvalidReference unless all are names of registries."""
    for host in words_in(text):
        references.registry_host(host)


def check_directory(text: str) -> None:
    """Raise ValueError unless it is a directory."""
    if not folder_at(text).is_dir():
        raise ValueError(f"There is no folder `{text}`.")


def folder_at(text: str) -> Path:
    """Give the path that was typed, with `~` resolved.

    Raises:
        ValueError: It begins with `~name`, and there is nobody of that name.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"There is no folder `{text}`.") from error


def _explained(error: Exception) -> str:
    message = error.message if isinstance(error, DockerError) else str(error)
    hint = error.hint if isinstance(error, DockerError) else ""
    parts = (block(message), f"→ {block(hint)}" if hint else "")
    return f'<span role="alert">{"<br>".join(part for part in parts if part)}</span>'
