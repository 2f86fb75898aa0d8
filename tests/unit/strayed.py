"""Find where a module uses the private parts of a library.

Only names are compared: a name that the module defines or accesses on `self` belongs to
the module; every other name with a leading underscore belongs to something else.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Documented methods of named tuples, and `os._exit`.
_PROMISED = {"_asdict", "_exit", "_fields", "_make", "_replace"}


@dataclass(frozen=True)
class Homes:
    """The only module that may use each private part.

    Attributes:
        names: Private names, each with the one module that may use it.
        modules: Undocumented modules of libraries, each with the one module that may use it.
    """

    names: Mapping[str, str]
    modules: Mapping[str, str]


def strayed(text: str, inside: str, homes: Homes) -> Iterator[str]:
    """Yield a message for each private part of a library that a module may not use.

    Args:
        text: The module's source.
        inside: The module's path in the package.
        homes: Where each private part may be used.
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
                yield f"{inside}:{line} uses {module}: it belongs in {home}"
                break


def _used(tree: ast.Module, private: Mapping[str, str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each name that may be private: its line, the name, and whether it is on `self`."""
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
    """Yield the functions, and the attributes of `self`, that a module defines."""
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
            # With the imported name, which may itself be a module.
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def _reached(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each dotted name that may be a module, such as `docker.auth` after `import docker`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.lineno, f"{node.value.id}.{node.attr}"


def _is_private(name: str) -> bool:
    """Return whether a name is private, unlike `__len__` or IPython's `_repr_html_`."""
    return name.startswith("_") and not name.endswith("_") and name not in _PROMISED
