"""The log tail of an error is the end of the log, with either builder."""

import pytest

from imagewidget.engine.buildkit.proto.status_pb2 import StatusResponse, VertexLog
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.classic.failure import failure
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import BuildFailed
from imagewidget.engine.failure.log_tail import LogTail
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.text.safe_text import without_colours
from tests.unit.effort import bounded

WRITTEN = {
    "a bar": "start\n10 %\r20 %\r100 %\ndone\n",
    "a bar that gets shorter": "Downloading 100 of 100\rdone\n",
    "a bar that has not ended": "start\n10 %\r20 %\r",
    "line ends of Windows": "one\r\ntwo\r\n",
    "backspaces": "|\b/\b-\b done\nabc\b\bX\n",
    "an erased line": "a long line\r\x1b[Kshort\n12345\x1b[1Kx\n",
    "colours": "\x1b[31mred\x1b[0m plain\n\x1b[1;32mgreen\rover\x1b[m\n",
    "other sequences": "\x1b]0;title\x07a\x1b[2Jb\x00\n",
}


def log_lines(text: str) -> list[str]:
    log = LogWriter()
    log.append(text)
    log.finish()
    return [line.text for line in log]


def of_buildkit(pieces: list[str]) -> tuple[str, ...]:
    trace = Trace(lambda: 0.0)
    for piece in pieces:
        log = VertexLog(vertex="sha256:a", stream=1, msg=piece.encode())
        list(trace.read(StatusResponse(logs=[log]).SerializeToString()))
    return BuildFailed("x", log_tail=trace.tail("sha256:a")).log_tail


def of_classic(pieces: list[str]) -> tuple[str, ...]:
    tail = LogTail()
    for piece in pieces:
        tail.write(piece)
    error = failure("returned a non-zero code: 1", 1, dockerfile=read_dockerfile(""), log=tail)
    assert isinstance(error, BuildFailed)
    return error.log_tail


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("size", [1, 1_000])
def test_both_builders_show_the_lines_of_the_log(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    expected = log_lines(text)
    assert list(of_buildkit(pieces)) == expected
    assert list(of_classic(pieces)) == list(map(without_colours, expected))


def test_blank_lines_at_the_end_are_dropped() -> None:
    tail = LogTail()
    tail.write("\x1b[31mred\n\x1b[0m\n  \n")
    assert [without_colours(line) for line in tail.lines(5)] == ["red"]
    assert not LogTail()
    assert LogTail().lines(5) == ()


@pytest.mark.no_cover
@pytest.mark.parametrize("piece", ["x", "a line\n", "y" * 10_000, "z" * 100_000 + "\n"])
def test_long_output_takes_bounded_memory_and_linear_time(piece: str) -> None:
    tail = LogTail()
    with bounded(300):
        for _ in range(500_000 // len(piece)):
            tail.write(piece)
    assert sum(map(len, tail._pieces)) < 40_000
    assert sum(map(len, tail.lines(10**6))) <= 17_000


def test_the_last_characters_are_kept_across_large_pieces() -> None:
    tail = LogTail()
    tail.write("before\n" * 1_000)
    tail.write("after\n" * 2_000)
    assert tail.lines(10**6)[1] == "before"
