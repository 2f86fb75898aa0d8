"""The JSON values of a stream, however it is cut into pieces."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.json_stream import json_values
from tests.unit.effort import bounded

VALUES: list[Any] = [
    {"status": 'a "quoted" \\ { [ }\n', "progressDetail": {}},
    [],
    {"stream": "━é\N{SNOWMAN}"},
    "}{",
    None,
    [[{"a": []}], 5],
]


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("between", ["\n", "\r\n", " ", "\n\n"])
@pytest.mark.parametrize("indent", [None, 2])
@given(size=st.integers(1, 40), values=st.lists(st.sampled_from(VALUES), max_size=5))
def test_every_value_is_read_wherever_the_stream_is_cut(
    between: str, indent: int | None, size: int, values: list[Any]
) -> None:
    written = (json.dumps(value, ensure_ascii=False, indent=indent) for value in values)
    assert list(json_values(cut(between.join(written).encode(), size))) == values


def test_a_value_is_read_as_soon_as_it_is_complete() -> None:
    arrived: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        for chunk in (b'{"a": [1', b'], "b": "}"}', b' {"c": 2}\nnull\n', b"[3]"):
            arrived.append(chunk)
            yield chunk

    values = json_values(chunks())
    assert next(values) == {"a": [1], "b": "}"}
    assert len(arrived) == 2
    assert [next(values), next(values)] == [{"c": 2}, None]
    assert len(arrived) == 3
    assert list(values) == [[3]]


def test_a_character_may_be_cut_in_two_and_one_that_is_not_utf_8_is_replaced() -> None:
    lines = json.dumps({"stream": "━" * 3000}, ensure_ascii=False).encode() + b'\n"\xff"'
    first, second = json_values(cut(lines, 2048))
    assert first == {"stream": "━" * 3000}
    assert second == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}{"b"',
        b'{"a": 1}\n"b',
        b'{"a": 1}\n{"b": "c\n',
        b'{"a": 1}\nnonsense\n{"b": 2}',
        b'{"a": 1}\n}',
        b'{"a": 1}' + b"[" * 100_000,
        b'{"a": 1}' + b"[" * 100_000 + b"]" * 100_000,
        b'{"a": 1}\n{"b": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(8),
)
def test_what_is_not_json_ends_the_stream_after_the_values_before_it(data: bytes) -> None:
    values = json_values([data])
    assert next(values) == {"a": 1}
    with pytest.raises(EOFError):
        next(values)


def test_reading_takes_time_in_proportion_to_the_stream() -> None:
    one = b'{"a": "' + b"x" * 4_000_000 + b'"}'
    many = b'{"a": {"b": "c"}}' * 20_000
    with bounded(75):
        (value,) = json_values(cut(one, 4096))
        assert len(value["a"]) == 4_000_000
        assert len(list(json_values([many]))) == 20_000
