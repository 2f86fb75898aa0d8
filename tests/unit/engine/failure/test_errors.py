"""Errors contain only text that is safe to show, in a traceback or with `print`."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import imagewidget
from imagewidget.engine.failure.errors import (
    _KINDS,
    BuildFailed,
    DockerError,
    PullFailed,
    RateLimited,
    Remedy,
    Stalled,
    default_hint,
    from_info,
    in_short,
    masked,
    remedy_of,
    with_remedy,
)
from imagewidget.progress.events import AttemptError, SourceLine

HOSTILE = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\u202ee\udcff"
SAFE = "abcd<U+202E>e<U+DCFF>"


def test_text_from_outside_cannot_control_the_terminal() -> None:
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
        ("git clone https://me:s3cret@host/x", "git clone https://host/x"),
        ("https://me:s3@cret@host/o/r", "https://host/o/r"),
        ("https://s3cret@host/o and http://s3cret:x@host:1", "https://host/o and http://host:1"),
        ('Get "HTTPS://me:s3cret@host"', 'Get "HTTPS://host"'),
        ("ssh://me:s3@cret@host", "ssh://me@host"),
        ("https://host/x@1 y@z", "https://host/x@1 y@z"),
        ("ssh://:s3cret@host", "ssh://@host"),
        ("ssh://me@host:22/x", "ssh://me@host:22/x"),
        (f"x:1@sha256:{'0' * 64}", f"x:1@sha256:{'0' * 64}"),
    ],
)
def test_the_login_of_a_url_is_removed(text: str, shown: str) -> None:
    error = DockerError(text, hint=text)

    assert (error.message, error.hint, error.args) == (shown, shown, (shown,))


def test_every_text_of_an_error_can_be_masked() -> None:
    attempt = AttemptError("r.example", "r.example/x", 1, "DockerError", "hunter22 refused")
    for error in (
        with_remedy(RateLimited("hunter22", hint="not hunter22"), Remedy.AGAIN),
        PullFailed("hunter22", attempts=(attempt,)),
        BuildFailed(
            "hunter22",
            hint="hunter22",
            step="RUN login hunter22",
            exit_code=1,
            dockerfile_line=2,
            source_lines=(SourceLine(2, "RUN login hunter22", is_failing=True),),
            log_tail=("hunter22 is wrong",),
        ),
    ):
        hidden = masked(error, lambda text: text.replace("hunter22", "***"))
        assert type(hidden) is type(error)
        assert remedy_of(hidden) is remedy_of(error)
        assert repr(hidden.info()) == repr(error.info()).replace("hunter22", "***")
        assert "hunter22" not in f"{hidden!r}{hidden}{hidden.args}"
        assert "hunter22" in error.message


def test_an_error_has_the_hint_and_remedy_of_its_class_unless_it_is_known_better() -> None:
    class Stuck(Stalled):
        """An error of the user's own."""

    assert Stuck("x").hint == Stalled("x").hint == default_hint(Stalled) != ""
    assert remedy_of(Stuck("x")) is remedy_of(Stalled("x")) is Remedy.AGAIN
    assert in_short(Stuck("x")) == "stopped responding"
    assert remedy_of(with_remedy(Stalled("x"), Remedy.NONE)) is Remedy.NONE
    assert (remedy_of(DockerError("x")), in_short(DockerError("x"))) == (Remedy.ELSEWHERE, "failed")


@pytest.mark.parametrize("kind", _KINDS.values(), ids=_KINDS)
def test_an_error_has_only_its_documented_attributes(kind: type[DockerError]) -> None:
    """What a pull does after it, and what a summary says of it, is not for users."""
    own = {name for name in dir(kind("x")) if not name.startswith("_")} - {*dir(Exception("x"))}
    documented = re.findall(r"^    (\w+): ", inspect.getdoc(kind) or "", re.MULTILINE)

    assert own == {"hint", "info", "message", *documented}


# The attributes of an exception, of any of these classes.
FIELDS = {"args", "__cause__", "__context__", "__suppress_context__"}.union(
    *(vars(kind("x")) for kind in (DockerError, PullFailed, BuildFailed))
)


def changes_to_errors(path: Path) -> Iterator[str]:
    """Find assignments to attributes of caught exceptions, or to attributes named in `FIELDS`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    caught = {handler.name for handler in handlers}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            owner = ast.unparse(node.value)
            if owner in caught or (node.attr in FIELDS and owner != "self"):
                yield f"{path.name}:{node.lineno}: {ast.unparse(node)}"


def test_no_error_is_changed_after_it_was_created() -> None:
    files = sorted(Path(imagewidget.__path__[0]).rglob("*.py"))
    assert files
    assert [change for path in files for change in changes_to_errors(path)] == []


@pytest.mark.parametrize("kind", _KINDS.values(), ids=_KINDS)
def test_the_text_of_an_error_is_bounded(kind: type[DockerError]) -> None:
    error = kind("x" * 100_000, hint="y" * 100_000)

    assert error.message == "x" * 2000 + "…"
    assert error.hint == "y" * 2000 + "…"


def test_a_step_and_lines_of_any_length_are_shortened() -> None:
    error = BuildFailed("x", step="y" * 70_000, source_lines=(SourceLine(1, "z" * 70_000),))

    assert error.step == "y" * 2000 + "…"
    assert error.source_lines == (SourceLine(1, "z" * 2000 + "…"),)
    assert from_info(error.info()).info() == error.info()
