"""Read the instructions of a Dockerfile and their line numbers.

The reader is tolerant and accepts any text. It follows BuildKit's
`frontend/dockerfile/parser`: directives at the top, an escape character that
continues a line, comments and blank lines inside a continued instruction, and
heredocs after `RUN`, `COPY` and `ADD`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from imagewidget.engine.dockerfile.heredocs import SPACE, Heredoc, heredocs_in
from imagewidget.engine.dockerfile.syntax import directives_in

_FROM = re.compile(
    r"from\s+(?:--\S+\s+)*(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?\s*$",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"[{SPACE}]*")


@dataclass(frozen=True)
class Instruction:
    """One instruction, on one or several lines.

    Attributes:
        number: Its position among all instructions, from 1: the `n` of the classic
            builder's `Step n/m`.
        keyword: The keyword in upper case, such as `RUN`.
        text: The whole instruction on one line, without comments or heredoc bodies.
        line: Its first line, from 1.
        last_line: Its last line, including heredocs.
        stage: The index of its stage; None before the first `FROM`.
        has_heredoc: Whether it has heredocs that end.
        is_unterminated: Whether it has a heredoc that does not end.
    """

    number: int
    keyword: str
    text: str
    line: int
    last_line: int
    stage: int | None
    has_heredoc: bool = False
    is_unterminated: bool = False


@dataclass(frozen=True)
class Stage:
    """One stage, from its `FROM` on: the `base` as written, and its name or ""."""

    index: int
    base: str
    name: str
    line: int

    @property
    def label(self) -> str:
        """BuildKit's label for it: its name, or else its index as in `stage-0`."""
        return self.name or f"stage-{self.index}"


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a Dockerfile: only `\n` ends a line, with any `\r` before it."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    if not lines[-1]:
        del lines[-1]
    return lines


@dataclass
class Reader:
    """Reads line by line; the results are in `directives`, `instructions` and `stages`."""

    lines: list[str]
    position: int = 0
    directives: dict[str, str] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def read(self) -> None:
        """Read all lines."""
        self.directives = directives_in(self.lines)
        escape = self.directives.get("escape", "\\")
        while self.position < len(self.lines):
            self._read_instruction(escape)

    def _read_instruction(self, escape: str) -> None:
        first = self.position
        parts: list[str] = []
        while self.position < len(self.lines):
            line = self.lines[self.position]
            self.position += 1
            if _is_passed_over(line):
                if parts:
                    continue
                return
            part, is_continued = _continued(line, escape)
            parts.append(part)
            if not is_continued:
                break
        text = _joined(parts)
        if not text:
            return
        heredocs = tuple(heredocs_in(text))
        ends = self._end_of(heredocs)
        if ends is not None:
            self.position = ends
        self._add(text, first, heredocs_end=ends is not None if heredocs else None)

    def _end_of(self, heredocs: Iterable[Heredoc]) -> int | None:
        """Return the line after heredocs; None if one of them does not end."""
        position = self.position
        for heredoc in heredocs:
            places = self._places[heredoc.chomp].get(heredoc.end, [])
            index = bisect_left(places, position)
            if index == len(places):
                return None
            position = places[index] + 1
        return position

    @cached_property
    def _places(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The numbers of the lines by their content, as they are and without leading tabs.

        With them, a heredoc that never ends costs no search of the rest of the file.
        """
        places: tuple[dict[str, list[int]], ...] = (defaultdict(list), defaultdict(list))
        for number, line in enumerate(self.lines):
            places[0][line].append(number)
            places[1][line.lstrip("\t")].append(number)
        return places[0], places[1]

    def _add(self, text: str, first: int, *, heredocs_end: bool | None) -> None:
        keyword = text.split(None, 1)[0].upper()
        if keyword == "FROM":
            match = _FROM.match(text)
            base = match["base"] if match else text[len("FROM") :].strip()
            name = (match["name"] or "") if match else ""
            self.stages.append(Stage(len(self.stages), base, name, first + 1))
        self.instructions.append(
            Instruction(
                number=len(self.instructions) + 1,
                keyword=keyword,
                text=text,
                line=first + 1,
                last_line=self.position,
                stage=len(self.stages) - 1 if self.stages else None,
                has_heredoc=heredocs_end is True,
                is_unterminated=heredocs_end is False,
            ),
        )


def _joined(parts: Iterable[str]) -> str:
    """Join continued lines, with one blank for the white space between two of them."""
    found: list[str] = []
    is_apart = False
    for part in parts:
        content = part.strip(" \t")
        is_apart |= content != part and part[:1] in (" ", "\t")
        if content:
            found += [" ", content] if is_apart else [content]
            is_apart = part[-1:] in (" ", "\t")
    return _stripped("".join(found)).rstrip()


def _stripped(line: str) -> str:
    """Remove leading white space, as Go does."""
    found = _LEADING.match(line)
    return line[found.end() :] if found else line


def _is_passed_over(line: str) -> bool:
    """Return whether a line is blank or a comment."""
    stripped = _stripped(line)
    return not stripped or stripped.startswith("#")


def _continued(line: str, escape: str) -> tuple[str, bool]:
    """Return a line without the escape character that continues it, and whether it has one."""
    content = line.rstrip(" \t")
    if content.endswith(escape) and content[-2:-1] != escape:
        return content[: -len(escape)], True
    return line, False
