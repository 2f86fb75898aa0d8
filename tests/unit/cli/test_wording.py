"""No hint speaks of Python's arguments on a command line."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import imagewidget as iw
from imagewidget.cli import synonyms
from imagewidget.cli.main import program
from imagewidget.cli.wording import in_words
from tests.unit.tree import FILES, inside

SHOWN = [path for path in FILES if inside(path).startswith(("engine/", "jobs/", "api/"))]
COMMANDS = program().commands
FLAGS = {flag for each in COMMANDS.values() for option in each.params for flag in option.opts}
FUNCTIONS = (iw.pull, iw.build, iw.provision, iw.replay, iw.image_exists)
# Shown after `iw.pull(auth=…)` or `job.result()` only; and an option of `RUN --mount`.
OF_PYTHON = (
    "in `auth=`",
    "paused at `until=",
    "the `id=` of its",
    "`client=imagewidget.connect(",
)


def texts(path: Path) -> Iterator[str]:
    """Yield the texts with an argument in a file, without docstrings; X for what is inserted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    left_out = {id(part) for node in joined for part in node.values}
    left_out |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    single = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in left_out]
    found = [str(node.value) for node in single]
    found += ["".join(str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "X"
                      for part in node.values) for node in joined]  # fmt: skip
    for text in found:
        if re.search(r"`[a-z_]+=", text) and not any(each in text for each in OF_PYTHON):
            yield text


def test_every_argument_in_a_hint_becomes_an_option() -> None:
    found = [in_words(text) for path in SHOWN for text in texts(path)]
    assert len(found) > 10
    for text in found:
        assert not re.search(r"`[a-z_]+=", text), text
        assert set(re.findall(r"`(--[\w-]+)", text)) <= FLAGS, text


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("Pass it as `dockerfile=`.", "Pass it as `--file`."),
        ("Set `platform=` to one.", "Set `--platform` to one."),
        ("Pass `context=`.", "Pass `CONTEXT`."),
        ("Pass `client=`.", "Pass `--engine`."),
        ("Pass `registries=` and `retry=`.", "Pass `--registry` and `--attempts`."),
        ("Leave out `auth=` or `unheard_of=`.", "Leave out `auth=` or `unheard_of=`."),
        ("Run `docker login` first, or pass `auth=`.", "Run `docker login` first."),
        ("Pass it with `secrets={'pip': Path('…')}`.", "Pass it with `--secret pip=PATH`."),
        ("As in `ssh='default=/agent.sock'`.", "As in `--ssh default=/agent.sock`."),
        ("Or pass `client=connect(…)`.", "Or pass `--engine TARGET`."),
        ("The file that `job.record('bug.jsonl')` writes.", "The file that `--json` writes."),
    ],
)
def test_a_hint_is_in_the_words_of_the_command_line(hint: str, words: str) -> None:
    assert in_words(hint) == words


def test_no_hint_has_an_option_that_no_verb_has() -> None:
    names = {name for function in FUNCTIONS for name in inspect.signature(function).parameters}
    left = set()
    for name in names:
        words = in_words(f"Set `{name}=`.")
        if flag := re.fullmatch(r"Set `(--[\w-]+)`\.", words):
            assert flag[1] in FLAGS, words
        elif words != f"Set `{name.upper()}`.":
            left.add(name)
    assert left == {"auth", "display"}


def test_every_suggestion_exists() -> None:
    assert set(synonyms.VERBS.values()) <= set(COMMANDS)
    assert set(synonyms.OPTIONS.values()) <= {*FLAGS, "docker login"}


def test_no_name_from_elsewhere_is_one_of_ours() -> None:
    assert not set(synonyms.VERBS) & set(COMMANDS)
    assert not set(synonyms.OPTIONS) & FLAGS
