"""Text from outside can never become a terminal escape or reorder a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import is_plain, keep_colours, visible, without_colours


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("nul \x00 bell \x07", "nul ␀ bell ␇"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("two\nlines", "two lines"),
        ("abc\u202ecba", "abc<U+202E>cba"),
        ("\x9b31mred", "red"),
        ("caf\udce9", "caf<U+DCE9>"),
    ],
)
def test_a_name_becomes_visible_text(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("10%\r50%\r100%", "100%"),
        ("abc\rX", "Xbc"),
        ("downloading\r\x1b[Kdone", "done"),
        ("abc\x08\x08X", "aXc"),
        ("tab\tkept", "tab\tkept"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[31mred\rb\x1b[0mlue", "\x1b[31mb\x1b[0mlue"),
        ("up \x1b[1A and away", "up  and away"),
        ("bar \x1b[2K\rnext", "next"),
        ("line\r", "line"),
        ("\x1b[1;31ma\rb\x1b[39mc", "\x1b[1;31mb\x1b[0;1mc\x1b[0m"),
        ("\x1b[38;5;9;44ma\x1b[49mb\rc", "\x1b[38;5;9mcb\x1b[0m"),
        ("\x1b[4m\x1b[24ma\rb", "b"),
        ("\x1b[38:2::1:2:3ma\rb\x1b[m", "\x1b[38:2::1:2:3mb\x1b[0m"),
    ],
)
def test_a_line_collapses_as_a_terminal_would(raw: str, shown: str) -> None:
    assert collapse(raw) == shown


@pytest.mark.parametrize(
    ("sequence", "kept"),
    [
        ("[m", "[0m"),
        ("[;m", "[0;0m"),
        ("[;32m", "[0;32m"),
        ("[1;;31m", "[1;0;31m"),
        ("[1;31m", "[1;31m"),
        ("[38:2::1:2:3m", "[38:2::1:2:3m"),
    ],
)
def test_a_number_missing_from_a_sequence_is_filled_in(sequence: str, kept: str) -> None:
    assert keep_colours(f"a\x1b{sequence}b") == f"a\x1b{kept}b"


@given(st.text(alphabet="\x1b[0123;:m ab"))
def test_a_safe_log_line_is_not_changed(raw: str) -> None:
    safe = keep_colours(raw)
    assert keep_colours(safe) == safe


@given(st.text())
def test_nothing_unsafe_survives(raw: str) -> None:
    assert is_plain(without_colours(collapse(raw)))
    assert is_plain(visible(raw))


@given(st.text())
def test_safe_text_is_not_changed(raw: str) -> None:
    safe = visible(raw)
    assert visible(safe) == safe
    assert keep_colours(safe) == safe
