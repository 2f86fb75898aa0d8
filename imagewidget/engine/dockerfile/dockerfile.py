"""The outline of a Dockerfile: its stages, its instructions and their lines.

This is not a parser for building; :mod:`imagewidget.engine.dockerfile.instructions` describes
how the text is read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from imagewidget.engine.dockerfile.instructions import Instruction, Reader, Stage, split_lines
from imagewidget.engine.dockerfile.syntax import syntax_of
from imagewidget.progress.events import SourceLine

__all__ = ["Dockerfile", "Instruction", "Stage", "read_dockerfile"]

_LEAST_LIKENESS = 0.6
_VARIABLE = re.compile(r"\$(?:\w+|\{[^{}]*\})")
_INDEX = re.compile(r"0*[0-9]{1,9}")
_OWN_FRONTEND = ("docker/dockerfile", "docker.io/docker/dockerfile")


@dataclass(frozen=True)
class Dockerfile:
    """The outline of a Dockerfile.

    Attributes:
        text: The whole text.
        directives: The parser directives in the comments at the top, such as `syntax`.
        instructions: All instructions, in order.
        stages: All stages, in order.
        syntax: The frontend image that it asks for, as in a `# syntax=` line.
    """

    text: str
    directives: Mapping[str, str]
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    syntax: str | None = None

    @property
    def is_for_own_frontend(self) -> bool:
        """Whether it is for Docker's own frontend; other frontends may use another syntax."""
        return self.syntax is None or self.syntax.startswith(_OWN_FRONTEND)

    @property
    def last_line(self) -> int:
        """The number of its last line."""
        return len(split_lines(self.text))

    def stage_called(self, name: str, *, before: int | None = None) -> int | None:
        """Return the index of a stage, the last of those with the same name; None if missing.

        Args:
            name: The name, in upper or lower case, or the index of the stage.
            before: Look only at stages before this index.
        """
        end = len(self.stages) if before is None else before
        named = self._named.get(name.lower(), [])
        count = bisect_left(named, end)
        if count:
            return named[count - 1]
        index = int(name.lstrip("0") or "0") if _INDEX.fullmatch(name) else end
        return index if index < end else None

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """The indexes of the stages with each name, in lower case."""
        named = defaultdict(list)
        for stage in self.stages:
            if stage.name:
                named[stage.name.lower()].append(stage.index)
        return dict(named)

    @cached_property
    def by_stage(self) -> list[list[Instruction]]:
        """The instructions of each stage."""
        found: list[list[Instruction]] = [[] for _ in self.stages]
        for instruction in self.instructions:
            if instruction.stage is not None:
                found[instruction.stage].append(instruction)
        return found

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """Return the stage that an instruction belongs to; None before the first `FROM`."""
        return None if instruction.stage is None else self.stages[instruction.stage]

    def step(self, number: int) -> Instruction | None:
        """Return the instruction of the classic builder's `Step number/m`.

        An `ARG` before the first `FROM` counts as a step, too
        (moby, `dispatchDockerfileWithCancellation`).
        """
        if 1 <= number <= len(self.instructions):
            return self.instructions[number - 1]
        return None

    def find(self, name: str, *, stage: str = "") -> Instruction | None:
        """Find the instruction that a builder shows as `name`.

        Args:
            name: The name as shown, such as `RUN pip install numpy`, without
                `[stage 3/7]`. Variables in it may have been expanded.
            stage: The name of the stage if known, or `stage-0`.

        Returns:
            The instruction with the same text except for whitespace, else the most
            similar one with the same keyword; None if none is similar enough.
        """
        wanted = _squeeze(name)
        keyword = wanted.split(" ", 1)[0].upper()
        candidates = [one for one in self.instructions if one.keyword == keyword]
        in_stage = [one for one in candidates if stage and self._is_in(one, stage)]
        if in_stage and keyword == "FROM":
            return in_stage[0]  # a FROM is shown with the full name of its image
        best, best_likeness = None, _LEAST_LIKENESS
        for instruction in in_stage or candidates:
            likeness = _likeness(_squeeze(instruction.text), wanted)
            if likeness > best_likeness:
                best, best_likeness = instruction, likeness
        return best

    def source_lines(
        self, line: int, *, around: int = 3, last: int | None = None
    ) -> tuple[SourceLine, ...]:
        """Return the lines of an instruction and those around it.

        Args:
            line: Its first line, from 1.
            around: How many lines to return before and after it.
            last: Its last line; None if it is the same as `line`.
        """
        lines = split_lines(self.text)
        end = max(line, last or line)
        first_shown = max(1, line - around)
        last_shown = min(len(lines), end + around)
        return tuple(
            SourceLine(number, lines[number - 1], is_failing=line <= number <= end)
            for number in range(first_shown, last_shown + 1)
        )

    def _is_in(self, instruction: Instruction, stage: str) -> bool:
        found = self.stage_of(instruction)
        return found is not None and stage.lower() in (found.label.lower(), f"stage-{found.index}")


def read_dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile; any text is accepted."""
    reader = Reader(split_lines(text))
    reader.read()
    return Dockerfile(
        text=text,
        directives=reader.directives,
        instructions=tuple(reader.instructions),
        stages=tuple(reader.stages),
        syntax=syntax_of(reader.lines),
    )


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _likeness(written: str, shown: str) -> float:
    """Return how similar two instructions are, from 0 to 1; 1 only if they are equal.

    The time it takes is proportional to their length. Compared are the words around the
    variables, which a builder may have expanded, or else the beginning and the end.
    """
    if written == shown:
        return 1.0
    longest = max(len(written), len(shown))
    pieces = _VARIABLE.split(written)
    if len(pieces) > 1 and are_in_order(pieces, shown):
        return 0.99
    start = _alike(written, shown)
    end = _alike(written[start:][::-1], shown[start:][::-1])
    return 0.98 * (start + end) / longest


def are_in_order(pieces: list[str], text: str) -> bool:
    """Return whether `text` consists of the pieces, with anything between them."""
    if not (text.startswith(pieces[0]) and text.endswith(pieces[-1])):
        return False
    position = len(pieces[0])
    for piece in pieces[1:-1]:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return position <= len(text) - len(pieces[-1])


def _alike(one: str, other: str) -> int:
    """Return how many characters two strings begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
