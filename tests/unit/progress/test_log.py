"""The log finds every line by its number, in bounded memory, and joins split chunks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.progress.log import Log
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.text.line import LONGEST
from imagewidget.progress.text.safe_text import without_colours


def texts(log: Log, start: int = 0, stop: int = 10**9) -> list[str]:
    return [line.text for line in log.lines(start, stop)]


def test_chunks_of_a_line_are_joined() -> None:
    log = LogWriter()
    for chunk in ("Collec", "ting num", "py\nDown", "loading\n"):
        log.append(chunk)
    assert texts(log) == ["Collecting numpy", "Downloading"]


def test_a_carriage_return_split_from_its_line_feed_ends_the_line_once() -> None:
    log = LogWriter()
    log.append("one\r")
    log.append("\ntwo\r\n")
    assert texts(log) == ["one", "two"]


def test_the_unfinished_line_is_visible_and_kept_at_the_end() -> None:
    log = LogWriter()
    log.append("10%\r20%", step="a")
    assert log.open is not None
    assert log.open.text == "20%"
    assert len(log) == 0
    log.finish()
    assert texts(log) == ["20%"]
    assert log.open is None


def test_output_of_concurrent_steps_is_not_mixed_within_a_line() -> None:
    log = LogWriter()
    log.append("from a, ", step="a")
    log.append("from b\n", step="b")
    log.append("whole\n", step="a")
    assert [(line.step, line.text) for line in log.lines(0, 9)] == [
        ("b", "from b"),
        ("a", "from a, whole"),
    ]


def test_lines_between_head_and_tail_come_from_the_spool() -> None:
    log = LogWriter(head=5, tail=10)
    for number in range(5_000):
        log.append(f"line {number}\n", step=f"step-{number % 3}")
    assert texts(log, 2_000, 2_003) == ["line 2000", "line 2001", "line 2002"]
    assert [line.number for line in log.lines(0, 9_999)] == list(range(5_000))
    assert log.lines(2_000, 2_001)[0].step == "step-2"
    assert log.gap is None


def test_a_full_spool_keeps_head_and_tail_and_the_gap_names_the_dropped_lines() -> None:
    log = LogWriter(head=5, tail=10, spool_limit=0)
    for number in range(100):
        log.append(f"line {number}\n")
    assert texts(log) == [f"line {number}" for number in (*range(5), *range(90, 100))]
    assert log.gap == (5, 90)


@pytest.mark.no_cover
def test_an_endless_progress_bar_does_not_use_more_and_more_memory() -> None:
    log = LogWriter()
    for percent in range(100_000):
        log.append(f"\r{percent}")
    log.append("\n")
    assert texts(log) == ["99999"]


def test_the_tail_of_one_step() -> None:
    log = LogWriter()
    log.append("a1\n", step="a")
    log.append("b1\nb2\n", step="b")
    assert [line.text for line in log.tail(5, step="a")] == ["a1"]
    assert [line.text for line in log.tail(2)] == ["b1", "b2"]


def test_the_saved_log_is_complete_and_plain_text(tmp_path: Path) -> None:
    log = LogWriter(head=1, tail=1)
    log.append("\x1b[32mgreen\x1b[0m\nsecond\nthird\n")
    assert log.save(tmp_path / "build.log").read_text() == "green\nsecond\nthird\n"
    assert log.text() == "green\nsecond\nthird\n"


@given(
    st.lists(st.text("ab\r\n\x1b[31m€", max_size=8), max_size=30),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_any_range_equals_that_slice_of_the_log(chunks: list[str], start: int, stop: int) -> None:
    log = LogWriter(head=3, tail=4)
    for chunk in chunks:
        log.append(chunk)
    assert log.lines(start, stop) == list(log)[start:stop]


@given(st.text("ab\r\n€", max_size=60), st.integers(1, 7))
def test_it_does_not_matter_how_text_is_split_into_chunks(text: str, size: int) -> None:
    whole, pieces = LogWriter(), LogWriter()
    whole.append(text)
    for start in range(0, len(text), size):
        pieces.append(text[start : start + size])
    whole.finish()
    pieces.finish()
    assert texts(whole) == texts(pieces)


def test_a_progress_bar_with_trailing_carriage_returns_stays_one_line() -> None:
    log = LogWriter()
    for number in range(5_000):
        log.append(f"Downloading {number:5} of 5000\r")
    assert log.open is not None
    assert log.open.text == "Downloading  4999 of 5000"
    log.append("done\n")
    assert texts(log) == ["doneloading  4999 of 5000"]


@pytest.mark.parametrize("size", [7, 4_096, 100_000])
def test_a_line_that_is_too_long_is_cut_at_its_end_whatever_its_chunks(size: int) -> None:
    log = LogWriter()
    line = "".join(f"{number:05} " for number in range(20_000))
    for start in range(0, len(line), size):
        log.append(line[start : start + size])
    log.append("\n")
    (shown,) = texts(log)
    assert shown == line[:LONGEST] + " […]"


def test_a_cut_line_resets_its_colours_and_has_no_incomplete_sequence() -> None:
    log = LogWriter()
    log.append("x" * (LONGEST - 2) + "\x1b[31mred\n")
    log.append("\x1b[31m" + "y" * LONGEST + "\n")
    first, second = texts(log)
    assert first == "x" * (LONGEST - 2) + " […]"
    assert second.endswith("y\x1b[0m […]")


def test_colours_that_are_never_turned_off_do_not_accumulate() -> None:
    log = LogWriter()
    rainbow = "".join(f"\x1b[38;5;{number % 256}m*" for number in range(1_000))
    log.append(f"old\r{rainbow}\n")
    (shown,) = texts(log)
    assert without_colours(shown) == "*" * 1_000
    assert len(shown) < 1.1 * len(rainbow)


def test_the_last_lines_in_memory_are_also_bounded_by_their_size() -> None:
    log = LogWriter(head=0, tail_size=100_000)
    for number in range(100):
        log.append(f"{number:04}" + "z" * 9_996 + "\n")
    assert sum(len(line.text) for line in log.tail(1_000)) <= 100_000
    assert texts(log, 3, 4)[0].startswith("0003")
    assert len(texts(log, 0, 200)) == 100


def test_what_users_have_can_only_be_read() -> None:
    """`job.log` is typed as a `Log`."""
    public = {name for name in dir(Log) if not name.startswith("_")}

    assert public == {"gap", "lines", "open", "save", "tail", "text", "whole"}
    assert list(Log()) == []
    assert isinstance(LogWriter(), Log)
