"""Which paths of the context a Dockerfile is certain to copy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from imagewidget.engine.dockerfile.dockerfile import Dockerfile, Instruction

_COPIES = frozenset({"COPY", "ADD"})
_FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S*))?\s+")
_HARMLESS = frozenset({"chmod", "chown", "link", "parents", "keep-git-dir", "checksum", "unpack"})
_MOUNT = re.compile(r"--mount=(\S*)")
_FROM = re.compile(r"\bfrom=([^\s,]+)")
# Not a literal path: a variable, a quoted word, an escape or a heredoc.
_UNCERTAIN = re.compile(r"[$'\\`]|<<")
_ADDRESS = re.compile(r"[a-z]+://|git@", re.IGNORECASE)


def copied_paths(dockerfile: Dockerfile, target: str | None = None) -> Iterator[str]:
    """Yield the paths that a build is certain to take from its context, as written.

    Whatever cannot be determined from the text alone is skipped: stages referred to
    only by a variable, words with variables or quotes, unknown flags, and Dockerfiles
    for other frontends.

    Args:
        dockerfile: The Dockerfile to build.
        target: The stage to build, by name or index; None for the last.
    """
    stages = _reached(dockerfile, target)
    for instruction in dockerfile.instructions:
        if instruction.keyword in _COPIES and instruction.stage in stages:
            yield from _sources(instruction)


def _reached(dockerfile: Dockerfile, target: str | None) -> set[int]:
    """Return the indexes of the stages that are built for a target."""
    if not (dockerfile.is_for_own_frontend and dockerfile.stages):
        return set()
    last = len(dockerfile.stages)
    first = last - 1 if target is None else dockerfile.stage_called(target, before=last)
    above = [] if first is None else [first]
    reached: set[int] = set()
    while above:
        index = above.pop()
        if index not in reached:
            reached.add(index)
            names = _named(dockerfile, index)
            stages = (dockerfile.stage_called(name, before=index) for name in names)
            above += [stage for stage in stages if stage is not None]
    return reached


def _named(dockerfile: Dockerfile, stage: int) -> Iterator[str]:
    """Yield the names that a stage refers to: those of stages, but also of images."""
    base = dockerfile.stages[stage].base
    if not base.isdecimal():
        yield base
    for instruction in dockerfile.by_stage[stage]:
        if instruction.keyword in _COPIES:
            flags, _ = _split(instruction)
            yield flags.get("from", "")
        elif instruction.keyword == "RUN":
            for mount in _MOUNT.findall(instruction.text):
                if source := _FROM.search(mount):
                    yield source[1]


def _sources(instruction: Instruction) -> Iterator[str]:
    """Yield the sources of a `COPY` or `ADD` that are paths in the context."""
    flags, rest = _split(instruction)
    if not flags.keys() <= _HARMLESS or _UNCERTAIN.search(rest):
        return
    words = rest.split()
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            return
    elif '"' in rest:
        return
    for word in words[:-1]:
        if isinstance(word, str) and not _ADDRESS.match(word):
            yield word


def _split(instruction: Instruction) -> tuple[dict[str, str], str]:
    """Return the flags of an instruction by name, and the rest of it."""
    text = instruction.text[len(instruction.keyword) :].strip()
    flags: dict[str, str] = {}
    position = 0
    while flag := _FLAG.match(text, position):
        flags[flag["name"]] = flag["value"] or ""
        position = flag.end()
    return flags, text[position:]
