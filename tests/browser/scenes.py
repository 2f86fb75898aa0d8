"""Jobs that yield scripted events, so that no engine is needed.

The notebooks under test import this module; the jobs, the panels, the kernel and
the front end are real.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import BuildFailed
from imagewidget.jobs.job import Job
from imagewidget.panel.panel import Panel
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    AttemptStarted,
    BuildStarted,
    Event,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    Started,
    StepChanged,
    StepStatus,
)

IMAGE = Image(
    "sha256:" + "a1b2c3d4" * 8, "owner/env:1", "sha256:" + "9f8e7d6c" * 8, 184_000_000, "ghcr.io"
)
LAYER_SIZE = 40_000_000
FRAME = 0.05


def pull(layers: int = 9, seconds: float = 3.0, *, at_once: int = 3) -> Job:
    """Start a pull of this many layers that takes this many seconds."""

    def operation(cancel: Cancellation, _clock: Clock) -> Generator[Event, None, Image]:
        yield AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3)
        ids = [
            f"{(index + 1) * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFF:012x}" for index in range(layers)
        ]
        for layer in ids:
            yield LayerChanged(layer, LayerPhase.QUEUED)
        rounds = -(-layers // at_once)
        ticks = max(2, int(seconds / rounds / FRAME))
        for start in range(0, layers, at_once):
            for tick in range(1, ticks + 1):
                cancel.sleep(FRAME)
                for layer in ids[start : start + at_once]:
                    yield _moved(layer, tick / ticks)
        return IMAGE

    return _job(operation, "pull")


def build(lines: int = 200, seconds: float = 2.0, *, fails: bool = False) -> Job:
    """Start a build of three steps; the second writes this many lines, and may fail."""

    def operation(cancel: Cancellation, clock: Clock) -> Generator[Event, None, Image]:
        yield BuildStarted("buildkit")
        names = ["FROM docker.io/library/python:3.13-slim", "RUN make everything", "COPY . ."]
        for number, name in enumerate(names, 1):
            yield StepChanged(f"sha256:{number}", name, StepStatus.PENDING, "base", number, 3)
        for number, name in enumerate(names, 1):
            began = clock()
            yield StepChanged(
                f"sha256:{number}", name, StepStatus.RUNNING, "base", number, 3, began
            )
            if number == 2:
                yield from _lines(cancel, lines, seconds)
            status = StepStatus.FAILED if fails and number == 2 else StepStatus.DONE
            error = "exit code: 2" if status is StepStatus.FAILED else None
            yield StepChanged(
                f"sha256:{number}",
                name,
                status,
                "base",
                number,
                3,
                began,
                clock(),
                clock() - began,
                error,
            )
            if error:
                raise BuildFailed("RUN make everything ended with exit code 2.", step=name)
        return IMAGE

    return _job(operation, "build")


def _lines(cancel: Cancellation, lines: int, seconds: float) -> Iterator[Event]:
    ticks = max(1, int(seconds / FRAME))
    numbers = itertools.count(1)
    for tick in range(ticks):
        cancel.sleep(FRAME)
        share = lines * (tick + 1) // ticks - lines * tick // ticks
        text = "".join(_line(next(numbers)) for _ in range(share))
        yield LogWritten(text, "sha256:2")


def _line(number: int) -> str:
    if number % 50 == 0:
        return f"\x1b[33mwarning\x1b[0m: needle in line {number} <script>alert(1)</script>\n"
    return f"compiling module {number} of many\n"


def _moved(layer: str, share: float) -> LayerChanged:
    if share >= 1:
        return LayerChanged(layer, LayerPhase.DONE)
    if share > 0.7:
        unpacked = int(LAYER_SIZE * (share - 0.7) / 0.3)
        return LayerChanged(layer, LayerPhase.EXTRACTING, unpacked, LAYER_SIZE)
    return LayerChanged(layer, LayerPhase.DOWNLOADING, int(LAYER_SIZE * share / 0.7), LAYER_SIZE)


def _job(operation: object, verb: str) -> Job:
    first = Started(verb, "owner/env:1", "Docker Engine 26.1.5")  # type: ignore[arg-type]
    return Job(operation, first=(first,), displays=(Panel(),))  # type: ignore[arg-type]
