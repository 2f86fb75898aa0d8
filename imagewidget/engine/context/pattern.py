"""A single pattern of a `.dockerignore`, compiled.

Which patterns are well formed follows Go's `filepath.Match`; what they match, and
the meaning of `**`, follows `moby/patternmatcher` (`Pattern.compile`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.context.automaton import DIRECTORIES, NAME, REST, Automaton, Token
from imagewidget.engine.context.go_regexp import LITERAL, PatternError, alternatives

_NOT_A_SLASH = re.compile("[^/]")
_SPECIAL = re.compile(r"[*?\[\]\\]")


class Pattern:
    """A cleaned pattern without its `!`.

    Attributes:
        text: The pattern.
        is_exception: Whether it was written with a leading `!`.
        alternatives: The tokens that match a whole relative path.

    Raises:
        PatternError: The pattern is malformed.
    """

    __slots__ = ("_parts", "alternatives", "is_exception", "text")

    def __init__(self, text: str, *, is_exception: bool = False) -> None:
        self.text = text
        self.is_exception = is_exception
        self.alternatives = _alternatives(text)
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
    if not _SPECIAL.search(text):
        return tuple(Automaton([part]) for part in text.split("/"))
    if "|" in text:
        return (None,)
    parts: list[Automaton | None] = []
    for part in text.split("/"):
        tokens = _within_a_name(part)
        if tokens is None:
            parts.append(None)
            break
        parts.append(Automaton([tokens]))
    return tuple(parts)


def _within_a_name(part: str) -> tuple[Token, ...] | None:
    """Return what a part matches; None if it may match a slash, or is only half a part."""
    if "**" in part or part.endswith("\\") or part.count("[") != part.count("]"):
        return None
    try:
        [tokens] = alternatives(_expression(part))
    except ValueError:
        return None
    return None if any(_may_be_a_slash(token) for token in tokens) else tokens


def _may_be_a_slash(one: Token) -> bool:
    if isinstance(one, str):
        return one == "/"
    return (one if isinstance(one, re.Pattern) else one.of).fullmatch("/") is not None


def _alternatives(text: str) -> list[tuple[Token, ...]]:
    """Return what a pattern matches (`Pattern.compile`)."""
    match_tokens(text)
    if not _SPECIAL.search(text):
        return [tuple(text)]
    if text.startswith("**") and not _SPECIAL.search(text, 2):
        # moby compares the rest as a suffix: `**file` also matches `profile`, while
        # `**/file` matches only a whole name.
        ending = text[2:]
        start = DIRECTORIES if ending.startswith("/") else REST
        return [(start, *ending.removeprefix("/"))]
    if text.endswith("**") and not _SPECIAL.search(text[:-2]):
        return [(*text[:-2], REST)]
    return alternatives(_expression(text))


def _expression(text: str) -> str:
    """Return the regular expression that moby makes of a pattern."""
    parts = ["^"]
    position = 0
    while position < len(text):
        character = text[position]
        length = 1
        if text.startswith("**", position):
            length = 3 if text.startswith("/", position + 2) else 2
            parts.append(".*" if position + length == len(text) else "(.*/)?")
        elif character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "\\":
            length = 2
            parts.append(text[position : position + 2])
        else:
            # moby means to escape `|{}` as well, but its table has no room for them.
            parts.append(f"\\{character}" if character in ".+()$" else character)
        position += length
    return "".join((*parts, "$"))


def match_tokens(text: str) -> tuple[Token, ...]:
    """Split a pattern for one name into tokens, as `filepath.Match` reads it.

    Raises:
        PatternError: The pattern is malformed.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        token, position = _next_token(text, position)
        tokens.append(token)
    return tuple(tokens)


def _next_token(text: str, position: int) -> tuple[Token, int]:
    """Return the token at `position`, and where the next one begins."""
    character = text[position]
    if character == "*":
        return NAME, position + 1
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
        raise PatternError("a `[` is not closed", f"Add a `]`, or {LITERAL}")
    if text[position] in "-]":
        raise PatternError(
            f"a character is expected, not `{text[position]}`",
            f"Name a character on each side of the `-`, or {LITERAL}",
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
