"""A single pattern of a `.dockerignore`, compiled.

Which patterns are well formed follows Go's `filepath.Match`; what they match, and
the meaning of `**`, follows `moby/patternmatcher` (`Pattern.compile`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.context.automaton import Automaton, Token, Wild

_LITERAL = "write `\\` before a character to be taken literally."
_NOT_A_SLASH = re.compile("[^/]")


class PatternError(ValueError):
    """The pattern is malformed; the message is the reason.

    Attributes:
        hint: What to do.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class Pattern:
    """A cleaned pattern without its `!`.

    Attributes:
        text: The pattern.
        is_exception: Whether it was written with a leading `!`.
        tokens: What matches a whole relative path.

    Raises:
        PatternError: The pattern is malformed.
    """

    __slots__ = ("_parts", "is_exception", "text", "tokens")

    def __init__(self, text: str, *, is_exception: bool = False) -> None:
        self.text = text
        self.is_exception = is_exception
        self.tokens = _translate(text)
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
            if not known.matches(part):
                return False
        return len(self._parts) > len(directory)


def _fixed_depth_parts(text: str) -> tuple[Automaton | None, ...]:
    """Split a pattern at its slashes, up to the first part of unknown depth (None)."""
    parts: list[Automaton | None] = []
    for part in text.split("/"):
        # A character class may contain a slash, and a slash may be escaped: then this
        # is only half a part.
        is_whole = part.count("[") == part.count("]") and not part.endswith("\\")
        if "**" in part or not is_whole:
            parts.append(None)
            break
        parts.append(Automaton([_translate(part)]))
    return tuple(parts)


def _translate(text: str) -> tuple[Token, ...]:
    """Split a pattern into tokens."""
    if text.startswith("**") and not re.search(r"[*?\[\]\\]", text[2:]):
        # moby compares the rest as a suffix: `**file` also matches `profile`, while
        # `**/file` matches only a whole name.
        ending = text[2:]
        start = Wild.DIRECTORIES if ending.startswith("/") else Wild.REST
        return (start, *ending.removeprefix("/"))
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        token, position = _next_token(text, position)
        tokens.append(token)
    return tuple(tokens)


def _next_token(text: str, position: int) -> tuple[Token, int]:
    """Return the token at `position`, and where the next one begins."""
    character = text[position]
    if text.startswith("**", position):
        position += 2
        if text.startswith("/", position):
            position += 1
        return (Wild.REST if position == len(text) else Wild.DIRECTORIES), position
    if character == "*":
        return Wild.NAME, position + 1
    if character == "?":
        return _NOT_A_SLASH, position + 1
    if character == "[":
        return _character_class(text, position + 1)
    if character == "\\":
        return _character(text, position)
    return character, position + 1


def _character_class(text: str, position: int) -> tuple[re.Pattern[str], int]:
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
            raise PatternError(
                f"the range {low}-{high} is in reverse order", f"Write it as `{high}-{low}`."
            )
        ranges.append(_range(low, high))
    return re.compile(f"[{negation}{''.join(ranges)}]"), position + 1


def _class_character(text: str, position: int) -> tuple[str, int]:
    """Read one end of a range, as Go's `getEsc` does."""
    if position >= len(text):
        raise PatternError("a `[` is not closed", f"Add a `]`, or {_LITERAL}")
    if text[position] in "-]":
        raise PatternError(
            f"a character is expected, not `{text[position]}`",
            f"Name a character on each side of the `-`, or {_LITERAL}",
        )
    return _character(text, position)


def _character(text: str, position: int) -> tuple[str, int]:
    """Read one character, escaped or not."""
    if text[position] != "\\":
        return text[position], position + 1
    if position + 1 == len(text):
        raise PatternError(
            "nothing follows the last `\\`", "Leave it out, or write `\\\\` for the character."
        )
    return text[position + 1], position + 2


def _range(low: str, high: str) -> str:
    return re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}"
