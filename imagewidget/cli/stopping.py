"""Ctrl-C and SIGTERM: the first asks the job to stop, the second does not wait for it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

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
            _show_cursor()
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number

    def leave(self) -> NoReturn:
        """End the process, without the threads that still write what nobody reads.

        Python would wait for them when it flushes the standard streams at its exit.
        """
        _show_cursor()
        os._exit(self.exit_code)


def _show_cursor() -> None:
    """Show the cursor of the terminal, unless Ctrl-S or its reader has stopped that."""
    if not os.isatty(_STDERR):
        return
    with contextlib.suppress(OSError):
        if os.name == "nt" or select.select([], [_STDERR], [], 0)[1]:
            os.write(_STDERR, _SHOW_CURSOR)


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
