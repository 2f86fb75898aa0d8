"""The time of `import imagewidget`, compared to `import docker`.

Whole processes are timed, and the median of 7 runs counts; the limit of the ratio is 1.1.
The first use of a name imports what it needs: `from imagewidget import pull` is shown, too.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.benchmarks.report import Figure, report

_RUNS = 7
_BAR = 1.1


def seconds(code: str) -> float:
    """Return how long a process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def measure() -> list[Figure]:
    """Alternate between them, so that other load on the machine affects all equally."""
    codes = ("import imagewidget", "import docker", "from imagewidget import pull")
    times: dict[str, list[float]] = {code: [] for code in codes}
    for _ in range(_RUNS):
        for code in codes:
            times[code].append(seconds(code))
    ours, peer, used = (statistics.median(times[code]) for code in codes)
    return [
        *(Figure(code, f"{statistics.median(times[code]) * 1000:.0f} ms") for code in codes),
        Figure("ratio", f"{ours / peer:.2f}", f"≤ {_BAR}", is_met=ours / peer <= _BAR),
        Figure("ratio once a verb is used", f"{used / peer:.2f}"),
    ]


if __name__ == "__main__":
    sys.exit(report("import", measure()))
