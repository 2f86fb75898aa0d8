"""The public face is the one that was decided on, in `tests/fixtures/public_face.txt`."""

import re
import typing
from collections.abc import Callable, Iterable, Mapping
from difflib import unified_diff
from inspect import signature
from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest

import imagewidget as iw
from tests.public_face import COMMAND, SNAPSHOT, public_face, written


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
