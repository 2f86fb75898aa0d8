"""A limit for the CPU time of a piece of code, which holds on slow and on busy machines too."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_ROUNDS = 200_000


@contextmanager
def bounded(units: float) -> Iterator[None]:
    """Check that the block takes at most this many units of CPU time.

    A unit is what a fixed loop takes here and now, about 10 ms on an idle machine of
    2025. It is measured before and after the block, because a core that is shared with
    others is slower.
    """
    before = _unit()
    gc.disable()  # a collection goes through what all tests before this one have left
    try:
        began = time.process_time()
        yield
        used = time.process_time() - began
    finally:
        gc.enable()
    assert used <= units * max(before, _unit()), f"it took {used / before:.0f} units"


def _unit() -> float:
    began = time.process_time()
    total = 0
    for number in range(_ROUNDS):
        total += number % 7
    assert total > 0
    return time.process_time() - began
