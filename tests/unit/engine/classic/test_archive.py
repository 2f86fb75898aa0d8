"""The context as a tar stream."""

import errno
import io
import os
import tarfile
import tracemalloc
import zlib
from pathlib import Path
from typing import BinaryIO

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic.archive import CHUNK, gzip_stream, measure, tar_stream
from imagewidget.engine.context.context import DirectoryContext, Entry, MemoryContext
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.failure.errors import Cancelled, InvalidContext

NOTHING = IgnoreRules()


def unpacked(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: member for member in tar}


def content(data: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        file = tar.extractfile(name)
        assert file is not None
        return file.read()


def test_every_kind_of_entry_arrives_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir(mode=0o750)
    (tmp_path / "dir/script").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "dir/script").chmod(0o4755)
    os.utime(tmp_path / "dir/script", (0, 1_700_000_000.75))
    (tmp_path / "link").symlink_to("dir/script")
    (tmp_path / "same").hardlink_to(tmp_path / "dir/script")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    data = b"".join(tar_stream(DirectoryContext(tmp_path), NOTHING))
    found = unpacked(data)
    script = found["dir/script"]
    assert (script.mode, script.mtime, script.size) == (0o4755, 1_700_000_000, 10)
    assert content(data, "dir/script") == b"#!/bin/sh\n"
    assert found["dir"].isdir()
    assert found["dir"].mode == 0o750
    assert found["link"].linkname == "dir/script"
    assert found["same"].islnk()
    assert found["pipe"].isfifo()
    assert found["empty"].size == 0


def test_a_file_with_a_read_error_is_named(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

        def fileno(self) -> int:
            return descriptor

    class BrokenContext(DirectoryContext):
        def open(self, _entry: Entry) -> BinaryIO:
            return Broken()

    path = tmp_path / "file"
    path.write_bytes(b"content")
    with path.open("rb") as file:
        descriptor = file.fileno()
        with pytest.raises(InvalidContext, match=r"`file` .* cannot be read: Input/output error"):
            list(tar_stream(BrokenContext(tmp_path), NOTHING))


def test_everything_is_owned_by_root(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    if os.geteuid() == 0:
        os.chown(tmp_path / "file", 1234, 1234)
    member = unpacked(b"".join(tar_stream(DirectoryContext(tmp_path), NOTHING)))["file"]
    assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")


def test_the_archive_is_in_gnu_format_even_with_long_names(tmp_path: Path) -> None:
    deep = "d" * 60 + "/" + "é" * 60
    (tmp_path / deep).mkdir(parents=True)
    (tmp_path / deep / "file").write_text("x")
    (tmp_path / "link").symlink_to("t" * 150)
    context = DirectoryContext(tmp_path)
    data = b"".join(tar_stream(context, NOTHING))
    assert f"{deep}/file" in unpacked(data)
    assert unpacked(data)["link"].linkname == "t" * 150
    assert b"ustar  \0" in data
    assert b"PaxHeader" not in data
    assert len(data) == measure(context, NOTHING)


def test_undecodable_names_keep_their_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / name).touch()
    data = b"".join(tar_stream(DirectoryContext(tmp_path), NOTHING))
    assert b"caf\xe9\0" in data


def test_ignored_files_are_left_out_and_extra_files_are_added(tmp_path: Path) -> None:
    for name in ("keep", "drop", ".dockerignore"):
        (tmp_path / name).write_text(name)
    context, rules = DirectoryContext(tmp_path), IgnoreRules.parse("drop")
    extra = {".dockerignore": b"another", ".dockerfile.1": b"FROM scratch\n"}
    data = b"".join(tar_stream(context, rules, extra))
    assert sorted(unpacked(data)) == [".dockerfile.1", ".dockerignore", "keep"]
    assert content(data, ".dockerignore") == b"another"
    assert len(data) == measure(context, rules, extra)


def test_files_in_memory_can_be_packed() -> None:
    context = MemoryContext({"Dockerfile": b"FROM x\n", "a/b": b"c"})
    data = b"".join(tar_stream(context, NOTHING))
    assert content(data, "a/b") == b"c"
    assert len(data) == measure(context, NOTHING)


def test_the_error_for_a_file_that_shrinks_while_being_sent_names_it(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 4 * CHUNK)
    stream = tar_stream(DirectoryContext(tmp_path), NOTHING)
    next(stream)
    os.truncate(tmp_path / "log", 100)
    with pytest.raises(InvalidContext, match="`log`") as caught:
        list(stream)
    assert caught.value.hint


def test_a_file_that_grows_while_being_sent_is_cut_at_its_first_size(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 4 * CHUNK)
    stream = tar_stream(DirectoryContext(tmp_path), NOTHING)
    data = next(stream)
    with (tmp_path / "log").open("ab") as log:
        log.write(b"more")
    data += b"".join(stream)
    assert unpacked(data)["log"].size == 4 * CHUNK


def test_the_error_for_a_file_deleted_after_the_walk_names_it(tmp_path: Path) -> None:
    (tmp_path / "notebook").touch()
    context = DirectoryContext(tmp_path)
    (entry,) = context.entries()
    (tmp_path / "notebook").unlink()
    with pytest.raises(InvalidContext, match="`notebook`"):
        context.open(entry)


def test_memory_does_not_grow_with_the_context(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        total = sum(map(len, tar_stream(DirectoryContext(tmp_path), NOTHING)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total > 200_000_000
    assert peak < 3_000_000


def test_measuring_and_packing_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "data.bin").touch()
    rules = IgnoreRules.parse("*\n!**/*.py\n")
    cancel = Cancellation()
    cancel.request()
    for context in (DirectoryContext(tmp_path), MemoryContext({"data.bin": b""})):
        with pytest.raises(Cancelled):
            measure(context, rules, check=cancel.check)
        with pytest.raises(Cancelled):
            list(tar_stream(context, rules, check=cancel.check))


def test_chunks_are_large_and_compress(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / str(number)).write_text("x")
    chunks = list(tar_stream(DirectoryContext(tmp_path), NOTHING))
    assert len(chunks) <= 9
    packed = b"".join(gzip_stream(chunks))
    assert len(packed) < 200_000
    assert zlib.decompress(packed, wbits=31) == b"".join(chunks)
