"""Hints in the words of a command line: options in place of Python's arguments."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import click

from imagewidget.cli import verbs
from imagewidget.cli.synonyms import spelling
from imagewidget.progress.display import Display, Watched
from imagewidget.progress.state import State

# Hints that are about Python, as patterns, and the same for a command line: `{name}` is the
# option that sets the argument of that name.
_PHRASES = (
    (re.compile(r"`client=connect\(…\)`"), "`{client} TARGET`"),
    (re.compile(r"`job\.record\('bug\.jsonl'\)`"), "`{json}`"),
    (re.compile(r",? or (?:pass )?`auth=[^`]*`"), ""),
    (re.compile(r"`secrets=\{'([^']*)': Path\('…'\)\}`"), r"`{secrets} \1=PATH`"),
    (re.compile(r"`no_cache=True`"), "`{no_cache}`"),
    (re.compile(r"`platform='([^']*)'`"), r"`{platform} \1`"),
    (re.compile(r"`ssh='([^']*)'`"), r"`{ssh} \1`"),
    (re.compile(r"`dockerfile='([^']*)'`"), r"`{dockerfile} \1`"),
    (re.compile(r'`cache_to="([^"]*)"`'), r"`{cache_to} \1`"),
    (re.compile(r"^`([a-z_]+)` is empty\.$"), r"`\1=` is empty."),
    (re.compile(r"^A name in `([a-z_]+)` is empty\.$"), r"A name in `\1=` is empty."),
    (re.compile(r"^Leave out `([a-z_]+)`, or set it to None,"), r"Leave out `\1=`"),
    (
        re.compile(r"pass the secret itself as a str or bytes\."),
        "pass a file with `{secrets} ID=PATH`.",
    ),
    (
        re.compile(r"to pass the secret itself, use a str or bytes, not a Path\."),
        "for the secret in a variable, use `{secrets} id=ID,env=VARIABLE`.",
    ),
    (re.compile(r" A str is the content of a Dockerfile only if it contains a line break\."), ""),
    (re.compile(r"start Jupyter from the same shell"), "run this again in the same shell"),
    (re.compile(r"`iw\.replay\(\)`"), "`imagewidget replay`"),
    (re.compile(r" and restart the notebook server\."), "."),
    (re.compile(r"Start this notebook's container"), "Start this container"),
    (re.compile(r", then restart the kernel\."), "."),
)
_ARGUMENT = re.compile(r"`([a-z_]+)=`")


def in_words(text: str) -> str:
    """Return text with options in place of arguments: `--file` for `dockerfile=`."""
    known = spellings()
    for pattern, words in _PHRASES:
        text = pattern.sub(words.format_map(known), text)
    return _ARGUMENT.sub(
        lambda found: f"`{known[found[1]]}`" if found[1] in known else found[0], text
    )


@cache
def spellings() -> dict[str, str]:
    """Return how the commands spell what Python's functions call by another name."""
    found = {str(each.name): spelling(each) for each in _parameters()}
    return {**found, "client": found["engine"]}


def _parameters() -> Iterator[click.Parameter]:
    for name in verbs.HELP:
        yield from verbs.verb(name).params
    yield verbs.engine_option()
    yield from verbs.output_options()


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
