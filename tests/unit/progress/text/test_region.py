"""Rows that a program goes back to are shown as a terminal shows them in the end."""

import difflib

import pytest

from imagewidget.progress.log_writer import LogWriter
from tests.fixtures import OUTPUT
from tests.unit.effort import bounded


def logged(raw: str, size: int | None = None) -> list[str]:
    """Return the lines of a log to which the text was written, in pieces of `size`."""
    log = LogWriter()
    size = size or len(raw)
    for start in range(0, len(raw), size):
        log.append(raw[start : start + size], "step")
    log.finish()
    return list(log.whole())


# What the log has besides the lines of the terminal: a line is complete at its line feed, and
# only then does the program go back to it.
BESIDES = {
    "apt": ["", ""],
    "tqdm": [
        "outer:   0%|                                             | 0/3 [00:00<?, ?it/s]",
        "outer:  33%|████████████▎                        | 1/3 [00:00<00:00,  2.05it/s]",
        "outer:  67%|████████████████████████▋            | 2/3 [00:00<00:00,  2.06it/s]",
    ],
}


@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize("program", ["pip", "apt", "npm", "cargo", "uv", "tqdm"])
def test_the_output_of_programs_reads_as_in_a_terminal(program: str, size: int | None) -> None:
    """`.raw` is what the program wrote to a terminal, `.txt` what tmux showed of it."""
    raw = (OUTPUT / f"{program}.raw").read_bytes().decode()
    terminal = (OUTPUT / f"{program}.txt").read_text(encoding="utf-8").splitlines()

    changes = difflib.ndiff(terminal, [line.rstrip() for line in logged(raw, size)])
    besides = [line for line in changes if line[:1] in "+-"]
    assert besides == [f"+ {line}" for line in BESIDES.get(program, [])]


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        ("one\n\x1b[A\rtwo\n\n", ["one", "two", ""]),
        ("a\nb\x1b[A\rc\x1b[B\rd\n", ["a", "c", "d"]),
        ("a\nb\x1b[Fc\x1b[Ed\n", ["a", "c", "d"]),
        ("a\nb\x1b[2A\rc\n\rd\n\re\n", ["a", "c", "d", "e"]),
        ("a\nb\x1b[A\rc\x1b[J\nnext\n", ["a", "c", "next"]),
        ("b\x1b[9A", ["b"]),
        ("b\x1b[0A\ra\nbb\n", ["a", "bb"]),
        ("\x1b[31mred\n\x1b[0mx\x1b[A", ["red", "x"]),
        ("x\x1b[9999999999999999A\rtop\n", ["top", "x"]),
    ],
)
@pytest.mark.parametrize("size", [None, 1])
def test_a_row_is_complete_when_the_program_has_left_it(
    raw: str, lines: list[str], size: int | None
) -> None:
    assert logged(raw, size) == lines


def test_the_open_line_is_the_row_that_is_written_to() -> None:
    log = LogWriter()
    log.append("outer: 0%\n\rinner: 1%", "step")
    log.append("\x1b[A\router: 5%", "step")
    assert (len(log), log.open and log.open.text) == (1, "outer: 5%")
    log.append("\n\rinner: 2%", "step")
    assert (len(log), log.open and log.open.text) == (1, "inner: 2%")
    log.append("\nafter\n", "step")
    assert list(log.whole()) == ["outer: 0%", "outer: 5%", "inner: 2%", "after"]
    log.append("ordinary\nlines", "step")
    assert (len(log), log.open and log.open.text) == (5, "lines")


def test_each_step_has_its_own_rows() -> None:
    log = LogWriter()
    for step in ("a", "b"):
        log.append(f"{step} bottom\x1b[A\r{step} top", step)
    log.append("\n\n", "a")
    assert list(log.whole()) == ["a top", "a bottom"]
    log.finish()
    assert list(log.whole()) == ["a top", "a bottom", "b top", "b bottom"]


@pytest.mark.parametrize(
    "raw",
    ["\x1b[A" * 20_000, "x\x1b[A\x1b[B" * 5_000, "\x1b[A\n" * 20_000, "x\x1b[A\x1b[J" * 5_000],
)
def test_any_movement_is_bounded(raw: str) -> None:
    with bounded(225):
        assert len(logged(raw)) <= 5_000
