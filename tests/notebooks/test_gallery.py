"""The gallery runs headless, and its saved outputs can be read without widgets."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.gallery import MOMENTS, NOTEBOOKS
from tests.hostile import Page

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def outputs() -> dict[str, dict[str, str]]:
    book = nbformat.read(NOTEBOOKS / "gallery.ipynb", as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(book, timeout=120, resources=resources).execute()
    return {cell.id: cell.outputs[0].data for cell in book.cells if cell.get("outputs")}


def test_every_moment_shows_a_panel_and_its_saved_forms(
    outputs: dict[str, dict[str, str]],
) -> None:
    assert {moment.name for moment in MOMENTS} <= set(outputs)
    for data in outputs.values():
        assert {WIDGET, "text/html", "text/plain"} <= set(data)


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
