"""What users can rely on, as text: names, signatures, attributes, fields, values and bases.

`python -m tests.public_face` writes it to `tests/fixtures/public_face.txt`, and
`tests/unit/test_public_face.py` compares it: so every change of it is a decision.

The text does not depend on the version of Python: annotations that are not evaluated are
written as they are in the source, the others by :func:`written`.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import traitlets
from typing_extensions import get_overloads, is_typeddict

MODULES = ("imagewidget", "imagewidget.testing")
SNAPSHOT = Path(__file__).parent / "fixtures" / "public_face.txt"
COMMAND = "python -m tests.public_face"

# Users get these from functions and never create one, so that their constructors may change.
CREATED = frozenset({"DockerClient", "Job", "Log"})

# The type of an attribute that has none.
UNKNOWN = "UNKNOWN"

_HEAD = f"# The public names of the package. `{COMMAND}` writes this file.\n"
_WIDTH = 100
# The other special methods are there for `repr` and `==`, which everything has.
_SPECIAL = ("await", "call", "contains", "enter", "exit", "getitem", "iter", "len")
SHOWN = {f"__{name}__" for name in _SPECIAL}


def public_face() -> str:
    """Return the whole text."""
    modules = [import_module(name) for name in MODULES if find_spec(name) is not None]
    public = {id(found) for module in modules for _, found in _names(module)}
    parts = [_HEAD]
    for module in modules:
        parts.append(f"## {module.__name__}\n")
        parts += [
            "\n".join(_described(name, found, public)) + "\n" for name, found in _names(module)
        ]
    return "\n".join(parts)


def written(annotation: object) -> str:
    """Return an annotation as one would write it, on every version of Python."""
    if isinstance(annotation, list):
        return f"[{', '.join(map(written, annotation))}]"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin in (Union, types.UnionType):
        return " | ".join(map(written, arguments))
    if origin is not None:
        return f"{written(origin)}[{', '.join(map(written, arguments))}]"
    return _atom(annotation)


def _atom(annotation: object) -> str:
    if isinstance(annotation, str):
        return annotation
    for alone, text in ((None, "None"), (type(None), "None"), (Ellipsis, "..."), (Any, "Any")):
        if annotation is alone:
            return text
    return str(getattr(annotation, "__qualname__", None) or annotation.__name__)


def _names(module: types.ModuleType) -> list[tuple[str, Any]]:
    return [(name, getattr(module, name)) for name in sorted(module.__all__)]


def _described(name: str, found: Any, public: set[int]) -> Iterator[str]:
    if is_typeddict(found):
        yield f"class {name}(TypedDict, total={found.__total__})"
        for key, hint in get_type_hints(found).items():
            yield f"    {key}: {written(hint)}"
    elif isinstance(found, type):
        yield from _class(name, found, public)
    elif callable(found):
        yield _function(name, found)
    else:
        yield f"{name}: {type(found).__name__} = {found!r}"


def _class(name: str, found: type, public: set[int]) -> Iterator[str]:
    bases = [base.__name__ for base in _bases(found, public) if base is not object]
    yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
    # Members of another public class are listed there; those of a private one are listed here.
    own = [
        base
        for base in found.__mro__
        if base.__module__.split(".")[0] == "imagewidget"
        and (base is found or id(base) not in public)
    ]
    foreign = {name for base in found.__mro__ if base not in (*own, object) for name in vars(base)}
    lines: dict[str, str] = {}
    for base in own:
        for key, line in _members(base):
            # A private class may override what a library documents already.
            if base is found or key not in foreign:
                lines.setdefault(key, line)
    yield from (textwrap.indent(line, "    ") for line in lines.values())


def _bases(found: type, public: set[int]) -> Iterator[type]:
    """Yield the bases of a class, and for a private one its own."""
    for base in found.__bases__:
        is_private = base.__module__.split(".")[0] == "imagewidget" and id(base) not in public
        yield from _bases(base, public) if is_private else (base,)


def _members(found: type) -> Iterator[tuple[str, str]]:
    """Yield each public member of a class by name, in the order of the source."""
    skipped: set[str] = set()
    if issubclass(found, Enum):
        skipped |= {*found.__members__}
        yield from ((each.name, f"{each.name} = {each.value!r}") for each in found)
    elif dataclasses.is_dataclass(found):
        frozen = found.__dataclass_params__.frozen  # type: ignore[attr-defined]  # not in typeshed
        yield "@", "frozen dataclass" if frozen else "dataclass"
        for field in dataclasses.fields(found):
            skipped.add(field.name)
            if not field.name.startswith("_"):
                yield field.name, f"{field.name}: {written(field.type)}{_default(field)}"
    elif "__init__" in vars(found) and not getattr(found, "_is_protocol", False):
        if found.__name__ not in CREATED:
            yield "__init__", _call("__init__", inspect.signature(found.__init__))
        yield from _attributes(found)
    for name, member in vars(found).items():
        if name not in skipped and (name in SHOWN or not name.startswith("_")):
            yield name, _member(name, member)


def _attributes(found: type) -> Iterator[tuple[str, str]]:
    """Yield the attributes that the class annotates, and those that its `__init__` sets."""
    hints = inspect.get_annotations(found)
    for name in dict.fromkeys((*hints, *_assigned(vars(found)["__init__"]))):
        if not name.startswith("_"):
            yield name, f"{name}: {written(hints.get(name, UNKNOWN))}"


def _member(name: str, member: Any) -> str:
    if isinstance(member, property):
        returned = inspect.signature(member.fget).return_annotation if member.fget else "?"
        return f"{name}: {written(returned)} (property)"
    if isinstance(member, (classmethod, staticmethod)):
        return f"@{type(member).__name__}\n{_function(name, member.__func__)}"
    if inspect.isfunction(member):
        return _function(name, member)
    if isinstance(member, traitlets.TraitType):
        return f"{name}: {type(member).__name__} (trait)"
    # What a str says may change; that it is there may not.
    return f"{name}: str" if isinstance(member, str) else f"{name} = {_value(member)}"


def _function(name: str, function: Callable[..., object]) -> str:
    """Return the signature of a function, after those of its overloads."""
    start = f"def {name}"
    overloads = (inspect.signature(each, eval_str=True) for each in get_overloads(function))
    lines = [f"@overload\n{_call(start, each)}" for each in overloads]
    return "\n".join([*lines, _call(start, inspect.signature(function))])


def _assigned(function: Callable[..., object]) -> list[str]:
    """Return the public attributes that an `__init__` sets on `self`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    ]
    return [name for name in dict.fromkeys(names) if not name.startswith("_")]


