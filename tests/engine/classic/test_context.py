"""What is sent to the classic builder, and how, on real engines."""

import itertools
import os
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic import upload
from imagewidget.engine.classic.build import build as build_classic
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.failure.errors import Cancelled
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import ContextSent, LogWritten
from tests.engine.building import connected, files_in, lay
from tests.engine.classic.running import build, failure
from tests.rig.engine import Engine
from tests.rig.registry import Registry

_numbers = itertools.count(time.time_ns())


@pytest.fixture
def base(registry: Registry) -> str:
    """Lines that begin a stage with busybox and that are never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={next(_numbers)}\n"


def test_a_file_that_is_ignored_cannot_be_copied(engine: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}COPY data /data\n", "data": "x", ".dockerignore": "data"})
    error = failure(engine, tmp_path)
    assert error.dockerfile_line == 3
    assert ".dockerignore" in error.hint


def test_the_image_has_no_files_excluded_by_dockerignore(engine: Engine, tmp_path: Path) -> None:
    files = dict.fromkeys(
        ("keep", "a.log", "logs/b.log", "logs/keep.log", "node/x/y", "README.md"), "x"
    )
    rules = "**/*.log\n!logs/keep.log\nnode\nDockerfile\n.dockerignore\n"
    lay(tmp_path, {**files, ".dockerignore": rules, "Dockerfile": "FROM scratch\nCOPY . /\n"})
    (tmp_path / "link").symlink_to("keep")
    image = build(engine, tmp_path).image
    assert image is not None
    found = files_in(engine, image.id)
    assert set(found) == {"keep", "logs", "logs/keep.log", "README.md", "link"}
    assert " keep " in found["link"][0]


@pytest.mark.parametrize("ignore", [None, "drop\n"], ids=["no .dockerignore", ".dockerignore"])
def test_a_dockerfile_from_outside_the_context_is_not_in_the_image(
    engine: Engine, tmp_path: Path, ignore: str | None
) -> None:
    context = lay(tmp_path / "context", {"keep": "x", "drop": "x"})
    if ignore is not None:
        lay(context, {".dockerignore": ignore})
    outside = lay(tmp_path, {"outside": "FROM scratch\nCOPY . /\n"}) / "outside"
    for dockerfile in (outside, outside.read_text()):
        image = build(engine, context, dockerfile=dockerfile).image
        assert image is not None
        kept = {"keep", "drop"} if ignore is None else {"keep", ".dockerignore"}
        assert set(files_in(engine, image.id)) == kept


def test_the_dockerfiles_own_ignore_file_replaces_the_common_one(
    engine: Engine, tmp_path: Path
) -> None:
    lay(
        tmp_path,
        {
            "a": "x",
            "b": "x",
            ".dockerignore": "a\n",
            "build.Dockerfile": "FROM scratch\nCOPY . /\n",
            "build.Dockerfile.dockerignore": "b\n*Dockerfile*\n",
        },
    )
    image = build(engine, tmp_path, dockerfile=tmp_path / "build.Dockerfile").image
    assert image is not None
    assert "a" in files_in(engine, image.id)
    assert "b" not in files_in(engine, image.id)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A context of 160 MB in one file."""
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY small /\n", "small": "x"})
    with (tmp_path / "large").open("wb") as file:
        file.truncate(160_000_000)
    return tmp_path


def test_a_large_context_is_streamed_and_its_progress_reported(engine: Engine, large: Path) -> None:
    tracemalloc.start()
    try:
        built = build(engine, large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000
    sent = [event for event in built.events if isinstance(event, ContextSent)]
    assert sent[0].current == 0
    assert sent[-1].is_complete
    assert sent[-1].current == sent[-1].total
    assert sent[-1].current > 160_000_000
    assert [one.current for one in sent] == sorted(one.current for one in sent)


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_an_upload_can_be_aborted(engine: Engine, large: Path, how: str) -> None:
    cancel = Cancellation()
    request = BuildRequest.of(large)
    running = build_classic(connected(engine), request, cancel=cancel, clock=time.monotonic)
    assert isinstance(
        next(event for event in running if not isinstance(event, LogWritten)), ContextSent
    )
    began = time.monotonic()
    if how == "close":
        running.close()
    else:
        cancel.request()
        with pytest.raises(Cancelled):
            list(running)
    assert time.monotonic() - began < 2
    assert not [one for one in threading.enumerate() if one.name == "imagewidget-upload"]


def test_a_remote_engine_gets_the_context_compressed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY . /\n", "data": "x" * 2_000_000})
    client = connected(engine)
    client.version()
    monkeypatch.setattr(Endpoint, "is_remote", True)
    written: list[int] = []
    compress = upload.gzip_stream
    monkeypatch.setattr(
        upload,
        "gzip_stream",
        lambda chunks: (written.append(len(piece)) or piece for piece in compress(chunks)),
    )
    request = BuildRequest.of(tmp_path)
    events = build_classic(client, request, cancel=Cancellation(), clock=time.monotonic)
    sent = [event for event in events if isinstance(event, ContextSent)]
    # The bytes are counted before compression.
    assert sent[-1].current > 2_000_000
    assert sent[-1].is_complete
    assert 1_000 < sum(written) < 100_000


CAPABILITIES = bytes.fromhex("0100000200040000000000000000000000000000")  # cap_net_bind_service


def test_capabilities_and_unusual_times_reach_the_image(engine: Engine, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY . /\n", "server": "x", "old": "x", "new": "x"})
    os.setxattr(tmp_path / "server", "security.capability", CAPABILITIES)
    os.utime(tmp_path / "old", (-86_400, -86_400))
    os.utime(tmp_path / "new", (1 << 34, 1 << 34))

    image = build(engine, tmp_path).image

    assert image is not None
    found = files_in(engine, image.id)
    # Docker drops them after the upload, with BuildKit, too: its `COPY` sets the owner last.
    is_kept = "xattr.security.capability" in found["server"][0]
    assert is_kept is (engine.store == "podman")
    assert {"old", "new"} <= found.keys()
