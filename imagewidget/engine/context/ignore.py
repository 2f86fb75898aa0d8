"""What `.dockerignore` leaves out of a build context, with moby's meaning.

The rules are those of `moby/patternmatcher` and its `ignorefile` reader, which
the docker CLI, buildx and BuildKit share: Go's `filepath.Match` syntax, `**`
for any number of directories, `!` for exceptions, and the last pattern that
matches decides. A directory's verdict is handed down to what it contains, as
`PatternMatcher.MatchesUsingParentResults` does; this is also where a pattern
that was passed over for a directory is *not* tried again for its parents.

Consecutive patterns of one polarity are compiled to a single regular
expression, so that a tree is walked at the price of one match an entry.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from imagewidget.engine.context.pattern import Pattern, PatternError
from imagewidget.engine.failure.errors import InvalidContext

Verdicts = int
"""Which groups of patterns hold for a directory, one bit a group."""

TOP: Verdicts = 0
"""The verdicts handed down by the root of the context: none."""


@dataclass(frozen=True)
class _Group:
    """Consecutive patterns of one polarity."""

    is_exception: bool
    patterns: tuple[Pattern, ...]
    regex: re.Pattern[str]


class PathPatterns:
    """An ordered list of patterns, some of them exceptions, for relative paths.

    Also what BuildKit asks for with `include-patterns` and `exclude-patterns`:
    there a path *matches*, here it is *excluded*; the rules are the same.

    Args:
        patterns: As in a `.dockerignore`, but without comments; a leading `!`
            makes an exception.

    Raises:
        InvalidContext: A pattern is malformed.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.patterns = tuple(patterns)
        parsed = [pattern for text in self.patterns if (pattern := _parse(text)) is not None]
        self._groups = tuple(
            _group(is_exception, tuple(group))
            for is_exception, group in groupby(parsed, key=lambda pattern: pattern.is_exception)
        )

    def __bool__(self) -> bool:
        return bool(self._groups)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.patterns)!r})"

    def test(self, path: str, parent: Verdicts = TOP) -> tuple[bool, Verdicts]:
        """Say whether `path` matches, given what its directory handed down.

        Args:
            path: Relative to the root, with `/`, without a leading or trailing one.
            parent: What `test` gave for the directory that `path` is in.

        Returns:
            The answer, and the verdicts to hand down if `path` is a directory.
        """
        matched = False
        verdicts = 0
        for index, group in enumerate(self._groups):
            bit = 1 << index
            if parent & bit:
                holds = True
            elif group.is_exception is matched:
                holds = group.regex.fullmatch(path) is not None
            else:
                continue
            if holds:
                verdicts |= bit
                matched = not group.is_exception
        return matched, verdicts

    def matches(self, path: str) -> bool:
        """Say whether `path` matches, testing each directory above it first."""
        verdicts = TOP
        matched = False
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            matched, verdicts = self.test("/".join(parts[:end]), verdicts)
        return matched

    def may_match_below(self, directory: str, *, exceptions: bool = False) -> bool:
        """Say whether a pattern could match something inside `directory`.

        Args:
            directory: Relative to the root.
            exceptions: Ask about the exceptions instead of the plain patterns.

        Returns:
            False only if it is certain that none can.
        """
        parts = directory.split("/")
        return any(
            pattern.may_match_below(parts)
            for group in self._groups
            if group.is_exception is exceptions
            for pattern in group.patterns
        )


class IgnoreRules(PathPatterns):
    """A `.dockerignore`: what it excludes, and where exceptions may hide."""

    @classmethod
    def parse(cls, text: str, *, name: str = ".dockerignore") -> IgnoreRules:
        """Read the text of a `.dockerignore`.

        Args:
            text: The file's content; a byte order mark is passed over.
            name: The file's name, for the error's message.

        Raises:
            InvalidContext: A pattern is malformed.
        """
        try:
            return cls(read_patterns(text))
        except InvalidContext as error:
            raise InvalidContext(f"{name}: {error.message}", hint=error.hint) from None

    def excludes(self, path: str) -> bool:
        """Say whether `path` is left out of the context."""
        return self.matches(path)

    def keeping(self, *paths: str) -> IgnoreRules:
        """Give rules that exclude the same but for `paths`.

        The classic builder needs the Dockerfile and `.dockerignore` themselves,
        whatever the patterns say (docker CLI, `TrimBuildFilesFromExcludes`).
        """
        kept = [f"!{_literally(path)}" for path in paths if self.excludes(path)]
        return IgnoreRules((*self.patterns, *kept)) if kept else self


def read_patterns(text: str) -> list[str]:
    """Read the patterns of an ignore file, cleaned as moby's `ignorefile` does.

    A line that *begins* with `#` is a comment; blanks around a pattern and a
    leading `/` are dropped, and the path is made shortest.
    """
    patterns = []
    for line in text.removeprefix("\ufeff").split("\n"):
        if line.startswith("#"):
            continue
        pattern = line.strip()
        if not pattern:
            continue
        mark = "!" if pattern.startswith("!") else ""
        pattern = pattern.removeprefix("!").strip()
        if pattern:
            pattern = _clean(pattern)
            if len(pattern) > 1:
                pattern = pattern.removeprefix("/")
        patterns.append(mark + pattern)
    return patterns


def _parse(text: str) -> Pattern | None:
    """Compile one pattern; None if it is blank."""
    pattern = text.strip()
    if not pattern:
        return None
    pattern = _clean(pattern)
    is_exception = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    if not pattern:
        raise InvalidContext(
            "The pattern `!` names nothing.",
            hint="Write what is to be kept after it, such as `!README.md`.",
        )
    try:
        return Pattern(pattern, is_exception=is_exception)
    except PatternError as error:
        raise InvalidContext(
            f"The pattern `{text}` is malformed: {error}.",
            hint="Close every `[`, and write `\\` before a character that stands for itself.",
        ) from None


def _clean(pattern: str) -> str:
    """Shorten a path as Go's `filepath.Clean` does, with `/` on every system."""
    if os.name == "nt":
        pattern = pattern.replace("\\", "/")
    cleaned = posixpath.normpath(pattern)
    # POSIX lets two leading slashes stand; Go does not.
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _group(is_exception: bool, patterns: tuple[Pattern, ...]) -> _Group:
    regex = re.compile("|".join(pattern.regex for pattern in patterns), re.DOTALL)
    return _Group(is_exception, patterns, regex)


def _literally(path: str) -> str:
    """Escape what would be a wildcard in a pattern."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", path)
