"""Every library that the package imports is a declared dependency."""

import ast
import sys
from collections import defaultdict
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.tree import FILES, PROJECT, inside

# Not `packages_distributions`, which leaves some out on Python 3.10.
DISTRIBUTIONS = defaultdict(set)
for each in distributions():
    for line in (each.read_text("RECORD") or "").splitlines():
        top = line.split(",")[0].split("/")[0].removesuffix(".py")
        DISTRIBUTIONS[top].add(canonicalize_name(each.name))
# Imported only in a kernel, where it is always installed.
OF_A_KERNEL = {"IPython"}
# Imported only by `make proto`, which generates the modules for BuildKit's messages.
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
    """Return the required dependencies; an extra may not be installed."""
    return {
        canonicalize_name(Requirement(need).name) for need in PROJECT["project"]["dependencies"]
    }


def test_what_is_imported_is_declared() -> None:
    known = declared()
    for path in FILES:
        for root in roots(path) - OF_A_KERNEL - OF_MAKE_PROTO:
            assert DISTRIBUTIONS[root] & known, (
                f"{inside(path)} imports {root}: add it to the dependencies in pyproject.toml"
            )
