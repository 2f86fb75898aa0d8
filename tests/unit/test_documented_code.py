"""The Python in README, in the documents and in docstrings runs, against a scripted engine."""

import ast
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.testing import ScriptedEngine
from tests.unit.tree import FILES, ROOT, inside

_FENCED = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

# Runs the blocks one after the other as a notebook runs its cells, then waits for every job.
_NOTEBOOK = """
import ast, asyncio, inspect, sys
import imagewidget as iw

jobs = []
for verb in ("pull", "build", "provision"):
    def keeping(*args, _verb=getattr(iw, verb), **options):
        jobs.append(_verb(*args, **options))
        return jobs[-1]
    setattr(iw, verb, keeping)

async def main(cells):
    names = {}
    for cell in cells:
        code = compile(cell, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        awaited = eval(code, names)
        if inspect.isawaitable(awaited):
            await awaited
    for job in jobs:
        job.result(30)

asyncio.run(main(sys.argv[1:]))
"""


def blocks(text: str) -> list[str]:
    return _FENCED.findall(textwrap.dedent(text))


def documented() -> Iterator[tuple[str, list[str]]]:
    """Yield every document and every docstring that has code, with its blocks."""
    for path in _DOCUMENTS:
        yield path.relative_to(ROOT).as_posix(), blocks(path.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, kinds):
                name = f"{inside(path)}:{getattr(node, 'name', 'module')}"
                yield name, blocks(ast.get_docstring(node) or "")


PAGES = {name: found for name, found in documented() if found}
OF_TESTS = {name for name, found in PAGES.items() if any("def test_" in each for each in found)}


def run(arguments: list[str], folder: Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run_cells(cells: list[str], folder: Path) -> list[str]:
    """Run blocks in a folder with a Dockerfile; return the images that the engine has then."""
    (folder / "Dockerfile").write_text("FROM python:3.13-slim\n", encoding="utf-8")
    with ScriptedEngine() as engine:
        engine.serve("python:3.13-slim")
        run(["-W", "error", "-c", _NOTEBOOK, *cells], folder, dict(engine.environment))
        return engine.images


def test_the_places_with_code_are_found() -> None:
    assert set(PAGES) >= {"README.md", "docs/testing.md", "__init__.py:module"}
    assert "docs/testing.md" in OF_TESTS
    assert "README.md" not in OF_TESTS


@pytest.mark.parametrize("name", sorted(set(PAGES) - OF_TESTS))
def test_documented_cells_run(name: str, tmp_path: Path) -> None:
    assert "docker.io/library/python:3.13-slim" in run_cells(PAGES[name], tmp_path)


@pytest.mark.parametrize("name", sorted(OF_TESTS))
def test_documented_tests_pass(name: str, tmp_path: Path) -> None:
    (tmp_path / "test_page.py").write_text("\n\n".join(PAGES[name]), encoding="utf-8")
    run(
        ["-m", "pytest", "-W", "error", "-p", "no:cacheprovider", "test_page.py"],
        tmp_path,
        {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


def test_a_cell_may_wait_for_a_job(tmp_path: Path) -> None:
    cells = ["import imagewidget as iw", "image = await iw.build('.', tag='env:1')"]
    assert run_cells(cells, tmp_path) == ["docker.io/library/env:1"]


@pytest.mark.parametrize("cell", ["iw.pul('a')", "iw.pull('nowhere:1')", "iw.pull('a', tries=2)"])
def test_code_that_is_wrong_is_detected(cell: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"Error|ImageNotFound"):
        run_cells(["import imagewidget as iw", cell], tmp_path)
