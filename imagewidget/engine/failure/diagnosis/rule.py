"""A row of the tables: what a line of a log says of the cause."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

NAME = r"[\w.+@/\[\]-]{1,80}"
"""The name of a package, a program or a library."""

PINNED = r"[\w.+@/\[\]<>=!~-]{1,80}"
"""A name with a version, such as `numpy==2.4`."""


@dataclass(frozen=True)
class Rule:
    """A log in which a line matches means this cause.

    Attributes:
        name: A short name, such as `pip-no-package`.
        pattern: Matches one line; its named groups are the values below.
        summary: What went wrong, as the end of a sentence, without a full stop.
        advice: What to do, in one or two sentences.
        beside: Must match a line too.
        is_flowed: Whether `pattern` matches the whole text, for programs that wrap their lines.
    """

    name: str
    pattern: str = field(repr=False)
    summary: str = field(repr=False)
    advice: str = field(repr=False)
    beside: str = field(default="", repr=False)
    is_flowed: bool = False

    @cached_property
    def finds(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self.pattern)

    @cached_property
    def needs(self) -> re.Pattern[str] | None:
        """The compiled pattern of what has to be there too."""
        return re.compile(self.beside) if self.beside else None
