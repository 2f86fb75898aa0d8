"""Which heredocs a line of a Dockerfile opens (moby/buildkit `parser.go`, `shell/lex.go`).

The line is split into words as a shell would, and a word that begins with `<<` opens a
heredoc. Time and memory are proportional to the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's `unicode.IsSpace` accepts, for a character class."""

_SPACES = frozenset(re.findall(rf"[{SPACE}]", "".join(map(chr, range(0x3001)))))
_OPENING = re.compile(r"[0-9]*<<(?P<chomp>-?)")
_FLAGS = re.compile(rf"(?:--\S*[{SPACE}]+)*")
_NAME = re.compile(r"[0-9]+|[@*#?$!-]|\w*")
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD"})
_DEEPEST = 50


class _NotWords(Exception):
    """The line cannot be split into words, so it has no heredocs."""


@dataclass(frozen=True)
class Heredoc:
    """A heredoc: the line that ends it, and whether tabs before that line are ignored."""

    end: str
    chomp: bool


def heredocs_in(text: str) -> Iterator[Heredoc]:
    """Yield the heredocs that an instruction opens, in order.

    Args:
        text: The whole instruction, with continued lines joined.
    """
    if "<<" not in text or not _may_have_heredocs(text):
        return
    try:
        words = _Words(text, is_raw=True).all()
        for word in words:
            match = _OPENING.match(word)
            rest = word[match.end() :].lstrip("\t\n\f\r ") if match else ""
            ends = _Words(rest, is_raw=False).all() if "<" not in rest else []
            if match and len(ends) == 1:
                yield Heredoc(ends[0], bool(match["chomp"]))
    except _NotWords:
        return


def _may_have_heredocs(text: str) -> bool:
    """Return whether the instruction is one with heredocs, and not in JSON form."""
    keyword, _, rest = _split(text)
    if keyword == "ONBUILD":
        keyword, _, rest = _split(rest)
    if keyword not in _WITH_HEREDOC:
        return False
    flags = _FLAGS.match(rest)
    arguments = rest[flags.end() :] if flags else rest
    if not arguments.startswith("["):
        return True
    try:
        values = json.loads(arguments)
    except (ValueError, RecursionError):
        return True
    return not all(isinstance(value, str) for value in values)


def _split(text: str) -> tuple[str, str, str]:
    text = text.strip("".join(_SPACES))
    found = re.search(r"[\t\v\f\r ]+", text)
    if found is None:
        return text.upper(), "", ""
    return text[: found.start()].upper(), found[0], text[found.end() :]


class _Words:
    """Splits a line into words (`shellWord.processStopOn`).

    Args:
        text: The line.
        is_raw: Whether quotes and escapes are kept.
    """

    def __init__(self, text: str, *, is_raw: bool) -> None:
        self._text = text
        self._at = 0
        self._is_raw = is_raw

    def all(self) -> list[str]:
        """Return all words.

        Raises:
            _NotWords: A quote or a brace is not closed.
        """
        words: list[str] = []
        word: list[str] = []
        for part, is_splittable in self._parts("", 0, is_raw=self._is_raw):
            if not is_splittable:
                word.append(part)
                continue
            for char in part:
                if char not in _SPACES:
                    word.append(char)
                elif any(word):
                    words.append("".join(word))
                    word = []
        if any(word):
            words.append("".join(word))
        return words

    def _next(self) -> str:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        return char

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _parts(self, stop: str, depth: int, *, is_raw: bool) -> Iterator[tuple[str, bool]]:
        """Yield pieces up to `stop`, each with whether blanks in it separate words."""
        if depth > _DEEPEST:
            raise _NotWords
        while char := self._next():
            if char == stop:
                return
            if char == "$":
                yield self._variable(depth), True
            elif char == "<":
                yield self._opening(), False
            elif char in "'\"":
                yield self._quoted(char, depth, is_raw=is_raw), False
            elif char == "\\":
                yield (char if is_raw else "") + self._next(), False
            else:
                yield char, True
        if stop:
            raise _NotWords

    def _opening(self) -> str:
        if self._peek() != "<":
            return "<"
        self._at += 1
        start = self._at
        while self._peek() in ("\t", "\r", " "):
            self._at += 1
        return "<<" + self._text[start : self._at]

    def _quoted(self, quote: str, depth: int, *, is_raw: bool) -> str:
        parts = [quote if self._is_raw else ""]
        while char := self._next():
            if char == quote:
                return "".join((*parts, quote if self._is_raw else ""))
            if quote == '"' and char == "$":
                char = self._variable(depth)
            elif quote == '"' and char == "\\":
                follows = self._peek()
                if is_raw:
                    parts.append(char)
                if not follows:
                    continue
                if follows in '"$\\':
                    char = self._next()
                elif is_raw:
                    continue
            parts.append(char)
        raise _NotWords

    def _variable(self, depth: int) -> str:
        if self._peek() != "{":
            return "$" + self._name()
        self._at += 1
        if self._peek() in ("", "{", "}", ":"):
            raise _NotWords
        name = self._name()
        kind = self._next()
        if kind == "}":
            return f"${{{name}}}"
        if kind == "/":
            if self._peek() == "/":
                self._at += 1
            parts = self._inside("/", depth), self._inside("}", depth)
            return f"${{{name}/{parts[0]}/{parts[1]}}}"
        if kind == ":":
            kind += self._next()
        if kind not in ("+", "-", "?", "#", "%", ":+", ":-", ":?"):
            raise _NotWords
        return f"${{{name}{kind}{self._inside('}', depth, is_raw=kind in '#%')}}}"

    def _inside(self, stop: str, depth: int, *, is_raw: bool = True) -> str:
        return "".join(part for part, _ in self._parts(stop, depth + 1, is_raw=is_raw))

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        name = found[0] if found else ""
        self._at += len(name)
        return name
