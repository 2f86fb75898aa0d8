"""Ctrl-C and SIGTERM: the first asks the job to stop, the second does not wait for it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_OF_SIGNALS = 128
_STDERR = 2
_SHOW_CURSOR = b"\x1b[?25h\n"


@dataclass
class Stop:
    """Which signal has been received, if any."""

    signal: int | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of a cancelled job, as a shell computes it: 130 for Ctrl-C."""
        return exit_code(self.signal or signal.SIGINT)

    def receive(self, number: int, _frame: Any) -> None:
        """Note the first signal; end the process at the second."""
        if self.signal is not None:
            if os.isatty(_STDERR):
                os.write(_STDERR, _SHOW_CURSOR)
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number


def exit_code(number: int) -> int:
    """Return the exit code of a process that a signal has ended."""
    return _OF_SIGNALS + number


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Note signals instead of ending, for the block.

    What was set to be ignored stays so: `nohup`, and `&` in a script, set that.
    """
    stop = Stop()
    before = {}
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, stop.receive)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
