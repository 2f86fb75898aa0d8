"""Imports point one way, and a newcomer finds each room small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "imagewidget"
ROOMS = {
    "progress": set[str](),
    "jupyter": set[str](),
    "environment": set[str](),
    "engine": {"environment"},
    "displays": {"progress"},
    "panel": {"progress", "displays", "jupyter"},
    "jobs": {"progress", "engine", "displays", "jupyter", "panel"},
    "workbench": {"progress", "engine", "displays", "jupyter", "jobs", "environment"},
}
# Beside what each room may import: the events are what an engine speaks, in text safe to show.
EXCEPTIONS = {
    "engine": {
        "imagewidget.progress.events",
        "imagewidget.progress.line",
        "imagewidget.progress.safe_text",
    },
    # The workbench starts jobs through the public verbs.
    "workbench": {"imagewidget.api"},
    # Until `Outputs` has its own file in `jupyter`.
    "displays/mimebundle.py": {"imagewidget.jupyter.kernel"},
}
# The files at the top, each above those before it.
TOP = ("api", "magics", "__init__")
FILES = sorted(path for path in PACKAGE.rglob("*.py") if not path.stem.endswith("_pb2"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "imagewidget":
                yield from (f"imagewidget.{name.name}" for name in node.names)
            else:
                yield node.module or ""


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_knows_none_above_it(path: Path) -> None:
    inside = path.relative_to(PACKAGE).as_posix()
    room = inside.split("/")[0] if "/" in inside else ""
    if not room:
        return  # the files at the top: below
    assert room in ROOMS, f"{inside}: say what this room may import"
    allowed = ROOMS[room] | {room}
    exceptions = {
        name for place, names in EXCEPTIONS.items() if inside.startswith(place) for name in names
    }
    for name in imported(path):
        if not name.startswith("imagewidget"):
            continue
        is_exception = any(name == known or name.startswith(f"{known}.") for known in exceptions)
        assert room_of(name) in allowed or is_exception, f"{inside} imports {name}"


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_file_at_the_top_knows_none_above_it(path: Path) -> None:
    below = {*TOP[: TOP.index(path.stem)], *ROOMS}
    for name in imported(path):
        if name.startswith("imagewidget."):
            assert room_of(name) in below, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_progress_imports_nothing_that_could_wait_or_show() -> None:
    heavy = {"docker", "ipywidgets", "anywidget", "rich", "asyncio", "requests", "socket"}
    for path in (PACKAGE / "progress").glob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & heavy, path.name
