"""The public face is the one that was decided on, in `tests/fixtures/public_face.txt`."""

import builtins
import collections.abc
import concurrent.futures
import enum
import inspect
import os
import pathlib
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import unified_diff
from inspect import signature
from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest
from typing_extensions import get_overloads

import imagewidget as iw
from imagewidget import testing
from tests.public_face import COMMAND, CREATED, SHOWN, SNAPSHOT, UNKNOWN, public_face, written


def changes(kept: str, now: str) -> str:
    names = ("decided", "found")
    diff = unified_diff(kept.splitlines(), now.splitlines(), *names, lineterm="", n=6)
    return "\n".join(diff)


def test_the_public_face_has_changed_only_by_decision() -> None:
    kept = SNAPSHOT.read_text(encoding="utf-8")
    diff = changes(kept, public_face())
    if diff:
        pytest.fail(
            f"The public face differs from {SNAPSHOT.name}. If that is intended, run "
            f"`{COMMAND}` and describe the change in CHANGELOG.md.\n\n{diff}",
            pytrace=False,
        )


def test_a_changed_default_a_lost_method_and_a_new_name_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = public_face()
    changed = signature(iw.pull).replace(return_annotation="Task")
    monkeypatch.setattr(iw.pull, "__signature__", changed)
    monkeypatch.delattr(iw.Log, "save")
    monkeypatch.setattr(iw, "__all__", [*iw.__all__, "__version__"])
    diff = changes(before, public_face()).splitlines()
    # Which of two blank lines is new is up to `difflib`.
    assert sorted(line for line in diff if re.match(r"[+-](?![+-])", line)) == sorted(
        [
            "-    def save(self, path: str | os.PathLike[str]) -> Path",
            f"+__version__: str = {iw.__version__!r}",
            "+",
            "-) -> Job",
            "+) -> Task",
        ]
    )


def test_every_public_name_is_there() -> None:
    found = set(
        re.findall(r"^(?:class|def) (\w+)", SNAPSHOT.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {*iw.__all__} <= found


def test_changed_types_of_overloads_and_of_attributes_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = public_face()
    recorded, listed = get_overloads(iw.Job.record)[1], get_overloads(iw.replay)[0]
    monkeypatch.setitem(recorded.__annotations__, "return", "int")
    monkeypatch.setitem(listed.__annotations__, "return", "list[int]")
    monkeypatch.setitem(iw.BuildFailed.__annotations__, "exit_code", "str")
    diff = changes(before, public_face()).splitlines()
    assert [line for line in diff if re.match(r"[+-](?![+-])", line)] == [
        "-    exit_code: int | None",
        "+    exit_code: str",
        "-    def record(self, file: TextIO) -> None",
        "+    def record(self, file: TextIO) -> int",
        "-def replay() -> tuple[str, ...]",
        "+def replay() -> list[int]",
    ]


def test_every_attribute_has_a_type() -> None:
    assert UNKNOWN not in public_face()


def test_constructors_are_left_out_only_where_the_package_says_so() -> None:
    text = public_face()
    for name in CREATED:
        start = text.index(f"\nclass {name}\n")
        assert "__init__" not in text[start : text.index("\n\n", start + 1)]
        assert f"`{name}`" in (iw.__doc__ or ""), "the documentation says that it may change"
    assert "    __init__(self, client: DockerClient | None = None) -> None" in text


# Types in the text that cannot be imported from this package or the standard library, and why
# users need not import them.
FOREIGN = {
    "AnyWidget": "the class of widgets that `Panel` is one of; anywidget has it",
    "Float": "the class of a trait; traitlets has it",
    "Readable": "any object with a method `read`, such as an open file; never a value to import",
    "Unicode": "the class of a trait; traitlets has it",
    "VBox": "the class of widgets that `ImageWidget` is one of; ipywidgets has it",
}
STANDARD = (builtins, collections.abc, concurrent.futures, enum, os, pathlib, typing)


def named(text: str) -> set[str]:
    """Return every name that begins with a capital, except members of enumerations."""
    text = re.sub(r"'[^']*'", "", text)
    return set(re.findall(r"(?<![.\w])[A-Z]\w*(?! = $)(?!\w)", text, re.MULTILINE))


def unknown(text: str) -> set[str]:
    """Return the names of types that a user cannot import."""
    known = {*iw.__all__, *testing.__all__, *FOREIGN}
    return {
        name
        for name in named(text.partition("\n")[2]) - known
        if not any(hasattr(module, name) for module in STANDARD)
    }


def test_every_type_in_it_can_be_imported() -> None:
    assert unknown(public_face()) == set()


def test_a_type_that_nobody_can_import_is_found() -> None:
    text = "\ndef tries(\n    announce: Callable[[float], Remedy] = None\n) -> Iterator[Manager]"
    assert unknown(text) == {"Manager", "Remedy"}
    assert unknown("\n    QUEUED = 'queued'\n    phase: Phase = Phase.QUEUED\n    a: Path") == set()


def test_every_foreign_type_is_still_in_it() -> None:
    assert {*FOREIGN} <= named(public_face())


# `Panel` is imported only by type checkers there, because a job without one needs no widgets.
ONLY_CHECKED = {"imagewidget.jobs.job": {"Panel": iw.Panel}}


def annotated() -> Iterator[tuple[str, Any]]:
    """Yield every public function and class, and the methods and properties of the classes."""
    for module in (iw, testing):
        for name in module.__all__:
            found = getattr(module, name)
            yield name, found
            for base in getattr(found, "__mro__", ()):
                for member_name, member in vars(base).items():
                    function = getattr(member, "fget", member)
                    is_own = base.__module__.startswith("imagewidget")
                    is_shown = not member_name.startswith("_") or member_name in SHOWN
                    if is_own and is_shown and inspect.isfunction(function):
                        yield f"{name}.{member_name}", function


ANNOTATED = dict(annotated())


@pytest.mark.parametrize("name", ANNOTATED)
def test_annotations_can_be_evaluated(name: str) -> None:
    found = ANNOTATED[name]
    hints = typing.get_type_hints(found, localns=ONLY_CHECKED.get(found.__module__))
    assert isinstance(found, type) or "return" in hints


def test_annotations_of_methods_and_properties_are_evaluated() -> None:
    assert {"BuildFailed", "Job.panel", "Job.__await__", "Panel.begin", "pull"} <= {*ANNOTATED}


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("str | None", "str | None"),
        (None, "None"),
        (Any, "Any"),
        (Path, "Path"),
        (iw.Job, "Job"),
        (int | None, "int | None"),
        (Optional[int], "int | None"),  # noqa: UP045 - the old way of writing it, on purpose
        (Union[int, str], "int | str"),  # noqa: UP007 - as above
        (tuple[str, ...], "tuple[str, ...]"),
        (Literal["a", 1], "Literal['a', 1]"),
        (typing.Iterable[str], "Iterable[str]"),
        (Iterable[str], "Iterable[str]"),
        (Mapping[str, list[int] | None], "Mapping[str, list[int] | None]"),
        (Callable[[int], None], "Callable[[int], None]"),
        (Callable[..., int], "Callable[..., int]"),
    ],
)
def test_an_annotation_is_written_alike_on_every_version_of_python(
    annotation: object, text: str
) -> None:
    assert written(annotation) == text
