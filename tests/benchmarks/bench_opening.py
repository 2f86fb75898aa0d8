"""What the first, the second and the twentieth panel of a kernel cost until they are shown.

A panel shows a real pull, which was recorded: it has attempts, layers and lines of a log.
Counted are the output of its cell and the messages of the comms that were opened in it, until
a page has been sent the state of the job. The job is then ended, so that nothing is counted
of a panel before.

Beside them, two ways to show as many layers without this package: a bar of
`tqdm.notebook` for each, and rows of ipywidgets. Each runs in a kernel of its own.
"""

from __future__ import annotations

import sys

from tests.benchmarks.iopub import Kernel, Message, started
from tests.benchmarks.report import Figure, report

LAYERS = 9
_COUNTED = (1, 2, 20)
FURTHER = 6_000
_NAMES = {1: "first", 2: "second", 20: "twentieth"}

PANEL = f"""
import threading
import imagewidget as iw

def show():
    global job
    job = iw.replay("demo/done", until=0.2)
    job.wait()  # until it is paused there: nothing changes from then on
    assert len(job.state.layers) == {LAYERS} and job.state.log_length

def end():
    ended = threading.Event()
    job.add_done_callback(lambda job: ended.set())  # after its output was written again
    job.cancel()
    assert ended.wait(10)
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
    for number, messages in _opened(PANEL, is_panel=True).items():
        limit = 64_000 if number == 1 else FURTHER
        opens = sum(message.kind == "comm_open" for message in messages)
        name, size = f"{_NAMES[number]} panel", _size(messages)
        bar = f"≤ {limit / 1000:g} kB"
        figures.append(Figure(f"{name}: comms opened", f"{opens}", "≤ 3", is_met=opens <= 3))
        figures.append(
            Figure(f"{name}: bytes, with its output", f"{size:,} B", bar, is_met=size <= limit)
        )
    for peer, code in (("tqdm.notebook", TQDM), ("ipywidgets rows", ROWS)):
        for number, messages in _opened(code).items():
            opens = sum(message.kind == "comm_open" for message in messages)
            name = f"{_NAMES[number]} {peer}, {LAYERS} bars"
            figures.append(Figure(f"{name}: comms opened", f"{opens}"))
            figures.append(Figure(f"{name}: bytes", f"{_size(messages):,} B"))
    return figures


def _opened(code: str, *, is_panel: bool = False) -> dict[int, list[Message]]:
    """Return what is published for some of twenty; a page then asks a panel for the state."""
    found: dict[int, list[Message]] = {}
    with started() as kernel:
        kernel.run(code)
        for number in range(1, max(_COUNTED) + 1):
            messages = kernel.run("show()")
            if is_panel:
                messages += _greet(kernel, messages)
                kernel.run("end()")
            if number in _COUNTED:
                opened = {each.comm for each in messages if each.kind == "comm_open"} | {""}
                found[number] = [each for each in messages if each.comm in opened]
    return found


def _greet(kernel: Kernel, opened: list[Message]) -> list[Message]:
    opens = [message for message in opened if message.kind == "comm_open"]
    kernel.tell(max(opens, key=lambda each: each.size).comm, {"v": 1, "type": "hello"})
    return kernel.run("pass")


def _size(messages: list[Message]) -> int:
    return sum(message.size for message in messages)


if __name__ == "__main__":
    sys.exit(report("opening", measure()))
