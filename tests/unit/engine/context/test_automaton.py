"""Patterns are matched in linear time, as a regular expression would match them."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.buildkit.files.followpaths import followed
from imagewidget.engine.context.automaton import (
    DIRECTORIES,
    LINE_DIRECTORIES,
    NAME,
    REST,
    Automaton,
    Directories,
    Many,
    Token,
)
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.context.pattern import Pattern
from tests.unit.effort import bounded

WILD = (NAME, REST, DIRECTORIES, LINE_DIRECTORIES, Many(re.compile("[ab]")))


def _source(token: Token) -> str:
    if isinstance(token, Many):
        return f"{token.of.pattern}*"
    if isinstance(token, Directories):
        return f"(?:{token.of.pattern}*/)?"
    return re.escape(token) if isinstance(token, str) else token.pattern


TOKENS = st.lists(
    st.sampled_from([*WILD, "a", "b", "/", re.compile("[^/]"), re.compile("[a-c]")]), max_size=6
)


@given(st.lists(TOKENS, max_size=3), st.text("ab/\n", max_size=10))
def test_the_result_is_that_of_a_regular_expression(patterns: list[list[Token]], text: str) -> None:
    source = "|".join(f"(?:{''.join(map(_source, tokens))})" for tokens in patterns)
    expected = bool(patterns) and re.fullmatch(source, text, re.DOTALL) is not None
    assert Automaton(patterns).matches(text) is expected


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 10 + "*b", "a" * 120),
        ("**/a/" * 8 + "b", "a/" * 60 + "a"),
        ("***" * 10 + "b", "a/" * 60),
        ("?*" * 20 + "b", "a" * 120),
        ("*a" * 10 + "*b/**", "a" * 120 + "/x"),
        ("!" + "*a" * 10 + "*b", "a" * 120),
    ],
)
def test_matching_takes_time_in_proportion_to_the_path(pattern: str, path: str) -> None:
    rules = IgnoreRules.parse(f"x\n{pattern}")
    with bounded(75):
        assert not rules.excludes(path)
        assert not rules.may_match_below(path + "/x", exceptions=True)


def test_following_links_takes_time_in_proportion_to_the_names(tmp_path: Path) -> None:
    (tmp_path / ("a" * 120)).symlink_to("elsewhere")
    with bounded(75):
        followed(str(tmp_path), ["*a" * 10 + "*b"])


def test_following_a_path_takes_time_in_proportion_to_it(tmp_path: Path) -> None:
    for number in range(1_200):
        (tmp_path / f"l{number}").symlink_to(f"l{number + 1}")
    long = "a/" * 50_000 + "b"
    with bounded(75):
        assert followed(str(tmp_path), ["l0/x", long]) == sorted(
            [long, "l1200/x", *(f"l{number}" for number in range(1_200))]
        )


def test_what_is_remembered_is_bounded() -> None:
    automaton = Automaton([(NAME, "a", NAME, "b")])
    for number in range(200):
        automaton.matches("".join(chr(0x4E00 + number * 300 + each) for each in range(300)))
    assert sum(len(state.following) for state in automaton._states.values()) <= 50_000
    assert automaton.matches("xaxb")


def test_the_places_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagewidget.engine.context.automaton._MOST_PLACES", 50_000)
    patterns = (Pattern(f"*a{'?' * 20}{number}*") for number in range(100))
    automaton = Automaton(tokens for each in patterns for tokens in each.alternatives)
    letters = random.Random(1)  # noqa: S311 - any text will do
    automaton.matches("".join(letters.choices("ab", k=200)))
    assert sum(len(state.places) for state in automaton._states.values()) < 55_000
    assert automaton.matches("a" * 21 + "7")
    assert not automaton.matches("b" * 21 + "7")
