"""A line shows what a terminal shows."""

import pytest

from imagewidget.progress.text.line import LONGEST, collapse
from tests.unit.effort import bounded


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ab\x1b[Hcd", "abcd"),
        ("abc\x1b[1Gx", "xbc"),
        ("abc\x1b[Gx", "xbc"),
        ("abc\x1b[5Gx", "abc x"),
        ("abc\x1b[2Dx", "axc"),
        ("abc\x1b[9Dx", "xbc"),
        ("abc\r\x1b[Cx", "axc"),
        ("abc\r\x1b[0Cx", "axc"),
        ("abc\x1b[2Cx", "abc  x"),
        ("abcd\r\x1b[2Xx", "x cd"),
        ("abcd\r\x1b[99X", ""),
        ("ab\x1b7cd\x1b8x", "abxd"),
        ("ab\x1b[scd\x1b[ux", "abxd"),
        ("abcd\x1b8x", "xbcd"),
        ("abcd\r\x1b[Jx", "x"),
        ("abcd\x1b[2D\x1b[1Kx", "  xd"),
        ("abcd\x1b[2Kx", "    x"),
        ("日本\rab", "ab本"),
        ("日本\ra", "a 本"),
        ("abcd\r日", "日cd"),
        ("日本\x1b[3Gx", "日x"),
        ("e\u0301a\rx", "xa"),
        ("ab\re\u0301", "e\u0301b"),
        ("👍\u200d👍\rab", "ab👍"),
        ("a\tb\rx", "x       b"),
        ("aaaa\tb\rx\tc", "xaaa    c"),
        ("a\tb", "a\tb"),
        ("done\x1b[", "done"),
        ("done\x1b[38;5", "done"),
        ("done\x1b", "done"),
        ("done\x1b]0;title", "done"),
        ("\x1b[?25hdone\x1b[?25", "done"),
        ("\x1b[31mab\r\x1b[0mx", "x\x1b[31mb\x1b[0m"),
    ],
)
def test_what_moves_within_a_line_is_followed(raw: str, shown: str) -> None:
    assert collapse(raw) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "\x1b[999999999999Gx",
        "\x1b[999999C" * 1_000 + "x",
        "a\x1b[1Gb" * 5_000,
        "日\r" * 20_000,
        "\x1b[" * 20_000,
        "a" + "\u0301" * 40_000 + "\r",
        "\x1b7" * 20_000 + "\x1b[X" * 10_000,
    ],
    ids=range(7),
)
def test_any_line_is_bounded_in_time_and_length(raw: str) -> None:
    with bounded(225):
        assert len(collapse(raw)) <= LONGEST + 10
