"""The outline of a Dockerfile: its stages, its instructions and their lines.

This is not a parser for building; :mod:`imagewidget.engine.dockerfile.instructions` describes
how the text is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from imagewidget.engine.dockerfile.instructions import Instruction, Reader, Stage
from imagewidget.progress.events import SourceLine

__all__ = ["Dockerfile", "Instruction", "Stage", "read_dockerfile"]

_LEAST_LIKENESS = 0.6
_OWN_FRONTEND = ("docker/dockerfile", "docker.io/docker/dockerfile")


@dataclass(frozen=True)
class Dockerfile:
    """The outline of a Dockerfile.

    Attributes:
        text: The whole text.
        directives: The parser directives in the comments at the top, such as `syntax`.
        instructions: All instructions, in order.
        stages: All stages, in order.
    """

    text: str
    directives: Mapping[str, str]
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]

    @property
    def syntax(self) -> str | None:
        """The frontend image that a `# syntax=` line asks for."""
        return self.directives.get("syntax")

    @property
    def is_for_own_frontend(self) -> bool:
        """Whether it is for Docker's own frontend; other frontends may use another syntax."""
        return self.syntax is None or self.syntax.startswith(_OWN_FRONTEND)

    def stage_called(self, name: str, *, before: int | None = None) -> int | None:
        """Return the index of a stage, the last of those with the same name; None if missing.

        Args:
            name: The name, in upper or lower case, or the index of the stage.
            before: Look only at stages before this index.
        """
        stages = self.stages[:before]
        for stage in reversed(stages):
            if stage.name and stage.name.lower() == name.lower():
                return stage.index
        return int(name) if name.isdecimal() and int(name) < len(stages) else None

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
        lines = self.text.splitlines()
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
    reader = Reader(text.removeprefix("\ufeff").splitlines())
    reader.read()
    return Dockerfile(
        text=text,
        directives=reader.directives,
        instructions=tuple(reader.instructions),
        stages=tuple(reader.stages),
    )


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _likeness(one: str, other: str) -> float:
    """Return how similar two instructions are, from 0 to 1; 1 only if they are equal."""
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() * 0.99
