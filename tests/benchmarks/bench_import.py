"""What `import imagewidget` costs, beside the import of the libraries it stands on.

Whole processes, median of 7; the bar is 1.15.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.benchmarks.report import Figure, report

_RUNS = 7
_BAR = 1.15


def seconds(code: str) -> float:
    """Time one process that runs `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def measure() -> list[Figure]:
    """Take turns, so that a busy moment of the machine falls on both."""
    ours, peers = [], []
    for _ in range(_RUNS):
        ours.append(seconds("import imagewidget"))
        peers.append(seconds("import docker, ipywidgets"))
    mine, peer = statistics.median(ours), statistics.median(peers)
    return [
        Figure("import imagewidget", f"{mine * 1000:.0f} ms"),
        Figure("import docker, ipywidgets", f"{peer * 1000:.0f} ms"),
        Figure("ratio", f"{mine / peer:.2f}", f"≤ {_BAR}", is_met=mine / peer <= _BAR),
    ]


if __name__ == "__main__":
    sys.exit(report("import", measure()))
