"""Every file and object named in a comment, a docstring or the documentation exists."""

import re
import subprocess
from importlib import import_module

from tests.unit.tree import FILES, ROOT

TRACKED = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")[:-1]
PATHS = [f"/{name}" for name in TRACKED]
TEXTS = [
    name
    for name in TRACKED
    if name.endswith((".md", "Makefile", "pyproject.toml"))
    or (name.startswith("imagewidget/") and name.endswith((".py", ".ts", ".css", ".mjs")))
]

# Such as `frontend/src/wire.ts` or ../../wire.py; files of moby and BuildKit end in .go.
_FILE = re.compile(
    r"(?<![\w/.])(?:\.\./)*((?:[\w-]+/)*[\w-]+\.(?:py|ts|css|mjs|toml|ipynb))\b(?![\w/(])"
)
_ROLE = re.compile(r":(?:mod|class|func|meth|attr|data):`~?(imagewidget(?:\.\w+)+)`")
# A module inside a wing, such as `jupyter.routing`.
_DOTTED = re.compile(r"`((?:engine|progress|displays|panel|jobs|jupyter|workbench)(?:\.\w+)+)`")
# Not files of this repository: patterns, and what a build makes.
_OTHERS = {"imagewidget/panel/static/panel.css", "NAME_pb2.py", "_pb2.py"}


def is_there(dotted: str) -> bool:
    """Return whether a dotted name is a module or something defined in one."""
    module, names = dotted, list[str]()
    while True:
        try:
            found = import_module(module)
        except ModuleNotFoundError:
            module, _, name = module.rpartition(".")
            names.insert(0, name)
            if not module:
                return False
            continue
        for name in names:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True


def test_the_map_of_the_house_has_every_module() -> None:
    """Except the modules of a few folders that the map only names."""
    house = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The house")[2]
    words = set(re.findall(r"\w+", house.split("```")[3]))
    folders = {"workbench", "session", "files", "proto"}
    modules = [path for path in FILES if path.parent.name not in folders]
    assert not {path.stem for path in modules} - words


def missing(text: str) -> set[str]:
    """Return the files and objects that are named in `text` and do not exist."""
    words = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("import"))
    files = set(_FILE.findall(words)) - _OTHERS
    dotted = {*_ROLE.findall(text), *(f"imagewidget.{one}" for one in _DOTTED.findall(text))}
    return {
        *(file for file in files if not any(path.endswith(f"/{file}") for path in PATHS)),
        *(one for one in dotted if not is_there(one)),
    }


def test_every_file_and_object_named_exists() -> None:
    for name in TEXTS:
        found = missing((ROOT / name).read_text(encoding="utf-8"))
        assert not found, f"{name} names {found}, which does not exist"


def test_what_does_not_exist_is_noticed() -> None:
    text = "See `panel/gone.py`, `jobs.job.Gone` and :mod:`imagewidget.gone`, or `jobs.job.Job`."
    assert missing(text) == {"panel/gone.py", "imagewidget.gone", "imagewidget.jobs.job.Gone"}
