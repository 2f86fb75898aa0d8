"""Standard streams that cannot be written to: a full disk, and a reader that is gone."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from imagewidget.cli.commands import COMPLETION_VARIABLE
from imagewidget.cli.main import run

ON_OUT = (
    ["--help"],
    ["--version"],
    ["pull", "--help"],
    ["replay"],
    ["completion", "bash"],
    ["replay", "demo/done", "--speed", "inf", "--json"],
)
ON_ERR = (
    [],
    ["pul"],
    ["pull"],
    ["pull", "--registries", "a"],
    ["pull", "Owner/Env:1"],
    ["replay", "/no/such/file"],
    ["replay", "demo/done", "--speed", "inf"],
)
SHOWN = "✗ The output cannot be written: No space left on device.\n"


@pytest.fixture
def full() -> Iterator[TextIO]:
    """A stream on a full disk, of which nothing may be left to write when it is closed."""
    with Path("/dev/full").open("w", encoding="utf-8") as stream:
        yield stream


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """A stream that nobody reads any more, of which nothing may be left either."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        yield stream


@pytest.mark.parametrize("words", ON_OUT, ids=" ".join)
def test_a_full_disk_is_an_error(
    full: TextIO,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdout", full)
    assert run(words) == 1
    assert capsys.readouterr().err == SHOWN


@pytest.mark.parametrize("words", ON_ERR, ids=" ".join)
def test_a_full_disk_for_errors_is_an_error(
    full: TextIO, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", full)
    assert run(words) == 1


@pytest.mark.parametrize("words", ON_OUT, ids=" ".join)
def test_a_reader_of_the_output_that_is_gone_has_its_exit_code(
    unread: TextIO,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdout", unread)
    assert run(words) == 141
    assert not capsys.readouterr().err


@pytest.mark.parametrize("words", ON_ERR, ids=" ".join)
def test_a_reader_of_the_errors_that_is_gone_has_its_exit_code(
    unread: TextIO, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", unread)
    assert run(words) == 141


def test_a_completion_that_cannot_be_written_is_no_traceback(
    full: TextIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(COMPLETION_VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "imagewidget build --no")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run([]) == 0
    assert capsys.readouterr().out == "plain,--no-cache\n"
    monkeypatch.setattr("sys.stdout", full)
    assert run([]) == 1
    assert capsys.readouterr().err == SHOWN
