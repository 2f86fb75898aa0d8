"""Whoever sees an error, in a traceback or by `print`, sees text that is safe to show."""

import pytest

from imagewidget.engine.failure.errors import BuildFailed, DockerError, from_info
from imagewidget.progress.events import SourceLine

HOSTILE = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\u202ee\udcff"
SAFE = "abcd<U+202E>e<U+DCFF>"


def test_nothing_from_outside_moves_a_cursor() -> None:
    error = BuildFailed(
        HOSTILE,
        hint=HOSTILE,
        step=HOSTILE,
        source_lines=(SourceLine(1, HOSTILE),),
        log_tail=(HOSTILE, "10 %\r20 %\r", "\x1b[31mred\x1b[0m"),
    )

    assert str(error) == f"{SAFE}\n→ {SAFE}"
    assert repr(error) == f"BuildFailed('{SAFE}')"
    assert error.step == SAFE
    assert error.source_lines == (SourceLine(1, SAFE),)
    assert error.log_tail == (SAFE, "20 %", "\x1b[31mred\x1b[0m")
    str(error).encode()
    again = from_info(error.info())
    assert again.info() == error.info()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git clone https://me:s3cret@host/x", "git clone https://me@host/x"),
        ("ssh://:s3cret@host", "ssh://@host"),
        ("ssh://me@host:22/x", "ssh://me@host:22/x"),
        (f"x:1@sha256:{'0' * 64}", f"x:1@sha256:{'0' * 64}"),
    ],
)
def test_no_error_tells_a_password_of_a_url(text: str, shown: str) -> None:
    error = DockerError(text, hint=text)

    assert (error.message, error.hint, error.args) == (shown, shown, (shown,))
