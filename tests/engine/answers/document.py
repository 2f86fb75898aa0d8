"""Write `docs/engines.md` from the table of expected answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from tests.engine.answers.check import YES, Check
from tests.rig.engine import Role
from tests.rig.engines import CURRENT, KINDS

PAGE = Path(__file__).parents[3] / "docs/engines.md"
BEGINS = "\n## The answers\n"

_HEAD = """# Engines

What imagewidget does with each engine that it is tested on. `make engines` asks every engine every
question below, compares the answers with those that are expected, and writes this page.

| column | engine | image store | API |
|---|---|---|---|
{engines}

The first {current} carry the whole test suite; the others are asked these questions, and run the
tests of `make compatibility`. Docker 29.7 is tested with recordings of its streams.
"""

_ANSWERS = """
✓ is yes. A number in brackets is explained below its table.
"""


def page(checks: Sequence[Check], engines: Mapping[Role, tuple[str, str, str]]) -> str:
    """Return the whole page.

    Args:
        checks: The table.
        engines: Title, store and API version of each engine.
    """
    rows = "\n".join(f"| {role} | {' | '.join(engines[role])} |" for role in KINDS)
    return _HEAD.format(engines=rows, current=len(CURRENT)) + answers(checks)


def answers(checks: Sequence[Check]) -> str:
    """Return the part of the page that does not depend on the engines' versions."""
    parts = [BEGINS, _ANSWERS]
    for section, rows in groupby(checks, lambda each: each.section):
        parts.append(f"\n### {section}\n\n{_table(rows)}")
    return "".join(parts)


def _table(rows: Iterable[Check]) -> str:
    notes: list[str] = []
    cells = [[row.question, *(_cell(row.expected[role], notes) for role in KINDS)] for row in rows]
    lines = [["", *KINDS], ["---"] * (1 + len(KINDS)), *cells]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return table + "".join(f"\n[{n}] {note}\n" for n, note in enumerate(notes, 1))


def _cell(answer: str, notes: list[str]) -> str:
    """Return a short answer as it is, and a note for a long one."""
    if len(answer) <= 30:
        return "✓" if answer == YES else answer
    text = answer.removeprefix("refused: ").removeprefix("no; ").removeprefix("no: ")
    text = text[0].upper() + text[1:].rstrip(".") + "."
    if text not in notes:
        notes.append(text)
    return f"[{notes.index(text) + 1}]"
