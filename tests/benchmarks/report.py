"""Print figures as a table, with the limit that each must meet."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of a table; `is_met` is None if the figure has no limit."""

    what: str
    value: str
    bar: str = ""
    is_met: bool | None = None


def report(title: str, figures: Iterable[Figure]) -> int:
    """Print the table, and return how many figures miss their limit."""
    figures = list(figures)
    widths = [
        max((len(getattr(f, name)) for f in figures), default=0) for name in ("what", "value")
    ]
    sys.stdout.write(f"\n{title}\n")
    for figure in figures:
        verdict = {None: "", True: "met", False: "MISSED"}[figure.is_met]
        line = (
            f"  {figure.what:<{widths[0]}}  {figure.value:>{widths[1]}}  {figure.bar:<12} {verdict}"
        )
        sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()
    return sum(figure.is_met is False for figure in figures)
