"""No hint speaks of Python's arguments on a command line."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.cli.verbs import HELP, verb
from imagewidget.cli.wording import in_words
from tests.unit.tree import FILES, inside

SHOWN = [path for path in FILES if inside(path).startswith(("engine/", "jobs/", "api/"))]
FLAGS = {flag for name in HELP for parameter in verb(name).params for flag in parameter.opts}
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
        assert set(re.findall(r"`(--[\w-]+)", text)) <= {*FLAGS, "--engine"}, text


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("Pass it as `dockerfile=`.", "Pass it as `--file`."),
        ("Set `platform=` to one.", "Set `--platform` to one."),
        ("Run `docker login` first, or pass `auth=`.", "Run `docker login` first."),
        ("Pass it with `secrets={'pip': Path('…')}`.", "Pass it with `--secret pip=PATH`."),
        ("As in `ssh='default=/agent.sock'`.", "As in `--ssh default=/agent.sock`."),
        ("Or pass `client=connect(…)`.", "Or pass `--engine TARGET`."),
        ("The file that `job.record('bug.jsonl')` writes.", "The file that `--json` writes."),
    ],
)
def test_a_hint_is_in_the_words_of_the_command_line(hint: str, words: str) -> None:
    assert in_words(hint) == words
