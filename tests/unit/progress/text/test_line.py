"""A line shows what a terminal shows."""

import pytest

from imagewidget.progress.log_writer import LogWriter
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


PIP = "     \x1b[90m━━━━\x1b[0m \x1b[32m{} MB\x1b[0m \x1b[31m{}\x1b[0m eta \x1b[36m{}\x1b[0m"
APT = "Reading package lists... "
BAR = "\x1b7\x1b[24;0f\x1b[42m\x1b[30mProgress: [  0%]\x1b[49m\x1b[39m\x1b8"
CARGO = "\x1b[K\x1b[1m\x1b[32m   {}\x1b[0m {}"
UV = "\r\x1b[2K⠋ Resolving dependencies...\r\x1b[2K⠙ a==1\r\x1b[2KResolved 1 package\n"


# As written to a terminal by these programs; only the numbers are shortened.
@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (  # pip, with rich
            (
                f"\x1b[?25l{PIP.format('0.0/1.2', '?', '-:--:--')}\r\x1b[2K"
                f"{PIP.format('1.2/1.2', '9 MB/s', '0:00:00')}\n\x1b[?25h"
            ),
            ["     ━━━━ 1.2/1.2 MB 9 MB/s eta 0:00:00"],
        ),
        (  # apt, with its bar at the bottom of the terminal
            f"{APT}0%\r\r{APT}50%\r\r{APT}Done\r\n{BAR}Unpacking x\r\n",
            [f"{APT}Done", "Unpacking x"],
        ),
        (  # npm
            "\x1b[1G\x1b[0K⠙\x1b[1G\x1b[0K⠹\x1b[1G\x1b[0K\nadded 1 package\n",
            ["", "added 1 package"],
        ),
        (  # cargo
            (
                f"{CARGO.format('Compiling', 'a v1')}\n    Building [=>  ] 1/2: b\r"
                f"{CARGO.format(' Finished', 'dev')}\n"
            ),
            ["   Compiling a v1", "    Finished dev"],
        ),
        (UV, ["Resolved 1 package"]),  # with indicatif
        (  # tqdm within tqdm
            "a:   0%|   | 0/2\n\rb: 100%|###| 3/3\x1b[A\ra:  50%|#  | 1/2\n\rb:  33%|#  | 1/3\n",
            ["a:   0%|   | 0/2", "a:  50%|#  | 1/2", "b:  33%|#  | 1/3"],
        ),
    ],
    ids=["pip", "apt", "npm", "cargo", "uv", "tqdm"],
)
def test_the_output_of_well_known_programs_is_readable(raw: str, lines: list[str]) -> None:
    log = LogWriter()
    for character in raw:
        log.append(character)
    log.finish()
    assert list(log.whole()) == lines


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
