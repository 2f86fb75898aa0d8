"""What `.dockerignore` leaves out of a build context, by the rules of moby.

The rules are those of `moby/patternmatcher` and its `ignorefile` reader, which
the docker CLI, buildx and BuildKit share: Go's `filepath.Match` syntax, `**`
for any number of directories, `!` for exceptions, and the last pattern that
matches decides. What moby passes on to Go's `regexp` as it is has its meaning there.
The results for a directory are passed on to its contents, as in
`PatternMatcher.MatchesUsingParentResults`; as there, a pattern that was skipped
for a directory is *not* tried again for its parents.

Consecutive patterns with the same polarity are matched at the same time, so that walking
a tree costs about one match per entry, however many patterns there are.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from imagewidget.engine.context.automaton import Automaton
from imagewidget.engine.context.go_regexp import PatternError
from imagewidget.engine.context.pattern import Pattern
from imagewidget.engine.failure.errors import InvalidContext

Verdicts = int
"""The groups of patterns that match a directory, one bit per group."""

TOP: Verdicts = 0
"""The verdicts of the root of the context: no group matches it."""


@dataclass(frozen=True)
class _Group:
    """Consecutive patterns with the same polarity."""

    is_exception: bool
    patterns: tuple[Pattern, ...]
    automaton: Automaton


class PathPatterns:
    """An ordered list of patterns, some of them exceptions, for relative paths.

    BuildKit's `include-patterns` and `exclude-patterns` follow the same rules;
    to *match* there is to be *excluded* in a `.dockerignore`.

    Args:
        patterns: As in a `.dockerignore`, but without comments; a leading `!`
            marks an exception.

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
        """Return whether `path` matches, given the verdicts of its directory.

        Args:
            path: Relative to the root, with `/`, without a leading or trailing one.
            parent: The verdicts that `test` returned for the directory of `path`.

        Returns:
            Whether it matches, and the verdicts to pass on if `path` is a directory.
        """
        matched = False
        verdicts = 0
        for index, group in enumerate(self._groups):
            bit = 1 << index
            if parent & bit:
                holds = True
            elif group.is_exception is matched:
                holds = group.automaton.matches(path)
            else:
                continue
            if holds:
                verdicts |= bit
                matched = not group.is_exception
        return matched, verdicts

    def matches(self, path: str) -> bool:
        """Return whether `path` matches, testing each directory above it first."""
        verdicts = TOP
        matched = False
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            matched, verdicts = self.test("/".join(parts[:end]), verdicts)
        return matched

    def may_match_below(self, directory: str, *, exceptions: bool = False) -> bool:
        """Return whether a pattern could match something inside `directory`.

        Args:
            directory: Relative to the root.
            exceptions: Whether to look at the exceptions instead of the plain patterns.

        Returns:
            False only if it is certain that no pattern can match.
        """
        parts = directory.split("/")
        return any(
            pattern.may_match_below(parts)
            for group in self._groups
            if group.is_exception is exceptions
            for pattern in group.patterns
        )


class IgnoreRules(PathPatterns):
    """The rules of a `.dockerignore`."""

    @classmethod
    def parse(cls, text: str, *, name: str = ".dockerignore") -> IgnoreRules:
        """Parse the content of a `.dockerignore`.

        Args:
            text: The file's content; a byte order mark is skipped.
            name: The file's name, for the error message.

        Raises:
            InvalidContext: A pattern is malformed.
        """
        try:
            return cls(read_patterns(text))
        except InvalidContext as error:
            raise InvalidContext(f"{name}: {error.message}", hint=error.hint) from None

    def excludes(self, path: str) -> bool:
        """Return whether `path` is left out of the context."""
        return self.matches(path)

    def keeping(self, *paths: str) -> IgnoreRules:
        """Return rules that exclude the same paths except for `paths`.

        The classic builder needs the Dockerfile and the `.dockerignore` itself,
        even if the patterns exclude them (docker CLI, `TrimBuildFilesFromExcludes`).
        """
        kept = [f"!{_literally(path)}" for path in paths if self.excludes(path)]
        return IgnoreRules((*self.patterns, *kept)) if kept else self


def read_patterns(text: str) -> list[str]:
    """Read the patterns of an ignore file, cleaned as moby's `ignorefile` does.

    A line that *begins* with `#` is a comment; whitespace around a pattern and a
    leading `/` are dropped, and the path is normalised.
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
            "The pattern `!` has no path after it.",
            hint="Write the path to keep after the `!`, such as `!README.md`.",
        )
    try:
        return Pattern(pattern, is_exception=is_exception)
    except PatternError as error:
        raise InvalidContext(
            f"The pattern `{text}` is malformed: {error}.",
            hint=error.hint,
        ) from None


def _clean(pattern: str) -> str:
    """Normalise a path as Go's `filepath.Clean` does, with `/` on every system."""
    if os.name == "nt":
        pattern = pattern.replace("\\", "/")
    cleaned = posixpath.normpath(pattern)
    # POSIX keeps two leading slashes; Go does not.
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _group(is_exception: bool, patterns: tuple[Pattern, ...]) -> _Group:
    automaton = Automaton(tokens for pattern in patterns for tokens in pattern.alternatives)
    return _Group(is_exception, patterns, automaton)


def _literally(path: str) -> str:
    """Escape the characters that are wildcards in a pattern."""
    return re.sub(r"([*?\[\]\\^|{}])", r"\\\1", path)
