"""A notebook with ten jobs that was run without a front end shows them when it is read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Page

from tests.browser.installed import install
from tests.browser.readers import CARD, KERNEL, show_exported
from tests.browser.server import REPOSITORY, add_kernel
from tests.browser.ten_jobs import CELLS, KINDS, check_cards

TIMEOUT = 120

Run = Callable[[Path, Path], None]


def with_nbclient(source: Path, target: Path) -> None:
    book = nbformat.read(source, as_version=4)
    NotebookClient(book, timeout=TIMEOUT, store_widget_state=True).execute()
    nbformat.write(book, target)


def with_jupyter_execute(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())
    _run(sys.executable, "-m", "jupyter", "execute", "--inplace", str(target))


def with_papermill(source: Path, target: Path) -> None:
    python = install(target.parent / "environment", "papermill")
    _run(python, "-m", "papermill", "--kernel", KERNEL, str(source), str(target))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "run",
    [
        with_nbclient,
        with_jupyter_execute,
        pytest.param(with_papermill, marks=pytest.mark.matrix),
    ],
)
def test_the_file_has_html_and_text_only_and_its_export_shows_every_card(
    run: Run, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    add_kernel(tmp_path, KERNEL, REPOSITORY)
    source, target = tmp_path / "source.ipynb", tmp_path / "target.ipynb"
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    kernel = {"name": KERNEL, "display_name": KERNEL}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), source)
    run(source, target)
    book = nbformat.read(target, as_version=4)
    outputs = [output for cell in book.cells for output in cell.outputs]
    assert len(outputs) == len(KINDS)
    assert {frozenset(output.data) for output in outputs} == {
        frozenset(("text/html", "text/plain"))
    }
    assert "widgets" not in book.metadata
    body, _ = HTMLExporter().from_notebook_node(book)
    errors = show_exported(page, body, tmp_path)
    check_cards(page.locator(CARD))
    assert errors == []
