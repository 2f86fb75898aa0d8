"""Diagnose a failed step: from the last lines of its log to one sentence, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.failure.diagnosis import (
    compiling,
    files,
    machine,
    network,
    packages,
    python,
)
from imagewidget.engine.failure.diagnosis.rule import Rule
from imagewidget.progress.events import Diagnosis
from imagewidget.progress.text.safe_text import without_colours

__all__ = ["RULES", "diagnose"]

# What explains the others comes first: without a network, a package is not found.
RULES: tuple[Rule, ...] = (
    *machine.RULES,
    *network.RULES,
    *packages.RULES,
    *python.RULES,
    *compiling.RULES,
    *python.MODULES,
    *files.RULES,
)

_LONGEST_LINE, _LONGEST_BECAUSE = 1_000, 300
_PLACE = re.compile(r"\{(\w+)\}")
_ALTERNATIVES = ("other", "third", "fourth")
_FRAMES = re.compile(r"[\s\u2500-\u257f\u25b6\u00d7]+")


def diagnose(tail: Sequence[str]) -> Diagnosis | None:
    """Return the cause that the end of a log names; None if no rule knows it.

    Args:
        tail: The last lines of the output of the step that failed.
    """
    lines = [without_colours(line)[:_LONGEST_LINE].rstrip() for line in tail]
    flowed = [" ".join(filter(None, _FRAMES.split(" ".join(lines))))]
    for rule in RULES:
        if rule.needs and not any(map(rule.needs.search, lines)):
            continue
        for line in reversed(flowed if rule.is_flowed else lines):
            found = rule.finds.search(line)
            if found:
                return _diagnosis(rule, found)
    return None


def _diagnosis(rule: Rule, found: re.Match[str]) -> Diagnosis:
    values = _values(found)

    def filled(text: str) -> str:
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)

    because = found.group() if rule.is_flowed else found.string
    return Diagnosis(
        rule.name, filled(rule.summary), filled(rule.advice), because.strip()[:_LONGEST_BECAUSE]
    )


def _values(found: re.Match[str]) -> dict[str, str]:
    """Return the values of the groups; the alternatives of the first group have its name."""
    first = min(found.re.groupindex, key=found.re.groupindex.__getitem__, default="")
    return {
        first if name in _ALTERNATIVES else name: value.replace("`", "'").strip()
        for name, value in found.groupdict().items()
        if value is not None
    }
