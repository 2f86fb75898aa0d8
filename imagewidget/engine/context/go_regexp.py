"""Read regular expressions as Go's `regexp` does, as far as moby makes them of patterns.

Those are never nested, so each alternative is a list of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from imagewidget.engine.context.automaton import (
    LINE_DIRECTORIES,
    NAME,
    REST,
    Directories,
    Many,
    Token,
)

LITERAL = "write `\\` before a character to be taken literally."

_DIRECTORIES = "(.*/)?"
_REPEAT = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_CHARACTER = re.compile("[^\n]")
_CODES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_CLASSES = {
    "d": "0-9",
    "s": r"\t\n\f\r ",
    "w": "0-9A-Za-z_",
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_NAMED = re.compile(r"\[:(\^?)(.{0,20}?):\]", re.DOTALL)
_WORD = re.compile("[0-9A-Za-z_]")


class PatternError(ValueError):
    """The pattern is malformed; the message is the reason.

    Attributes:
        hint: What to do.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class _Edge(Enum):
    """What has no character of its own."""

    START = "the start of the text"
    END = "the end of the text"
    WORD = "where a word begins or ends"


def alternatives(expression: str) -> list[tuple[Token, ...]]:
    """Return what an expression matches: the tokens of each alternative, for a whole text.

    Raises:
        PatternError: Go refuses it, or it has a repetition, a class of Unicode or the like,
            which nobody writes on purpose.
    """
    reader = _Reader(expression)
    found = map(_whole, reader.alternatives())
    return [tokens for tokens in found if tokens is not None]


def _whole(tokens: list[Token | _Edge]) -> tuple[Token, ...] | None:
    """Return tokens for a whole text, without edges; None if they never match.

    Nothing can be read before the start or after the end.
    """
    starts = [index for index, token in enumerate(tokens) if token is _Edge.START]
    ends = [index for index, token in enumerate(tokens) if token is _Edge.END]
    first = starts[-1] if starts else 0
    last = ends[0] if ends else len(tokens)
    if not _may_be_empty(tokens[:first]) or not _may_be_empty(tokens[last:]):
        return None
    within = tokens[first:last]
    for index in [index for index, token in enumerate(within) if token is _Edge.WORD]:
        around = within[max(0, index - 1)], within[min(index + 1, len(within) - 1)]
        if not all(isinstance(token, str) and _WORD.fullmatch(token) for token in around):
            raise PatternError("`\\b` is a word boundary in Go", f"Use `/`, or {LITERAL}")
        return None
    inner = [token for token in within if not isinstance(token, _Edge)]
    return (*([] if starts else [REST]), *inner, *([] if ends else [REST]))


def _may_be_empty(tokens: Iterable[Token | _Edge]) -> bool:
    return all(isinstance(token, (Many, Directories, _Edge)) for token in tokens)


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def alternatives(self) -> list[list[Token | _Edge]]:
        found: list[list[Token | _Edge]] = [[]]
        while self._at < len(self._text):
            if self._skip("|"):
                found.append([])
                continue
            token = self._token()
            if isinstance(token, re.Pattern) and self._skip("*"):
                token = NAME if token.pattern == "[^/]" else Many(token)
            if repeat := _REPEAT.match(self._text, self._at):
                raise PatternError(
                    f"`{repeat[0]}` is a repetition in Go", f"Leave it out, or {LITERAL}"
                )
            found[-1].append(token)
        return found

    def _token(self) -> Token | _Edge:
        if self._skip(_DIRECTORIES):
            return LINE_DIRECTORIES
        character = self._next()
        if character == "^":
            return _Edge.START
        if character == "$":
            return _Edge.END
        if character == ".":
            return _CHARACTER
        if character == "[":
            return self._class()
        return self._escape() if character == "\\" else character

    def _escape(self) -> Token | _Edge:
        """Read what follows a backslash outside of a class."""
        edge = {"A": _Edge.START, "z": _Edge.END, "b": _Edge.WORD}.get(self._peek())
        if edge is not None:
            self._at += 1
            return edge
        several = self._several()
        return self._escaped() if several is None else re.compile(several)

    def _class(self) -> re.Pattern[str]:
        """Read a class, whose `[` has been read."""
        is_negated = self._skip("^")
        members = [self._member()]
        while not self._skip("]"):
            members.append(self._member())
        if not is_negated:
            return re.compile("|".join(members))
        if members == ["/"]:
            return re.compile("[^/]")
        return re.compile(rf"(?!{'|'.join(members)})[\s\S]")

    def _member(self) -> str:
        """Return a part of a class as an expression for one character."""
        named = _NAMED.match(self._text, self._at)
        if named is not None:
            known = _CLASSES.get(named[2]) if len(named[2]) > 1 else None
            if known is None:
                raise PatternError(f"`{named[0]:.40}` is not a class", f"Use `[a-z]`, or {LITERAL}")
            self._at = named.end()
            return f"[{named[1]}{known}]"
        if self._peek() == "\\":
            self._at += 1
            several = self._several()
            if several is not None:
                return several
            self._at -= 1
        low = high = self._one()
        if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
            self._at += 1
            high = self._one()
        if high < low:
            raise PatternError(
                f"the range {low}-{high} is in reverse order", f"Write it as `{high}-{low}`."
            )
        return re.escape(low) if low == high else f"[{re.escape(low)}-{re.escape(high)}]"

    def _one(self) -> str:
        """Read one character of a class."""
        character = self._next()
        if not character:
            raise PatternError("a `[` is not closed", f"Add a `]`, or {LITERAL}")
        return self._escaped() if character == "\\" else character

    def _several(self) -> str | None:
        r"""Read the letter of a class such as `\d`, if it is one."""
        letter = self._peek()
        if letter not in ("d", "D", "s", "S", "w", "W"):
            return None
        self._at += 1
        return f"[{'^' if letter.isupper() else ''}{_CLASSES[letter.lower()]}]"

    def _escaped(self) -> str:
        """Read the character that an escape stands for."""
        character = self._peek()
        if octal := _OCTAL.match(self._text, self._at):
            self._at = octal.end()
            return chr(int(octal[0], 8))
        if code := _HEX.match(self._text, self._at):
            number = int(code[1] or code[2], 16)
            if number <= 0x10FFFF:  # noqa: PLR2004 - the last character
                self._at = code.end()
                return chr(number)
        elif character in _CODES or (character.isascii() and not character.isalnum()):
            self._at += 1
            return _CODES.get(character, character)
        raise PatternError(f"`\\{character}` is not an escape in Go", f"Use `/`, or {LITERAL}")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1 : self._at]

    def _skip(self, text: str) -> bool:
        is_there = self._text.startswith(text, self._at)
        self._at += len(text) if is_there else 0
        return is_there
