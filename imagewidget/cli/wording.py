"""Hints in the words of a command line: options in place of Python's arguments."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from imagewidget.engine.request.options import described
from imagewidget.progress.display import Display, Watched
from imagewidget.progress.state import State

_ARGUMENT = re.compile(r"`([a-z_]+)=([^`]*)`")
_CODE = {
    "`client=connect(…)`": "`--engine TARGET`",
    "`job.record('bug.jsonl')`": "`--json`",
}


def in_words(text: str) -> str:
    """Return text with options in place of arguments: `--file` for `dockerfile=`."""
    for code, words in _CODE.items():
        text = text.replace(code, words)
    return _ARGUMENT.sub(lambda found: f"`{_flag(found[1])} {found[2]}".rstrip() + "`", text)


def _flag(name: str) -> str:
    flags = described()[name][1].flags if name in described() else ()
    long = [flag for flag in flags if flag.startswith("--")]
    return long[0] if long else f"--{name.replace('_', '-')}"


class InWords:
    """Another display, which gets the hint of an error in these words.

    Attributes:
        has_ended: Set once the display shows the end.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self.has_ended = threading.Event()

    def begin(self, job: Watched) -> None:
        """Start showing the job."""
        self._display.begin(job)

    def update(self, state: State) -> None:
        """Show the current state."""
        self._display.update(state)

    def end(self, state: State) -> None:
        """Show the final state."""
        if state.error is not None:
            state = replace(state, error=replace(state.error, hint=in_words(state.error.hint)))
        try:
            self._display.end(state)
        finally:
            self.has_ended.set()
