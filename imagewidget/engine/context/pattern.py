"""A single pattern of a `.dockerignore`, compiled.

Which patterns are well formed follows Go's `filepath.Match`; what they match, and
the meaning of `**`, follows `moby/patternmatcher` (`Pattern.compile`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ANY_DIRECTORIES = "(?:.*/)?"


class PatternError(ValueError):
    """The pattern is malformed; the message is the reason."""


class Pattern:
    """A cleaned pattern without its `!`.

    Attributes:
        text: The pattern.
        is_exception: Whether it was written with a leading `!`.
        regex: The source of a regular expression for `fullmatch` on a whole
            relative path.

    Raises:
        PatternError: The pattern is malformed.
    """

    __slots__ = ("_parts", "is_exception", "regex", "text")

    def __init__(self, text: str, *, is_exception: bool = False) -> None:
        self.text = text
        self.is_exception = is_exception
        self.regex = f"(?:{_translate(text)})"
        self._parts = _fixed_depth_parts(text)

    def __repr__(self) -> str:
        return f"Pattern({'!' if self.is_exception else ''}{self.text})"

    def may_match_below(self, directory: Sequence[str]) -> bool:
        """Return whether it could match something inside `directory`, a path split into parts."""
        for index, part in enumerate(directory):
            if index == len(self._parts):
                return False
            known = self._parts[index]
            if known is None:
                return True
            if known.fullmatch(part) is None:
                return False
        return len(self._parts) > len(directory)


def _fixed_depth_parts(text: str) -> tuple[re.Pattern[str] | None, ...]:
    """Split a pattern at its slashes, up to the first part of unknown depth (None)."""
    parts: list[re.Pattern[str] | None] = []
    for part in text.split("/"):
        # A character class may contain a slash, and a slash may be escaped: then this
        # is only half a part.
        is_whole = part.count("[") == part.count("]") and not part.endswith("\\")
        if "**" in part or not is_whole:
            parts.append(None)
            break
        parts.append(re.compile(_translate(part), re.DOTALL))
    return tuple(parts)


def _translate(text: str) -> str:
    """Turn a pattern into the source of a regular expression for `fullmatch`."""
    if text.startswith("**") and not re.search(r"[*?\[\]\\]", text[2:]):
        return _any_path_that_ends_in(text[2:])
    out: list[str] = []
    position = 0
    while position < len(text):
        piece, position = _next_piece(text, position)
        # The same optional group twice would only add backtracking.
        if not (piece == _ANY_DIRECTORIES and out and out[-1] == piece):
            out.append(piece)
    return "".join(out)


def _any_path_that_ends_in(ending: str) -> str:
    """Translate `**` before literal characters, which moby compares as a suffix.

    So `**file` also matches `profile`, while `**/file` matches only a whole name.
    """
    if ending.startswith("/"):
        return _ANY_DIRECTORIES + re.escape(ending[1:])
    return ".*" + re.escape(ending)


def _next_piece(text: str, position: int) -> tuple[str, int]:
    """Translate the piece at `position`; also return where the next piece begins."""
    character = text[position]
    if text.startswith("**", position):
        position += 2
        if text.startswith("/", position):
            position += 1
        return (".*" if position == len(text) else _ANY_DIRECTORIES), position
    if character == "*":
        return "[^/]*", position + 1
    if character == "?":
        return "[^/]", position + 1
    if character == "[":
        return _character_class(text, position + 1)
    if character == "\\":
        literal, position = _character(text, position)
        return re.escape(literal), position
    return re.escape(character), position + 1


def _character_class(text: str, position: int) -> tuple[str, int]:
    """Translate the `[…]` whose `[` is just before `position`."""
    negation = "^" if text.startswith("^", position) else ""
    position += len(negation)
    ranges: list[str] = []
    while not (ranges and text.startswith("]", position)):
        low, position = _class_character(text, position)
        high = low
        if text.startswith("-", position):
            high, position = _class_character(text, position + 1)
        if high < low:
            raise PatternError(f"the range {low}-{high} is in reverse order")
        ranges.append(_range(low, high))
    return f"[{negation}{''.join(ranges)}]", position + 1


def _class_character(text: str, position: int) -> tuple[str, int]:
    """Read one end of a range, as Go's `getEsc` does."""
    if position >= len(text):
        raise PatternError("a `[` is not closed")
    if text[position] in "-]":
        raise PatternError(f"a character is expected, not `{text[position]}`")
    return _character(text, position)


def _character(text: str, position: int) -> tuple[str, int]:
    """Read one character, escaped or not."""
    if text[position] != "\\":
        return text[position], position + 1
    if position + 1 == len(text):
        raise PatternError("nothing follows the last `\\`")
    return text[position + 1], position + 2


def _range(low: str, high: str) -> str:
    return re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}"
