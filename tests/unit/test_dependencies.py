"""Every library that the package imports is one that it says it needs."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "imagewidget"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if not path.stem.endswith("_pb2"))
DISTRIBUTIONS = packages_distributions()
# Imported only in a kernel, which has it.
OF_A_KERNEL = {"IPython"}
# Imported only by `make proto`, which generates the modules that read BuildKit's messages.
OF_MAKE_PROTO = {"grpc_tools"}


def roots(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[0] for name in found} - {"imagewidget", *sys.stdlib_module_names}


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    return {found[0].lower() for need in needs if (found := re.match(r"[\w.-]+", need))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_is_imported_is_declared(path: Path) -> None:
    for root in roots(path) - OF_A_KERNEL - OF_MAKE_PROTO:
        assert {name.lower() for name in DISTRIBUTIONS[root]} & declared(), root
