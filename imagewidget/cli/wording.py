"""Hints in the words of a command line: options in place of Python's arguments."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from imagewidget.engine.request.options import described
from imagewidget.progress.display import Display, Watched
from imagewidget.progress.state import State

# Hints that are about Python, as patterns, and the same for a command line.
_PHRASES = (
    (re.compile(r"`client=connect\(…\)`"), "`--engine TARGET`"),
    (re.compile(r"`job\.record\('bug\.jsonl'\)`"), "`--json`"),
    (re.compile(r",? or (?:pass )?`auth=[^`]*`"), ""),
    (re.compile(r"`secrets=\{'([^']*)': Path\('…'\)\}`"), r"`--secret \1=PATH`"),
    (re.compile(r"`ssh='([^']*)'`"), r"`--ssh \1`"),
)
_ARGUMENT = re.compile(r"`([a-z_]+)=`")
_FLAGS = {"registries": "--registry", "retry": "--attempts"}


def in_words(text: str) -> str:
    """Return text with options in place of arguments: `--file` for `dockerfile=`."""
    for pattern, words in _PHRASES:
        text = pattern.sub(words, text)
    return _ARGUMENT.sub(lambda found: f"`{_flag(found[1])}`", text)


def _flag(name: str) -> str:
    flags = described()[name][1].flags if name in described() else ()
    long = [flag for flag in flags if flag.startswith("--")]
    return long[0] if long else _FLAGS.get(name, f"--{name.replace('_', '-')}")


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
