"""What the first, the second and the twentieth panel of a kernel cost until they are shown.

Beside them, two ways to show the same five layers without this package: a bar of
`tqdm.notebook` for each, and rows of ipywidgets. Each runs in a kernel of its own, and
every message that the kernel publishes for its widgets and outputs is counted.
"""

from __future__ import annotations

import sys

from tests.benchmarks.iopub import Kernel, Message, started
from tests.benchmarks.report import Figure, report

LAYERS = 5
_COUNTED = (1, 2, 20)
_NAMES = {1: "first", 2: "second", 20: "twentieth"}

PANEL = f"""
import threading
from IPython.display import display
from imagewidget.jobs.job import Job
from imagewidget.panel.panel import Panel
from imagewidget.progress.events import Finished, Image, LayerChanged, LayerPhase, Started

go = threading.Event()

def pull(cancel, clock):
    go.wait()
    image = Image("sha256:" + "ab" * 32, "owner/env:1", None, 1234, "ghcr.io")
    yield Finished(image)
    return image

def show():
    panel = Panel()
    layers = (
        LayerChanged(f"{{n:012x}}", LayerPhase.DOWNLOADING, 0, 40_000_000) for n in range({LAYERS})
    )
    Job(pull, first=(Started("pull", "owner/env:1"), *layers), displays=(panel,))
    display(panel)
"""

TQDM = f"""
from tqdm.notebook import tqdm

kept = []

def show():
    for number in range({LAYERS}):
        kept.append(tqdm(desc=f"{{number:012x}}", total=40_000_000, unit="B", unit_scale=True))
"""

ROWS = f"""
from IPython.display import display
from ipywidgets import FloatProgress, HBox, Label, VBox

def show():
    names = [f"{{number:012x}}" for number in range({LAYERS})]
    rows = [HBox([Label(name), FloatProgress(max=1), Label("0 MB")]) for name in names]
    display(VBox(rows))
"""


def measure() -> list[Figure]:
    """Measure the panels, then what they are compared to."""
    figures: list[Figure] = []
    for number, messages in _opened(PANEL, has_hello=True).items():
        limit = 64_000 if number == 1 else 6_000
        comms = [message for message in messages if message.kind.startswith("comm_")]
        opens = sum(message.kind == "comm_open" for message in messages)
        name = f"{_NAMES[number]} panel"
        size = _size(messages if number == 1 else comms)
        what = "bytes" if number == 1 else "bytes of its comms"
        bar = f"≤ {limit // 1000} kB"
        figures.append(Figure(f"{name}: comms opened", f"{opens}", "≤ 3", is_met=opens <= 3))
        figures.append(Figure(f"{name}: {what}", f"{size:,} B", bar, is_met=size <= limit))
        if number > 1:
            figures.append(Figure(f"{name}: bytes, with its output", f"{_size(messages):,} B"))
    for peer, code in (("tqdm.notebook", TQDM), ("ipywidgets rows", ROWS)):
        for number, messages in _opened(code).items():
            opens = sum(message.kind == "comm_open" for message in messages)
            name = f"{_NAMES[number]} {peer}, {LAYERS} bars"
            figures.append(Figure(f"{name}: comms opened", f"{opens}"))
            figures.append(Figure(f"{name}: bytes", f"{_size(messages):,} B"))
    return figures


def _opened(code: str, *, has_hello: bool = False) -> dict[int, list[Message]]:
    """Return what is published for some of twenty; `has_hello`: a view then asks for the state."""
    found: dict[int, list[Message]] = {}
    with started() as kernel:
        kernel.run(code)
        for number in range(1, max(_COUNTED) + 1):
            messages = kernel.run("show()")
            if has_hello:
                messages += _greet(kernel, messages)
            if number in _COUNTED:
                # A refresh is of an earlier panel, whose job goes on.
                found[number] = [each for each in messages if not each.kind.startswith("update")]
    return found


def _greet(kernel: Kernel, opened: list[Message]) -> list[Message]:
    opens = [message for message in opened if message.kind == "comm_open"]
    kernel.tell(max(opens, key=lambda each: each.size).comm, {"v": 1, "type": "hello"})
    return kernel.run("pass")


def _size(messages: list[Message]) -> int:
    return sum(message.size for message in messages)


if __name__ == "__main__":
    sys.exit(report("opening", measure()))
