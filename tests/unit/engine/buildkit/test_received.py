"""The output directory has what the engine sends, and nothing outside of it changes."""

from __future__ import annotations

import os
import stat as modes
from pathlib import Path

import pytest

from imagewidget.engine.buildkit.files.packets import go_mode
from imagewidget.engine.buildkit.files.received import Received
from imagewidget.engine.buildkit.proto.filesync_pb2 import Stat
from imagewidget.engine.failure.errors import DockerError, InvalidContext

TIME = 1_600_000_000_000_000_000
DIRECTORY = modes.S_IFDIR | 0o755
FILE = modes.S_IFREG | 0o640
LINK = modes.S_IFLNK | 0o777


def entry(path: str, mode: int = FILE, linkname: str = "") -> Stat:
    return Stat(path=path.encode(), mode=go_mode(mode), modTime=TIME, linkname=linkname.encode())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def received(root: Path) -> Received:
    made = Received(root)
    made.begin()
    return made


def send(received: Received, number: int, stat: Stat, *pieces: bytes) -> None:
    assert received.add(number, stat)
    for piece in (*pieces, b""):
        received.write(number, piece)


def test_every_kind_of_entry_is_written_with_its_mode_and_time(
    received: Received, root: Path
) -> None:
    assert not received.add(0, entry("sub", modes.S_IFDIR | 0o555))
    assert received.add(1, entry("sub/a"))
    assert received.is_waiting
    received.write(1, b"fir")
    received.write(1, b"st")
    received.write(1, b"")
    assert not received.is_waiting
    assert not received.add(2, entry("sub/link", LINK, "a"))
    assert not received.add(3, entry("hard", FILE, "sub/a"))
    assert not received.add(4, entry("pipe", modes.S_IFIFO | 0o600))
    send(received, 5, entry("empty"))
    received.finish()

    assert (root / "sub/a").read_bytes() == b"first"
    assert modes.S_IMODE((root / "sub/a").stat().st_mode) == 0o640
    assert (root / "sub/a").stat().st_mtime_ns == TIME
    assert modes.S_IMODE((root / "sub").stat().st_mode) == 0o555
    assert (root / "sub").stat().st_mtime_ns == TIME
    assert (root / "sub/link").readlink() == Path("a")
    assert (root / "hard").samefile(root / "sub/a")
    assert modes.S_ISFIFO((root / "pipe").stat().st_mode)
    assert (root / "empty").read_bytes() == b""
    assert received.size == len(b"first")


def test_what_was_there_is_replaced_or_stays(received: Received, root: Path) -> None:
    (root / "other").write_text("mine")
    (root / "old").write_text("old")
    (root / "gone").symlink_to("nowhere")
    (root / "folder").symlink_to(root.parent)
    send(received, 0, entry("old"), b"new")
    send(received, 1, entry("gone"), b"file")
    received.add(2, entry("folder", DIRECTORY))
    send(received, 3, entry("folder/a"), b"inside")
    received.finish()
    assert (root / "other").read_text() == "mine"
    assert (root / "old").read_text() == "new"
    assert not (root / "gone").is_symlink()
    assert (root / "folder/a").read_text() == "inside"
    assert not (root.parent / "a").exists()


def test_a_file_in_place_of_a_directory_is_refused(received: Received, root: Path) -> None:
    (root / "a").mkdir()
    with pytest.raises(InvalidContext, match="is a directory") as caught:
        received.add(0, entry("a"))
    assert "another `output`" in caught.value.hint


@pytest.mark.parametrize("path", ["..", "../a", "a/../../b", "/../a", ".", "/", "a//b"])
def test_nothing_is_written_outside(received: Received, root: Path, path: str) -> None:
    with pytest.raises(DockerError, match="outside of the output directory"):
        received.add(0, entry(path))
    with pytest.raises(DockerError, match="outside of the output directory"):
        received.add(1, entry("hard", FILE, path))
    assert list(root.iterdir()) == []
    assert list(root.parent.iterdir()) == [root]


@pytest.mark.parametrize("is_of_the_engine", [True, False])
def test_a_link_does_not_lead_outside(
    received: Received, root: Path, *, is_of_the_engine: bool
) -> None:
    if is_of_the_engine:
        received.add(0, entry("link", LINK, ".."))
    else:
        (root / "link").symlink_to("..")
    with pytest.raises(DockerError, match="outside of the output directory"):
        received.add(1, entry("link/a"))
    assert not (root.parent / "a").exists()


@pytest.mark.parametrize("linkname", ["", "a"])
def test_a_link_cannot_come_after_what_is_behind_it(
    received: Received, root: Path, linkname: str
) -> None:
    send(received, 0, entry("a"))
    (root.parent / "elsewhere").mkdir()
    with pytest.raises(DockerError, match="outside of the output directory"):
        received.add(1, entry("late/x", FILE, linkname))
    received.add(2, entry("late", LINK, "../elsewhere"))
    with pytest.raises(DockerError, match="outside of the output directory"):
        received.add(3, entry("late/y"))
    received.finish()
    assert not list((root.parent / "elsewhere").iterdir())


def test_content_that_was_not_requested_is_refused(received: Received) -> None:
    with pytest.raises(DockerError, match="not requested"):
        received.write(7, b"x")


def test_what_is_incomplete_is_removed(received: Received, root: Path) -> None:
    (root / "a").write_text("old")
    assert received.add(0, entry("a"))
    assert received.add(1, entry("b"))
    received.write(0, b"half")
    assert len(list(root.iterdir())) == 2
    received.close()
    assert [path.name for path in root.iterdir()] == ["a"]
    assert (root / "a").read_text() == "old"
    assert not received.is_waiting


def test_the_directory_may_be_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    received = Received(tmp_path / "out")
    received.begin()
    send(received, 0, entry("a"), b"x")
    assert (tmp_path / "real/a").read_bytes() == b"x"


def test_a_device_that_may_not_be_made_is_an_error_of_the_system(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "mknod", refuse)
    with pytest.raises(PermissionError):
        received.add(0, entry("null", modes.S_IFCHR | 0o666))