def _call(start: str, signature: Signature) -> str:
    """Return a signature on one line, or with one parameter a line if it is long."""
    parts: list[str] = []
    is_keyword = False
    for each in signature.parameters.values():
        if each.kind is Parameter.VAR_POSITIONAL:
            is_keyword = True
        elif each.kind is Parameter.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            parts.append("*")
        parts.append(_parameter(each))
    returned = signature.return_annotation
    end = ")" if returned is Signature.empty else f") -> {written(returned)}"
    line = f"{start}({', '.join(parts)}{end}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{start}(", *(f"    {part}," for part in parts), end])


def _parameter(each: Parameter) -> str:
    stars = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}.get(each.kind, "")
    hint = "" if each.annotation is Parameter.empty else f": {written(each.annotation)}"
    default = "" if each.default is Parameter.empty else f" = {_value(each.default)}"
    return f"{stars}{each.name}{hint}{default}"


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f" = {field.default_factory.__name__}()"
    return "" if field.default is dataclasses.MISSING else f" = {_value(field.default)}"


def _value(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    return str(getattr(value, "__qualname__", None) or repr(value))


if __name__ == "__main__":
    SNAPSHOT.write_text(public_face(), encoding="utf-8")
    sys.stdout.write(f"Wrote {SNAPSHOT.name}: `git diff` shows what has changed.\n")
