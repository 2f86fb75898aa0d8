"""A line shows what a terminal shows."""

import pytest

from imagewidget.progress.text.line import LONGEST, Line, collapse
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
        ("\u1112\u1161\u11ab\rab", "ab"),
        ("a\u00adb\rxy", "xyb"),
        ("a\tb\rx", "x       b"),
        ("abcd\r\x1b[2Px", "xd"),
        ("abcd\r\x1b[2@x", "x abcd"),
        ("日本\x1b[2G\x1b[Px", " x"),
        ("日\x1b[D\x1b[G", "日"),
        ("abc\x1b[2`x", "axc"),
        ("\x1b[32ma\x1b7\x1b[0mb\x1b8c", "\x1b[32mac\x1b[0m"),
        ("beep\a", "beep"),
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


@pytest.mark.parametrize("size", [100_000_000, 999])
def test_a_plain_line_of_any_length_is_cut_without_looking_at_its_cells(size: int) -> None:
    raw = "x" * 2_000_000
    with bounded(10):
        line = Line()
        for start in range(0, len(raw), size):
            line.write(raw[start : start + size])
        assert line.shown() == collapse(raw) == "x" * LONGEST + " […]"
        line.write("\r\x1b[Kshort")
        assert line.shown() == "short"


@pytest.mark.parametrize("size", [100_000_000, 999, 1])
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("reading " + "".join(f"{n % 100:02}%\b\b\b" for n in range(12_000)), "reading 99%"),
        ("Solving environment: " + "/\b-\b\\\b|\b" * 5_000 + "done", "Solving environment: done"),
        ("\x1b[32m" + "frame\r" * 9_000 + "FRAME", "\x1b[32mFRAME\x1b[0m"),
        ("\x1b[31m" + "x" * 50_000 + "\r\x1b[K\x1b[0mshort", "short"),
        ("日本語\r" * 15_000 + "a", "a 本語"),
    ],
    ids=range(5),
)
def test_a_line_that_is_rewritten_ten_thousand_times(raw: str, shown: str, size: int) -> None:
    line = Line()
    for start in range(0, len(raw), size):
        line.write(raw[start : start + size])
    assert line.shown() == shown


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
