"""Run every benchmark: `python -m tests.benchmarks [name …]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.benchmarks.report import report
from tests.rig.packages import Unavailable
from tests.rig.say import say


def main(names: list[str]) -> int:
    """Run the given benchmarks, or all; return 1 if a figure misses its limit, else 0."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    missed = 0
    for name in found:
        short = name.removeprefix("bench_")
        if not names or short in names:
            measure = importlib.import_module(f"tests.benchmarks.{name}").measure
            try:
                missed += report(short, measure())
            except Unavailable as reason:
                say(f"left out: {short}: {reason}")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
