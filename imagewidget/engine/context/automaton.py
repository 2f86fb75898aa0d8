"""Match text with several patterns at once, in time proportional to the text.

A regular expression tries every way in which the wildcards of `*a*a*a*b` can share a name,
which takes years for some names. Here all ways are followed at the same time; the steps
that were taken are remembered, so that most characters cost one look-up in a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_MOST_STEPS = 50_000
_MOST_PLACES = 1_000_000


@dataclass(frozen=True)
class Many:
    """Any number of the characters in a class."""

    of: re.Pattern[str]


@dataclass(frozen=True)
class Directories:
    """Any number of directories, each with its slash: any of the characters in a class."""

    of: re.Pattern[str]


_ANY, _IN_LINE = re.compile(r"[\s\S]"), re.compile("[^\n]")

NAME = Many(re.compile("[^/]"))
REST = Many(_ANY)
DIRECTORIES = Directories(_ANY)
LINE_DIRECTORIES = Directories(_IN_LINE)
"""A name in it has no line break."""

Token = str | re.Pattern[str] | Many | Directories
"""One character, a class of characters, or a wildcard."""


@dataclass
class _State:
    """Where the characters that were read so far may lead in the patterns."""

    places: frozenset[int]
    is_match: bool
    following: dict[str, _State] = field(default_factory=dict, repr=False)


class Automaton:
    """Several patterns, of which any may match a whole text.

    Args:
        patterns: The tokens of each pattern.
    """

    def __init__(self, patterns: Iterable[Iterable[Token]]) -> None:
        self._tokens: list[Token | None] = []
        starts = []
        for tokens in patterns:
            starts.append(len(self._tokens))
            self._tokens += (*tokens, None)
        self._starts = starts
        self._forget()

    def matches(self, text: str) -> bool:
        """Return whether a pattern matches the whole text."""
        state = self._first
        for character in text:
            following = state.following.get(character)
            state = self._step(state, character) if following is None else following
            if not state.places:
                return False
        return state.is_match

    def _forget(self) -> None:
        self._states: dict[frozenset[int], _State] = {}
        self._steps = 0
        self._places = 0
        self._first = self._state(self._starts)

    def _step(self, state: _State, character: str) -> _State:
        if self._steps >= _MOST_STEPS or self._places >= _MOST_PLACES:
            self._forget()
        self._steps += 1
        reached = (after for place in state.places for after in self._after(place, character))
        following = state.following[character] = self._state(reached)
        return following

    def _state(self, reached: Iterable[int]) -> _State:
        """Return the state for some places, and for those that need no further character."""
        places: set[int] = set()
        open_places = [*reached]
        while open_places:
            place = open_places.pop()
            if place in places:
                continue
            places.add(place)
            token = self._tokens[place] if place >= 0 else None
            if isinstance(token, (Many, Directories)):
                open_places.append(place + 1)
            if isinstance(token, Directories):
                open_places.append(~place)  # within the names of the directories
        key = frozenset(places)
        found = self._states.get(key)
        if found is None:
            is_match = any(place >= 0 and self._tokens[place] is None for place in key)
            found = self._states[key] = _State(key, is_match)
            self._places += len(key)
        return found

    def _after(self, place: int, character: str) -> tuple[int, ...]:
        """Return the places after a character."""
        token = self._tokens[place] if place >= 0 else self._tokens[~place]
        if isinstance(token, Directories):
            if place >= 0 or not token.of.fullmatch(character):
                return ()
            return (place, ~place + 1) if character == "/" else (place,)
        if token is None:
            return ()
        if isinstance(token, Many):
            return (place,) if token.of.fullmatch(character) else ()
        if isinstance(token, str):
            return (place + 1,) if token == character else ()
        return (place + 1,) if token.fullmatch(character) else ()
