"""The fields of the workbench: a labelled control, with its error message beneath."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets

from imagewidget.displays.html_parts import block
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.image import reference as references

LABEL = {"description_width": "7.5rem"}
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/ppc64le", "linux/s390x")

Changed = Callable[[], None]
Check = Callable[[str], object]


class Field:
    """A single-line text field, checked as the user types.

    Args:
        label: The label, which screen readers announce too.
        changed: Called after every change.
        check: Raises a DockerError or a ValueError if the value is not valid.
        value: The initial value.
        placeholder: An example, shown while the field is empty.
        options: Values to suggest.
        required: Whether the field must be filled in.
    """

    def __init__(
        self,
        label: str,
        changed: Changed,
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
            style=LABEL,
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
        """The text in the field, without surrounding whitespace."""
        return str(self.control.value).strip()

    @property
    def is_ready(self) -> bool:
        """Whether the value is valid, and present if required."""
        return not self.problem and bool(self.value or not self._required)

    def submitted(self, then: Callable[[], None]) -> None:
        """Call `then` when Enter is pressed in the field."""

        def received(_control: object, content: dict[str, Any], _buffers: object) -> None:
            if content.get("event") == "submit":
                then()

        self.control.on_msg(received)

    def _on_change(self, _change: object) -> None:
        self.problem.look(self._check, self.value)
        self._changed()


class Lines:
    """A text area for lines of `NAME=value`, checked as the user types.

    Args:
        label: The label, which screen readers announce too.
        changed: Called after every change.
    """

    def __init__(self, label: str, changed: Changed) -> None:
        self.control: Any = ipywidgets.Textarea(
            description=label,
            placeholder="NAME=value, one per line",
            rows=2,
            style=LABEL,
            layout={"width": "auto"},
        )
        self.control.add_class("iw-wb-editor")
        self._changed = changed
        self.problem = Problem()
        self.widget: Any = ipywidgets.VBox([self.control, self.problem.widget])
        self.control.observe(self._on_change, "value")

    @property
    def value(self) -> str:
        """The text as it was typed."""
        return str(self.control.value)

    @property
    def is_ready(self) -> bool:
        """Whether every line is valid."""
        return not self.problem

    def pairs(self) -> dict[str, str]:
        """Return the values by name.

        Raises:
            ValueError: A line does not have the form `NAME=value`.
        """
        return pairs_in(self.value)

    def _on_change(self, _change: object) -> None:
        self.problem.look(pairs_in, self.value)
        self._changed()


class Problem:
    """An error message with its hint; hidden while there is no error."""

    def __init__(self) -> None:
        self.widget: Any = ipywidgets.HTML()
        self.widget.layout.display = "none"
        self.widget.add_class("iw-wb-problem")

    def __bool__(self) -> bool:
        return bool(self.widget.value)

    def look(self, check: Check | None, value: str) -> None:
        """Check a value and show the error, if any; an empty value is always accepted."""
        error: Exception | None = None
        if value and check is not None:
            try:
                check(value)
            except (DockerError, ValueError, OSError) as found:
                error = found
        self.show(error)

    def show(self, error: Exception | None) -> None:
        """Show an error with its hint, or hide the message if there is none."""
        self.widget.value = "" if error is None else _explained(error)
        self.widget.layout.display = "none" if error is None else None


def words_in(text: str) -> tuple[str, ...]:
    """Split a list separated by commas or spaces."""
    return tuple(text.replace(",", " ").split())


def number_in(text: str, kind: type[int | float]) -> float:
    """Parse a number: a whole one if `kind` is int.

    Raises:
        ValueError: It is not a number, or not finite.
    """
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"`{text}` is not a {'whole ' if kind is int else ''}number.")
    return number


def pairs_in(text: str) -> dict[str, str]:
    """Parse lines of `NAME=value`.

    Raises:
        ValueError: A line does not have this form, or its name contains a blank.
    """
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if not equals or len(name.split()) != 1:
            raise ValueError(f"`{line.strip()}` must have the form NAME=value.")
        found[name.strip()] = value
    return found


def check_reference(text: str) -> None:
    """Raise InvalidReference unless `text` is a valid image reference."""
    references.parse(text)


def check_registries(text: str) -> None:
    """Raise InvalidReference unless `text` lists only valid registry hosts."""
    for host in words_in(text):
        references.registry_host(host)


def check_directory(text: str) -> None:
    """Raise ValueError unless `text` is the path of a directory."""
    if not folder_at(text).is_dir():
        raise ValueError(f"There is no directory `{text}`.")


def folder_at(text: str) -> Path:
    """Return the path that was typed, with `~` expanded.

    Raises:
        ValueError: The path begins with `~name`, and there is no user of that name.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"There is no directory `{text}`.") from error


def _explained(error: Exception) -> str:
    message = error.message if isinstance(error, DockerError) else str(error)
    hint = error.hint if isinstance(error, DockerError) else ""
    parts = (block(message), f"→ {block(hint)}" if hint else "")
    return f'<span role="alert">{"<br>".join(part for part in parts if part)}</span>'
