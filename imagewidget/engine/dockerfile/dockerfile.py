"""The little that must be known of a Dockerfile: its stages, and what stands where.

Not a parser for building: see :mod:`imagewidget.engine.dockerfile.instructions` for how it
is read.
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
    """A Dockerfile as far as it must be known.

    Attributes:
        text: The whole text.
        directives: What stands in comments at the very top, such as `syntax`.
        instructions: In order.
        stages: In order.
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
        """Whether Docker's own frontend reads it; for another it may be no Dockerfile at all."""
        return self.syntax is None or self.syntax.startswith(_OWN_FRONTEND)

    def stage_called(self, name: str, *, before: int | None = None) -> int | None:
        """Find a stage: by name in any case, the last so called, else by index.

        Args:
            name: What it is called.
            before: Look only at stages before this index.
        """
        stages = self.stages[:before]
        for stage in reversed(stages):
            if stage.name and stage.name.lower() == name.lower():
                return stage.index
        return int(name) if name.isdecimal() and int(name) < len(stages) else None

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """Give the stage that an instruction belongs to."""
        return None if instruction.stage is None else self.stages[instruction.stage]

    def step(self, number: int) -> Instruction | None:
        """Give the instruction of the classic builder's `Step number/m`.

        Also an `ARG` before the first `FROM` counts as a step there
        (moby, `dispatchDockerfileWithCancellation`).
        """
        if 1 <= number <= len(self.instructions):
            return self.instructions[number - 1]
        return None

    def find(self, name: str, *, stage: str = "") -> Instruction | None:
        """Find the instruction that a builder shows as `name`.

        Args:
            name: As the builder shows it, such as `RUN pip install numpy`,
                without `[stage 3/7]`. Variables may be expanded in it.
            stage: The stage's name if it is known, or `stage-0`.

        Returns:
            The one whose text is the same but for blanks, else the most alike
            with the same keyword; None if none is alike.
        """
        wanted = _squeeze(name)
        keyword = wanted.split(" ", 1)[0].upper()
        candidates = [one for one in self.instructions if one.keyword == keyword]
        in_stage = [one for one in candidates if stage and self._is_in(one, stage)]
        if in_stage and keyword == "FROM":
            return in_stage[0]  # it is shown with its image's full name
        best, best_likeness = None, _LEAST_LIKENESS
        for instruction in in_stage or candidates:
            likeness = _likeness(_squeeze(instruction.text), wanted)
            if likeness > best_likeness:
                best, best_likeness = instruction, likeness
        return best

    def source_lines(
        self, line: int, *, around: int = 3, last: int | None = None
    ) -> tuple[SourceLine, ...]:
        """Give the lines around an instruction.

        Args:
            line: Its first line, from 1.
            around: How many lines to give before and after it.
            last: Its last line; the same as `line` if not given.
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
    """Read a Dockerfile; never fails, whatever the text."""
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
    """Say how alike two instructions are, 1 for the same."""
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() * 0.99
