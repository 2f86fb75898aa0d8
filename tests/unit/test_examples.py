"""No example reads `job.done` without calling it: a method is always true in an `if`."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.tree import FILES, ROOT

METHODS = {"done", "running", "cancelled"}
TRACKED = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")[:-1]
NOTEBOOKS = [ROOT / name for name in TRACKED if name.endswith(".ipynb")]
DOCUMENTS = [
    ROOT / name for name in TRACKED if re.fullmatch(r"(?:README|CONTRIBUTING|docs/.*)\.md", name)
]
TESTS = [ROOT / name for name in TRACKED if re.fullmatch(r"tests/.*\.py", name)]

# In comments, in strings, and in code that cannot be parsed.
_MENTIONED = re.compile(r"\b(?:job|jobs\[[^]]*\])\.(?:done|running|cancelled)\b(?!`?\()")
_FENCED = re.compile(r"^[ \t]*```python\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


def traps(code: str, owner: str = "") -> list[str]:
    """Return what reads one of the methods without calling it.

    Args:
        code: Python, or a mention of it; lines for IPython are ignored.
        owner: A pattern for the objects that are jobs; by default everything may be one.
    """
    if code.startswith("%%"):
        return []
    found = _MENTIONED.findall(code)
    try:
        tree = ast.parse(_MAGIC.sub(r"\1pass", textwrap.dedent(code)))
    except SyntaxError:
        return found
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and id(node) not in called:
            text = ast.unparse(node)
            if re.search(owner, ast.unparse(node.value)) and text not in found:
                found.append(text)
    return found


def in_text(text: str) -> Iterator[str]:
    """Yield the Python in Markdown or in a docstring."""
    yield from _FENCED.findall(text)
    yield from _SPAN.findall(_FENCED.sub("", text))
    lines = textwrap.dedent(text).splitlines()
    yield "\n".join(line.strip()[4:] for line in lines if line.strip().startswith((">>> ", "... ")))


def in_notebook(path: Path) -> Iterator[str]:
    """Yield the code of a notebook, and the Python in its text."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield source
        else:
            yield from in_text(source)


def in_docstrings(path: Path) -> Iterator[str]:
    """Yield the Python in the docstrings of a module."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, kinds):
            yield from in_text(ast.get_docstring(node) or "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_notebook_has_the_trap(path: Path) -> None:
    codes = list(in_notebook(path))
    assert codes
    assert [trap for code in codes for trap in traps(code)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_has_the_trap(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [trap for code in in_text(text) for trap in traps(code)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_docstring_and_no_source_has_the_trap(path: Path) -> None:
    found = [trap for code in in_docstrings(path) for trap in traps(code)]
    assert found + traps(path.read_text(encoding="utf-8"), r"(?i)job$") == []


# This file, and the page of mistakes that type checkers must find.
WITH_TRAPS = (Path(__file__).name, "wrong_code.py")


@pytest.mark.parametrize("path", [one for one in TESTS if one.name not in WITH_TRAPS], ids=str)
def test_no_test_has_the_trap(path: Path) -> None:
    assert traps(path.read_text(encoding="utf-8"), r"(?i)(?:\bjob|jobs\[.*\])$") == []


def test_the_places_with_examples_are_found() -> None:
    assert {path.name for path in DOCUMENTS} >= {"README.md", "CONTRIBUTING.md"}
    assert len(NOTEBOOKS) >= 3
    assert any("iw.pull(" in code for code in in_text((ROOT / "README.md").read_text()))


@pytest.mark.parametrize(
    "code",
    [
        "if job.done:\n    pass",
        "while not first.running: time.sleep(1)",
        "print(iw.pull('x').cancelled)",
        "assert jobs[0].done",
        "[one for one in jobs if one.done]",
        "%matplotlib inline\nif job.done:\n    !ls",
        "x = 1  # until job.done is true",
        "for job in: job.done",
        "wait = 'while not job.done: pass'",
        "job.done ()\njob.done",
        "job.done.real()",
        "    if job.done:\n        pass",
    ],
)
def test_the_trap_is_found(code: str) -> None:
    assert traps(code)


@pytest.mark.parametrize(
    "code",
    [
        "if job.done():\n    pass",
        "while jobs[0].running(): time.sleep(1)",
        "print(iw.pull('x').cancelled())",
        "done = job.result()\ndone",
        "x = 1  # until job.done() is true",
        "%%build -t x\nRUN echo job.done",
        "job.add_done_callback(print)",
        "job.done_at",
    ],
)
def test_a_call_is_not_a_trap(code: str) -> None:
    assert traps(code) == []


def test_a_trap_is_found_wherever_an_example_is(tmp_path: Path) -> None:
    fenced = "Wait:\n\n    ```python\n    if job.done:\n        pass\n    ```\n"
    for text in (fenced, textwrap.dedent(fenced), "Read `each.done`.", ">>> one.done\nTrue"):
        assert [trap for code in in_text(text) for trap in traps(code)], text
        module = tmp_path / "module.py"
        module.write_text(f'def f():\n    """Do.\n\n{textwrap.indent(text, "    ")}    """\n')
        assert [trap for code in in_docstrings(module) for trap in traps(code)], text
        notebook = tmp_path / "one.ipynb"
        notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [text]}]}))
        assert [trap for code in in_notebook(notebook) for trap in traps(code)], text
    notebook.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["job", ".done"]}]}))
    assert [trap for code in in_notebook(notebook) for trap in traps(code)] == ["job.done"]
