"""The gallery runs headless, and its saved outputs can be read without widgets."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.gallery import MOMENTS, NOTEBOOKS
from tests.hostile import Page


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    book = nbformat.read(NOTEBOOKS / "gallery.ipynb", as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(book, timeout=120, resources=resources).execute()
    return book


@pytest.fixture(scope="module")
def outputs(executed: nbformat.NotebookNode) -> dict[str, dict[str, str]]:
    return {cell.id: cell.outputs[0].data for cell in executed.cells if cell.get("outputs")}


def test_every_moment_is_shown_as_html_and_as_text(outputs: dict[str, dict[str, str]]) -> None:
    assert {moment.name for moment in MOMENTS} <= set(outputs)
    for data in outputs.values():
        assert set(data) == {"text/html", "text/plain"}


def test_a_notebook_that_was_run_headless_contains_no_widgets(
    executed: nbformat.NotebookNode,
) -> None:
    assert "widgets" not in executed.metadata


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers", "9 layers"),
        ("retrying", "retrying in 7 s"),
        ("fallback", "docker.io, attempt 1 of 3: in progress"),
        ("stalled", "stalled for 41 s"),
        ("failed-build", "failed with exit code 1"),
        ("cancelled", "cancelled after 5.8 s"),
        ("done", "done in 3.0 s"),
    ],
)
def test_the_saved_forms_show_the_moment(
    name: str, words: str, outputs: dict[str, dict[str, str]]
) -> None:
    assert words in outputs[name]["text/plain"]
    if name != "layers":
        assert words in Page(outputs[name]["text/html"]).text
