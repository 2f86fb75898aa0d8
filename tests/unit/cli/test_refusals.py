"""What refuses a command is safe to show, short, and in the words of a command line."""

import re
from pathlib import Path

import pytest
from click import ClickException

from imagewidget.cli.main import run
from imagewidget.cli.refusals import Refusal, show
from tests.unit.cli.engine import Engine
from tests.unit.cli.process import IMAGEWIDGET, Process

TITLE = "\x1b]0;pwn\x07"
CLEAR = "\x1b[2J"
# `str` and the like as words: a path may contain them.
OF_PYTHON = re.compile(r"\b(str|bytes|Path|None|Jupyter|notebook|kernel|iw)\b|\.\.|\?\.")
ANY = "unix:///no/such/engine.sock"


@pytest.mark.parametrize(
    "words",
    [
        [f"a{TITLE}b"],
        [f"--{TITLE}b"],
        ["pull", "a", f"--x{CLEAR}"],
        ["pull", "a", "b", f"c{TITLE}"],
        ["build", ".", "--secret", f"id=x,env={CLEAR}x"],
        ["build", "--builder", f"best{TITLE}"],
        ["pull", f"A{CLEAR}"],
        ["replay", f"/no/such{CLEAR}"],
        ["completion", f"{CLEAR}fish"],
    ],
)
def test_words_with_escape_sequences_do_not_reach_the_terminal(
    words: list[str], tmp_path: Path
) -> None:
    with Process([*IMAGEWIDGET, *words], tmp_path, in_terminal=True) as process:
        assert process.end() == 2
    allowed = re.sub(r"\x1b\[(0|31|33)m", "", process.out)
    assert process.out
    assert "\x1b" not in allowed
    assert "\x07" not in allowed


@pytest.mark.parametrize("word", ["x" * 100_000, "x\n" * 10_000], ids=["long", "lines"])
@pytest.mark.parametrize("before", [[], ["pull", "a"], ["pull", "a", "--registries"], ["replay"]])
def test_a_refusal_has_a_bound(
    before: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*before, word]) == 2
    shown = capsys.readouterr().err
    assert 0 < len(shown) < 3_000
    assert shown.count("\n") < 30


def test_an_error_of_any_class_is_shown_safely(capsys: pytest.CaptureFixture[str]) -> None:
    show(ClickException(f"no{TITLE}"))
    show(Refusal(f"no{TITLE}", f"yes{CLEAR}"))
    assert capsys.readouterr().err == "Error: no\n✗ no\n  → yes\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["build", "--secret", "pip", "."], "or pass a file with `--secret ID=PATH`."),
        (
            ["build", "--secret", "id=pip,src=/nope", "."],
            "for the secret in a variable, use `--secret id=ID,env=VARIABLE`.",
        ),
        (["build", "--secret", "", "."], "Use the `id=` of its `RUN --mount=type=secret`"),
        (["build", "-f", "nosuch"], ", then in the context.\n"),
        (["build", "--ssh", "default", "."], "`ssh-add`, then run this again in the same shell."),
        (["build", "--target", "", "."], "✗ `--target` is empty.\n  → Leave out `--target` if"),
        (["build", "--platform", "", "."], "✗ `--platform` is empty.\n  → Leave out `--pl"),
        (["build", "--label", "", "."], "✗ A name in `--label` is empty.\n"),
        (["replay", "demo/lyers"], "Did you mean `demo/layers`?\n"),
        (["replay", "demo/zzzzzzzzzzzzzzzzzz"], "Call `imagewidget replay` for their names.\n"),
        (["replay", "layers"], "✗ There is no file 'layers'. Did you mean `demo/layers`?\n"),
    ],
)
def test_hints_are_not_about_python(
    words: list[str],
    hint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("pip", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    assert run(words) == 2
    shown = capsys.readouterr().err
    assert hint in shown
    assert not OF_PYTHON.search(shown.replace(str(tmp_path), ""))


@pytest.mark.parametrize(
    "words",
    [
        ["--engine", "", "pull", "a"],
        ["pull", "a", "--engine", ""],
        ["exists", "a", "--engine", ""],
        ["--engine", ANY, "build", "--engine", ""],
    ],
)
def test_an_empty_engine_is_not_the_default(
    words: list[str], capsys: pytest.CaptureFixture[str], engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine.path}")
    assert run(words) == 3
    shown = capsys.readouterr().err
    assert shown.startswith("✗ `--engine` is empty.\n  → Use the name of a docker context, or")
    assert not engine.asked


@pytest.mark.parametrize(("value", "is_coloured"), [("1", False), ("", True), (None, True)])
def test_a_refusal_has_no_colours_if_the_user_wants_none(
    value: str | None, is_coloured: bool, tmp_path: Path
) -> None:
    setting = ["env", f"NO_COLOR={value}"] if value is not None else []
    words = [*setting, *IMAGEWIDGET, "pull", "Owner/Env:1"]
    with Process(words, tmp_path, in_terminal=True) as process:
        assert process.end() == 2
    assert ("\x1b" in process.out) is is_coloured
