"""Finds where a module uses private parts of what it did not make itself.

It goes by names alone: what a module takes from `self` and gives to its own classes is
its own, every other name with an underscore is somebody else's.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# A named tuple's own, which Python documents.
_PROMISED = {"_asdict", "_fields", "_make", "_replace"}


@dataclass(frozen=True)
class Homes:
    """Which module may use what.

    Attributes:
        names: Private parts, each with the one module that may use it.
        modules: Undocumented modules of libraries, likewise.
    """

    names: Mapping[str, str]
    modules: Mapping[str, str]


def strayed(text: str, inside: str, homes: Homes) -> Iterator[str]:
    """Name each foreign private part that a module uses, and where it belongs instead.

    Args:
        text: The module's source.
        inside: The module's path in the package.
        homes: What may be used where.
    """
    tree = ast.parse(text)
    own = {*_defined(tree)}
    for line, name, is_of_itself in _used(tree, homes.names):
        home = homes.names.get(name)
        if home == inside or (name in own and (is_of_itself or home is None)):
            continue
        if home is not None:
            yield f"{inside}:{line} uses {name}: it belongs in {home}"
        elif _is_private(name) and not is_of_itself:
            yield (
                f"{inside}:{line} uses {name}: it belongs in the module of its library, "
                f"one of {sorted({*homes.names.values()})}, and in the table of this test"
            )
    for line, module in (*_imported(tree), *_reached(tree)):
        for undocumented, home in homes.modules.items():
            if home != inside and f"{module}.".startswith(f"{undocumented}."):
                yield f"{inside}:{line} uses {module}: what is used of it belongs in {home}"
                break


def _used(tree: ast.Module, private: Mapping[str, str]) -> Iterator[tuple[int, str, bool]]:
    """List each name that may be private, with its line and whether it is taken from `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = node.value
            yield node.lineno, node.attr, isinstance(of, ast.Name) and of.id in ("self", "cls")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            is_by_name = node.func.id in ("getattr", "setattr", "hasattr", "delattr")
            name = node.args[1] if is_by_name and len(node.args) > 1 else None
            if isinstance(name, ast.Constant) and name.value not in private:
                yield node.lineno, str(name.value), False
        elif isinstance(node, ast.Constant) and node.value in private:
            yield node.lineno, str(node.value), False
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, name.name, False) for name in node.names)
        elif isinstance(node, ast.ClassDef) and node.bases:
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name in private:
                    yield each.lineno, each.name, False


def _defined(tree: ast.Module) -> Iterator[str]:
    """List what a module gives to its own classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            of = node.value if isinstance(node, ast.Attribute) else None
            if isinstance(of, ast.Name) and of.id in ("self", "cls"):
                yield node.attr if isinstance(node, ast.Attribute) else node.id


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Each with its name, which may be a module.
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def _reached(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """List each module that a name with dots may lead to: `docker.auth`, after `import docker`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.lineno, f"{node.value.id}.{node.attr}"


def _is_private(name: str) -> bool:
    """Tell it from what Python and IPython define for everyone: `__len__`, `_repr_html_`."""
    return name.startswith("_") and not name.endswith("_") and name not in _PROMISED
