"""`iw.replay` plays a file, or one of the recordings in the package, which it also lists."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import imagewidget as iw
from imagewidget import recordings
from tests.unit.recorded import IMAGE, PULL, written

INSTANT = float("inf")


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: an empty one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def played(recording: Any) -> iw.Image:
    return iw.replay(recording, speed=INSTANT, display=False).result(10)


def test_without_arguments_the_names_are_returned_and_nothing_is_started() -> None:
    before = threading.enumerate()
    names = iw.replay()
    assert threading.enumerate() == before
    assert names == recordings.names() == tuple(sorted(names))
    assert {"demo/building", "demo/cached", "demo/layers", "demo/done"} <= set(names)
    assert repr(names).startswith("('demo/building', 'demo/cached'")


@pytest.mark.parametrize("name", recordings.names())
def test_every_recording_has_a_file(name: str) -> None:
    assert recordings.path(name).is_file()


def test_a_recording_in_the_package_is_played_by_its_name() -> None:
    assert played("demo/done").reference == "owner/env:1"


def test_a_file_of_that_path_wins(directory: Path) -> None:
    (directory / "demo").mkdir()
    written(directory / "demo" / "done", PULL)
    assert played("demo/done") == IMAGE


def test_a_directory_of_that_path_does_not(directory: Path) -> None:
    (directory / "demo" / "done").mkdir(parents=True)
    assert played("demo/done") != IMAGE


def test_a_path_may_begin_with_the_home(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(directory))
    written(directory / "run.jsonl", PULL)
    assert played("~/run.jsonl") == played(Path("~/run.jsonl")) == IMAGE


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("demo/laiers", "neither a file nor a recording that comes with imagewidget. Did you mean"),
        ("demo/laiers", "Did you mean `demo/layers`?"),
        ("demo/zzzz", "Call `iw.replay()` for their names."),
        ("demo/\x1b[2J", r"'demo/\x1b[2J' is neither"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(name: str, message: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        iw.replay(name, display=False)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "missing",
    ["run.jsonl", "demo/layers.jsonl", "layers", Path("demo/layers"), "~nobody-here/run.jsonl"],
)
def test_any_other_path_is_that_of_a_file(missing: Any) -> None:
    with pytest.raises(FileNotFoundError, match="No such file"):
        iw.replay(missing, display=False)


@pytest.mark.parametrize("wrong", [5, b"demo/layers", ["demo/layers"]])
def test_what_is_not_a_path_is_refused(wrong: Any) -> None:
    kind = type(wrong).__name__
    with pytest.raises(TypeError, match=f"`recording` must be a str or a path, not {kind}"):
        iw.replay(wrong, display=False)


@pytest.mark.parametrize("wrap", [str, Path])
@pytest.mark.parametrize("prefix", ["", "~", "demo/", "demo/a."])
@pytest.mark.parametrize(
    ("character", "reason"),
    [("\0", "it contains a null byte"), ("\ud800", r"it contains '\\ud800', which cannot be")],
)
def test_what_cannot_be_a_path_is_refused(
    wrap: Any, prefix: str, character: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=f"^`recording` is not a valid path: {reason}"):
        iw.replay(wrap(prefix + character), display=False)


@pytest.mark.parametrize("option", [{"speed": 2}, {"until": 0}, {"display": False}])
def test_an_option_needs_a_recording(option: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="`recording` is missing"):
        iw.replay(**option)
