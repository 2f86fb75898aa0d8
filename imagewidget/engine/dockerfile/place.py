"""Find the lines of the Dockerfile that a step or an error message refers to.

The plain API of an engine does not report source lines. But BuildKit numbers the steps
of a stage (`[builder 3/7]`), and it is known which instructions it counts: `RUN`, `COPY`,
`ADD`, `WORKDIR`, and a `FROM` with an image to fetch (moby/buildkit
`frontend/dockerfile/dockerfile2llb/convert.go`, `cmdTotal`).
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from imagewidget.engine.dockerfile.dockerfile import Dockerfile, Instruction, are_in_order
from imagewidget.engine.dockerfile.instructions import split_lines
from imagewidget.progress.events import SourceLine

_COUNTED = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^${}]*))?\})")
_LONGEST_VALUE = 1000
# What these messages name is a part of an instruction with one of the keywords.
_COMPLAINTS = (
    (re.compile(r"base name \((.*)\) should not be blank"), ("FROM",)),
    (re.compile(r"can't find = in \"(.*?)\"\. Must be"), ("ENV", "LABEL")),
    (re.compile(r"invalid signal: (.*)", re.IGNORECASE), ("STOPSIGNAL",)),
    (re.compile(r"invalid containerPort: (.*)", re.IGNORECASE), ("EXPOSE",)),
)
_PROCESSED = re.compile(r"failed to process (\"(?:[^\"\\]|\\.)*\"): ")
_TWICE = re.compile(r"only one (\w{1,40}) parser directive can be used")
_NO_STAGE = "no build stage in current context"
_QUOTED = re.compile(r"[\"'`]([^\"'`]+)[\"'`]")


@dataclass(frozen=True)
class Lines:
    """Lines of a Dockerfile, from 1; not necessarily a complete instruction."""

    line: int
    last_line: int


Place = Instruction | Lines
"""The lines that an error refers to, from `line` to `last_line`."""


def lines_of(place: Place | None, dockerfile: Dockerfile) -> tuple[SourceLine, ...]:
    """Return the lines to show with an error: those of `place` and some around it."""
    return () if place is None else dockerfile.source_lines(place.line, last=place.last_line)


def instruction_of(
    name: str,
    dockerfile: Dockerfile,
    *,
    stage: str = "",
    target: str | None = None,
    number: int | None = None,
    count: int | None = None,
) -> Instruction | None:
    """Find the instruction that a step of BuildKit runs.

    Args:
        name: The name of the step, without its `[stage 3/7]`.
        dockerfile: The Dockerfile to search.
        stage: BuildKit's label for the stage; empty if there is none.
        target: The stage to build; None for the last.
        number: The number of the step within its stage, from 1.
        count: The number of steps in the stage.
    """
    stage = stage.rpartition(" ")[2]  # a platform may precede it
    counted = None
    if number is not None and count is not None:
        index = _stage_index(stage, dockerfile, target)
        in_stage = _counted(dockerfile, index)
        counted = _by_number(name, in_stage, number, count)
        is_before = number <= count - len(in_stage) and not name.startswith("FROM ")
        if index is not None and (is_before or name.startswith("ONBUILD ")):
            # Before the stage's own instructions are those of its base's ONBUILD; the
            # newest frontends say so.
            return _at(dockerfile.stages[index].line, dockerfile)
    found = counted or dockerfile.find(name, stage=stage)
    return found or dockerfile.find(name.partition(" (")[0], stage=stage)


def naming(image: str, dockerfile: Dockerfile, build_args: Mapping[str, str]) -> Instruction | None:
    """Find the instruction that needs an image: a `FROM`, or one with `--from=`.

    Args:
        image: The name that the engine uses for it.
        dockerfile: The Dockerfile to search.
        build_args: Values for the variables in a `FROM`.
    """
    short = _short(image)
    values = _arguments(dockerfile, build_args)
    bases = {stage.line: _short(_expanded(stage.base, values)) for stage in dockerfile.stages}
    for line, base in bases.items():
        if base == short:
            return _at(line, dockerfile)
    for instruction in dockerfile.instructions:
        for source in re.findall(r"\bfrom=([^\s,]+)", instruction.text):
            if _short(source) == short:
                return instruction
    # For a variable that only the engine knows, such as TARGETARCH, compare the rest of the name.
    fitting = [
        line
        for line, base in bases.items()
        if _VARIABLE.search(base) and are_in_order(_VARIABLE.split(base)[::4], short)
    ]
    return _at(fitting[0], dockerfile) if len(fitting) == 1 else None


def complained_of(text: str, dockerfile: Dockerfile) -> Place | None:
    """Find the only lines that an error message without a line can refer to.

    They are found by what the message says or quotes, else by the keyword that it begins with.
    """
    if "unterminated heredoc" in text:
        unended = (one.line for one in dockerfile.instructions if one.is_unterminated)
        line = next(unended, None)
        return None if line is None else Lines(line, dockerfile.last_line)
    if twice := _TWICE.search(text):
        return _second(twice[1], dockerfile)
    if _NO_STAGE in text:
        early = (one for one in dockerfile.instructions if one.keyword not in ("FROM", "ARG"))
        return next(early, None)
    return _quoted_in(text, dockerfile)


def _quoted_in(text: str, dockerfile: Dockerfile) -> Instruction | None:
    for pattern, keywords in _COMPLAINTS:
        if complaint := pattern.search(text):
            return next(
                (
                    one
                    for one in dockerfile.instructions
                    if one.keyword in keywords and complaint[1].split(":")[0] in one.text
                ),
                None,
            )
    if processed := _PROCESSED.search(text):
        with contextlib.suppress(ValueError):  # Go quotes a little more than JSON allows
            return mentioning(json.loads(processed[1]), dockerfile)
    for quoted in _QUOTED.findall(text):
        found = mentioning(quoted, dockerfile)
        if found is not None:
            return found
    keyword = text.split(" ", 1)[0]
    return _only([one for one in dockerfile.instructions if one.keyword == keyword])


def _second(directive: str, dockerfile: Dockerfile) -> Lines | None:
    """Return the second line with a parser directive."""
    written = re.compile(rf"\s*#\s*{directive}\s*=", re.IGNORECASE)
    lines = enumerate(split_lines(dockerfile.text), 1)
    found = [number for number, line in lines if written.match(line)]
    return Lines(found[1], found[1]) if len(found) > 1 else None


def mentioning(text: str, dockerfile: Dockerfile) -> Instruction | None:
    """Return the instruction that contains `text`; None unless there is exactly one."""
    return _only([one for one in dockerfile.instructions if text in one.text])


def around(line: int, dockerfile: Dockerfile) -> Instruction | None:
    """Return the instruction that a line belongs to."""
    for instruction in dockerfile.instructions:
        if instruction.line <= line <= instruction.last_line:
            return instruction
    return None


def from_line(line: int, dockerfile: Dockerfile) -> Lines | None:
    """Return the lines from `line` to the end of its instruction; None for line 0."""
    instruction = around(line, dockerfile)
    last_line = line if instruction is None else instruction.last_line
    return Lines(line, last_line) if line else None


def _counted(dockerfile: Dockerfile, stage: int | None) -> list[Instruction]:
    """Return the instructions of a stage that always count as steps."""
    return [
        one
        for one in dockerfile.instructions
        if stage is not None and one.stage == stage and one.keyword in _COUNTED
    ]


def _by_number(
    name: str, counted: list[Instruction], number: int, count: int
) -> Instruction | None:
    # A FROM, if counted, comes first, followed by any ONBUILD of the base image.
    index = number - 1 - (count - len(counted))
    if count >= len(counted) and 0 <= index < len(counted):
        keyword = name.split(" ", 1)[0].upper()
        return counted[index] if counted[index].keyword == keyword else None
    return None


def _stage_index(name: str, dockerfile: Dockerfile, target: str | None) -> int | None:
    for wanted in (name, target or ""):
        for stage in dockerfile.stages:
            if wanted and wanted.lower() in (stage.label.lower(), f"stage-{stage.index}"):
                return stage.index
        if wanted:
            return None
    return len(dockerfile.stages) - 1 if dockerfile.stages else None


def _arguments(dockerfile: Dockerfile, build_args: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the `ARG`s before the first `FROM`.

    One that refers to others is left out if it becomes too long for a name: each could
    be twice as long as the one before.
    """
    values: dict[str, str] = {}
    for instruction in dockerfile.instructions:
        if instruction.keyword == "ARG" and instruction.stage is None:
            for word in instruction.text.split()[1:]:
                name, is_given, default = word.partition("=")
                if name in build_args:
                    values[name] = build_args[name]
                elif is_given:
                    value = _expanded(default.strip("\"'"), values)
                    if len(value) <= _LONGEST_VALUE:
                        values[name] = value
    return values


def _expanded(text: str, values: Mapping[str, str]) -> str:
    """Expand the variables whose values are known."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[2])
        # With `:-`, an empty value counts as missing.
        return known or match[3] or (match[0] if known is None else "")

    return _VARIABLE.sub(value, text)


def _at(line: int, dockerfile: Dockerfile) -> Instruction | None:
    return next((one for one in dockerfile.instructions if one.line == line), None)


def _short(image: str) -> str:
    """Remove the default parts of an image's name."""
    image = image.removeprefix("docker.io/").removeprefix("library/")
    return image.removesuffix(":latest")


def _only(found: list[Instruction]) -> Instruction | None:
    return found[0] if len(found) == 1 else None
