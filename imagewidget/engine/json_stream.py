"""Read the JSON values of a stream as they arrive, in time proportional to its length.

An engine ends each value with a line break, but need not. A value may arrive in several
pieces, and a piece may end within a character.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_UTF8 = codecs.getincrementaldecoder("utf-8")
_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")
_OUTSIDE = re.compile(r'["{}\[\]\n]')
_QUOTED = re.compile(r'["\\\n]')


def json_values(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Yield the JSON values of a stream as they arrive.

    Raises:
        EOFError: The last value is incomplete, or one is not JSON.
    """
    decoder = _UTF8("replace")
    splitter = _Splitter()
    for chunk in chunks:
        for text in splitter.feed(decoder.decode(chunk)):
            yield from _values(text)
    for text in (*splitter.feed(decoder.decode(b"", final=True)), splitter.rest()):
        yield from _values(text)


class _Splitter:
    """Finds the ends of values, looking at every character once."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._depth = 0
        self._is_quoted = False
        self._is_escaped = False

    def feed(self, text: str) -> Iterator[str]:
        """Yield pieces that consist of whole values: all brackets are closed at their ends."""
        start = position = 0
        while position < len(text):
            if self._is_escaped:
                self._is_escaped = False
                position += 1
                continue
            found = (_QUOTED if self._is_quoted else _OUTSIDE).search(text, position)
            if found is None:
                break
            position = found.end()
            if self._ends(found[0]):
                yield "".join((*self._parts, text[start:position]))
                start = position
                self._parts.clear()
                self._depth = 0
                self._is_quoted = False
        self._parts.append(text[start:])

    def rest(self) -> str:
        """Return what follows the last piece."""
        return "".join(self._parts)

    def _ends(self, mark: str) -> bool:
        """Record a character, and return whether a value may end there."""
        if mark == "\n":
            # A string has no line break: with one, it is not JSON.
            return self._is_quoted or not self._depth
        if mark == "\\":
            self._is_escaped = True
        elif mark == '"':
            self._is_quoted = not self._is_quoted
        elif mark in "{[":
            self._depth += 1
        else:
            self._depth -= 1
            return self._depth <= 0
        return False


def _values(text: str) -> Iterator[Any]:
    position = _after_blanks(text, 0)
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            raise EOFError("The engine's answer broke off within a message.") from None
        yield value
        position = _after_blanks(text, position)


def _after_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position
