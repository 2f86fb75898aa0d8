"""The time of `import imagewidget`, compared to importing the libraries it depends on.

Whole processes are timed, and the median of 7 runs counts; the limit of the ratio is 1.15.
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
    """Return how long a process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def measure() -> list[Figure]:
    """Alternate between both, so that other load on the machine affects them equally."""
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
