"""The checks that fit every option whose value is of their kind."""

import math
from typing import Any

import pytest

from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.request.checks import (
    check_choice,
    check_flag,
    check_number,
    check_strings,
    check_text,
)

MOST = 2**63 - 1


@pytest.mark.parametrize(
    ("value", "kind", "number"),
    [
        (None, int, None),
        (1, int, 1),
        (MOST, int, MOST),
        (5, float, 5.0),
        (0.5, float, 0.5),
        (None, float, None),
    ],
)
def test_a_number_in_bounds_is_returned(value: Any, kind: type[int | float], number: Any) -> None:
    checked = check_number(value, "size", kind, least=0.5)
    assert checked == number
    assert type(checked) is type(number)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (True, int, "`size` must be an int, not bool."),
        (True, float, "`size` must be a number, not bool."),
        ("64m", int, "`size` must be an int, not str."),
        (64.0, int, "`size` must be an int, not float."),
        (math.nan, int, "`size` must be an int, not float."),
        ([1], float, "`size` must be a number, not list."),
    ],
)
def test_what_is_no_number_is_refused(value: Any, kind: type[int | float], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        check_number(value, "size", kind)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (0, int, "`size` must be at least 1, not 0."),
        (-(10**6), int, "`size` must be at least 1, not -1,000,000."),
        (MOST + 1, int, f"`size` must be at most {MOST:,}, not {MOST + 1:,}."),
        (10**100, int, f"`size` must be at most {MOST:,}, not a number that large."),
        (-(10**100), int, "`size` must be at least 1, not a number that small."),
        (0.5, float, "`size` must be at least 1, not 0.5."),
        (math.nan, float, "`size` must be finite, not nan."),
        (math.inf, float, "`size` must be finite, not inf."),
        (-math.inf, float, "`size` must be finite, not -inf."),
    ],
)
def test_a_number_out_of_bounds_is_refused(
    value: Any, kind: type[int | float], message: str
) -> None:
    with pytest.raises(InvalidContext) as caught:
        check_number(value, "size", kind, least=1)
    assert caught.value.message == message
    assert caught.value.hint.startswith("Leave out `size`")


def test_strings_are_checked_by_name() -> None:
    assert check_strings({"a": "", "b": "1"}, "hosts") == {"a": "", "b": "1"}
    assert check_strings(None, "hosts") == {}
    with pytest.raises(TypeError, match="`hosts` must be a mapping"):
        check_strings(["a=1"], "hosts")
    with pytest.raises(TypeError, match="The keys of `hosts` must be str, not int"):
        check_strings({1: "a"}, "hosts")
    with pytest.raises(TypeError, match=r"`hosts\['a'\]` must be a str, not int"):
        check_strings({"a": 1}, "hosts")
    with pytest.raises(InvalidContext, match="A name in `hosts` is empty"):
        check_strings({" ": "1"}, "hosts")


def test_a_choice_is_one_of_the_known_words() -> None:
    assert check_choice("up", "sort_order", ("up", "down")) == "up"
    with pytest.raises(InvalidContext, match="no sort order called `upp`") as caught:
        check_choice("upp", "sort_order", ("up", "down"))
    assert caught.value.hint == "Did you mean `up`?"
    with pytest.raises(InvalidContext) as caught:
        check_choice("", "sort_order", ("up", "down"))
    assert caught.value.hint == "Use one of: up, down."
    with pytest.raises(TypeError, match="`sort_order` must be a str"):
        check_choice(["up"], "sort_order", ("up", "down"))


@pytest.mark.parametrize("text", ["\ud800", "a\x1b[31m", "a\nb", "a" * 100_000])
def test_a_text_that_cannot_be_one_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidContext, match="`network` is not valid") as caught:
        check_text(text, "network")
    assert "255 characters" in caught.value.hint


@pytest.mark.parametrize("value", ["x" * 100_000, "no", 1, None])
def test_what_is_not_a_flag_is_named_by_its_type_only(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        check_flag(value, "no_cache")
    assert str(caught.value) == f"`no_cache` must be True or False, not {type(value).__name__}."


def test_a_choice_is_repeated_within_bounds() -> None:
    with pytest.raises(InvalidContext) as caught:
        check_choice("\x1b[2J" + "x" * 100_000, "builder", ("auto",))
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400
