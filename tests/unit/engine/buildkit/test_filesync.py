"""The engine gets the files that it requests, as buildx would send them."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from grpclib.client import StreamStreamMethod
from grpclib.exceptions import GRPCError

from imagewidget.engine.buildkit.files.filesync import FileSync
from imagewidget.engine.buildkit.files.packets import go_mode
from imagewidget.engine.buildkit.files.path_table import Paths
from imagewidget.engine.buildkit.files.trees import PIECE, DirectoryTree, MemoryTree, Tree
from imagewidget.engine.buildkit.proto.filesync_pb2 import Packet, Stat
from imagewidget.engine.buildkit.services import Services
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.context.context import DirectoryContext, Entry, MemoryContext
from imagewidget.engine.failure.errors import Cancelled, InvalidContext
from imagewidget.engine.request.request import BuildRequest
from tests.left_out import leave_out
from tests.unit.engine.buildkit.peer import peer


@dataclass
class Received:
    """Everything that an engine received in one DiffCopy."""

    stats: list[Stat] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    error: str = ""

    @property
    def paths(self) -> list[str]:
        return [os.fsdecode(one.path) for one in self.stats]

    def stat(self, path: str) -> Stat:
        return self.stats[self.paths.index(path)]


def sync(
    tree: Tree,
    *,
    wanted: Sequence[str] | None = None,
    name: str = "context",
    **headers: Sequence[str],
) -> Received:
    """Act as the engine: request a tree and the content of `wanted` (None for all files)."""
    return asyncio.run(_sync(FileSync({"context": tree}), wanted, name, headers))


async def _sync(
    service: FileSync,
    wanted: Sequence[str] | None,
    name: str,
    headers: Mapping[str, Sequence[str]],
) -> Received:
    metadata = [("dir-name", name)]
    for key, values in headers.items():
        metadata += [(key.replace("_", "-"), value) for value in values]
    async with peer([service]) as channel:
        method = StreamStreamMethod(channel, "/moby.filesync.v1.FileSync/DiffCopy", Packet, Packet)
        async with method.open(metadata=metadata) as stream:
            return await _receive(stream, wanted)


async def _receive(stream: object, wanted: Sequence[str] | None) -> Received:
    got = Received()
    open_files: dict[int, str] = {}
    await stream.send_request()  # type: ignore[attr-defined]

    async def finish_if_done(*, is_walked: bool) -> None:
        if is_walked and not open_files:
            await stream.send_message(Packet(type=Packet.PACKET_FIN), end=True)  # type: ignore[attr-defined]

    is_walked = False
    async for packet in stream:  # type: ignore[attr-defined]
        if packet.type == Packet.PACKET_STAT and packet.HasField("stat"):
            got.stats.append(packet.stat)
            path = os.fsdecode(packet.stat.path)
            is_file = packet.stat.mode >> 20 == 0 and not packet.stat.linkname
            if is_file and (wanted is None or path in wanted):
                open_files[len(got.stats) - 1] = path
                got.content[path] = b""
                request = Packet(type=Packet.PACKET_REQ, ID=len(got.stats) - 1)
                await stream.send_message(request)  # type: ignore[attr-defined]
        elif packet.type == Packet.PACKET_STAT:
            is_walked = True
            await finish_if_done(is_walked=True)
        elif packet.type == Packet.PACKET_DATA and packet.data:
            got.content[open_files[packet.ID]] += packet.data
        elif packet.type == Packet.PACKET_DATA:
            del open_files[packet.ID]
            await finish_if_done(is_walked=is_walked)
        elif packet.type == Packet.PACKET_ERR:
            got.error = packet.data.decode()
            await stream.end()  # type: ignore[attr-defined]
            break
    return got


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "deep" / "a.py").write_text("print()")
    (tmp_path / "src" / "b.py").write_text("b")
    (tmp_path / "src-tools").write_text("tools")
    (tmp_path / "empty").mkdir()
    (tmp_path / "big.bin").write_bytes(os.urandom(3 * PIECE + 17))
    return tmp_path


def tree(root: Path) -> DirectoryTree:
    return DirectoryTree(DirectoryContext(root))


def test_everything_arrives_in_fsutils_order(root: Path) -> None:
    got = sync(tree(root))
    # Compared component by component: `src/…` comes before `src-tools`, unlike in a plain sort.
    assert got.paths == [
        "big.bin",
        "empty",
        "src",
        "src/b.py",
        "src/deep",
        "src/deep/a.py",
        "src-tools",
    ]
    for path, content in got.content.items():
        assert content == (root / path).read_bytes()
    assert len(got.content) == 4


def test_only_requested_files_are_sent(root: Path) -> None:
    got = sync(tree(root), wanted=["src/b.py"])
    assert got.content == {"src/b.py": b"b"}


def test_a_stat_has_gos_mode_and_no_owner(root: Path) -> None:
    path = root / "src" / "b.py"
    path.chmod(0o4755)
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    got = sync(tree(root)).stat("src/b.py")
    assert got.mode == 1 << 23 | 0o755
    assert got.modTime == 1_700_000_000_123_456_789
    assert (got.size, got.uid, got.gid) == (1, 0, 0)


@pytest.mark.parametrize(
    ("mode", "go"),
    [
        (stat.S_IFREG | 0o644, 0o644),
        (stat.S_IFDIR | 0o755, 1 << 31 | 0o755),
        (stat.S_IFLNK | 0o777, 1 << 27 | 0o777),
        (stat.S_IFIFO | 0o600, 1 << 25 | 0o600),
        (stat.S_IFCHR | 0o600, 1 << 26 | 1 << 21 | 0o600),
        (stat.S_IFDIR | stat.S_ISVTX | 0o777, 1 << 31 | 1 << 20 | 0o777),
    ],
)
def test_modes_are_converted_to_gos(mode: int, go: int) -> None:
    assert go_mode(mode) == go


def test_excluded_paths_are_left_out(root: Path) -> None:
    got = sync(tree(root), exclude_patterns=["src", "!src/deep"])
    assert got.paths == ["big.bin", "empty", "src", "src/deep", "src/deep/a.py", "src-tools"]


def test_a_dockerignore_may_have_thousands_of_lines(root: Path) -> None:
    patterns = [f"data/generated/number-{number}" for number in range(3_000)]
    got = sync(tree(root), exclude_patterns=["src", *patterns])
    assert got.paths == ["big.bin", "empty", "src-tools"]


def test_included_paths_include_their_directories(root: Path) -> None:
    got = sync(tree(root), include_patterns=["src/deep/*.py"])
    assert got.paths == ["src", "src/deep", "src/deep/a.py"]


def test_quoted_patterns_that_are_not_ascii_are_decoded(root: Path) -> None:
    (root / "café").write_text("!")
    got = sync(tree(root), include_patterns=["caf%C3%A9"], include_patterns_encoded=["1"])
    assert got.paths == ["café"]


def test_quoted_patterns_that_are_not_utf8_are_decoded(root: Path) -> None:
    (root / os.fsdecode(b"odd\xff")).write_text("!")
    got = sync(tree(root), include_patterns=["odd%FF"], include_patterns_encoded=["1"])
    assert got.paths == [os.fsdecode(b"odd\xff")]


def test_a_followed_link_includes_its_target(root: Path) -> None:
    (root / "link").symlink_to("src/deep")
    got = sync(tree(root), followpaths=["link/a.py"])
    assert got.paths == ["link", "src", "src/deep", "src/deep/a.py"]
    assert got.stat("link").linkname == b"src/deep"


def test_a_link_cannot_lead_out_of_the_context(root: Path) -> None:
    (root / "out").symlink_to("../../../../src")
    (root / "abs").symlink_to("/src/b.py")
    got = sync(tree(root), followpaths=["out/deep", "abs"])
    assert got.paths == ["abs", "out", "src", "src/b.py", "src/deep", "src/deep/a.py"]


def test_links_with_wildcards_are_followed(root: Path) -> None:
    (root / "l1").symlink_to("src/b.py")
    (root / "l2").symlink_to("src/deep")
    got = sync(tree(root), followpaths=["l*"])
    assert got.paths == ["l1", "l2", "src", "src/b.py", "src/deep", "src/deep/a.py"]


def test_a_cycle_of_links_ends(root: Path) -> None:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    assert sync(tree(root), followpaths=["one/x"]).paths == ["one", "two"]


def test_following_the_root_includes_everything(root: Path) -> None:
    assert sync(tree(root), followpaths=["/"], wanted=[]).paths == sync(tree(root)).paths


def test_a_hard_link_names_the_first_path(root: Path) -> None:
    os.link(root / "src" / "b.py", root / "src" / "c.py")
    got = sync(tree(root))
    assert got.stat("src/c.py").linkname == b"src/b.py"
    # As in fsutil: if the size differed, the engine would take the link for changed.
    assert got.stat("src/c.py").size == 1
    assert "src/c.py" not in got.content


def test_a_hard_link_to_an_excluded_path_is_a_file(root: Path) -> None:
    os.link(root / "src" / "b.py", root / "src" / "c.py")
    got = sync(tree(root), exclude_patterns=["src/b.py"])
    assert got.content["src/c.py"] == b"b"


def test_a_name_that_is_not_utf8_is_kept(root: Path) -> None:
    odd = os.fsencode(root) + b"/odd\xff"
    with open(odd, "wb") as file:  # noqa: PTH123 - pathlib has no bytes
        file.write(b"odd")
    got = sync(tree(root))
    assert got.stat(os.fsdecode(b"odd\xff")).path == b"odd\xff"
    assert got.content[os.fsdecode(b"odd\xff")] == b"odd"


def test_an_unknown_directory_is_refused(root: Path) -> None:
    with pytest.raises(GRPCError, match="no access"):
        sync(tree(root), name="elsewhere")


def test_a_file_that_was_deleted_is_sent_as_an_empty_one_as_by_buildx(root: Path) -> None:
    class Vanishing(DirectoryTree):
        def stat(self, entry: Entry) -> bytes:
            packet = super().stat(entry)
            if entry.is_file:
                Path(entry.source).unlink()
            return packet

    service = FileSync({"context": Vanishing(DirectoryContext(root))})
    got = asyncio.run(_sync(service, None, "context", {"include_patterns": ["src/b.py"]}))
    assert got.error == ""
    assert got.content["src/b.py"] == b""
    assert service.problem is None


def test_times_that_do_not_fit_and_odd_attributes_are_no_internal_error(root: Path) -> None:
    os.utime(root / "src/b.py", (1 << 34, 1 << 34))
    os.utime(root / "src", (-86_400, -86_400))
    got = sync(tree(root), include_patterns=["src/b.py"])
    assert got.error == ""
    assert got.content["src/b.py"]

    try:
        os.setxattr(root / "src/b.py", b"user.\xff\xef\xbc\xa1", b"x")
    except OSError:
        leave_out("a file with odd attributes", "this file system has no extended attributes")
    got = sync(tree(root), include_patterns=["src/b.py"])
    assert "`src/b.py` in the build context has an extended attribute" in got.error


def test_an_error_of_the_sender_is_reported_in_its_own_words(root: Path) -> None:
    class Broken(DirectoryTree):
        def stat(self, entry: Entry) -> bytes:
            raise ValueError(f"no way to send {entry.path}")

    service = FileSync({"context": Broken(DirectoryContext(root))})
    got = asyncio.run(_sync(service, None, "context", {"include_patterns": ["src/b.py"]}))
    assert "no way to send src" in got.error


class _Greedy:
    """An engine that requests one entry by its number, whatever its type."""

    def __init__(self, root: Path) -> None:
        self.service = FileSync({"context": tree(root)})

    def ask(self, path: str, *, times: int = 1) -> list[Packet]:
        async def run() -> list[Packet]:
            async with peer([self.service]) as channel:
                url = "/moby.filesync.v1.FileSync/DiffCopy"
                method = StreamStreamMethod(channel, url, Packet, Packet)
                async with method.open(metadata=[("dir-name", "context")]) as stream:
                    await stream.send_request()
                    return [packet async for packet in self._talk(stream, path, times)]

        return asyncio.run(asyncio.wait_for(run(), 5))

    async def _talk(self, stream: object, path: str, times: int) -> AsyncIterator[Packet]:
        paths = []
        async for packet in stream:  # type: ignore[attr-defined]
            if packet.HasField("stat"):
                paths.append(os.fsdecode(packet.stat.path))
                continue
            if packet.type == Packet.PACKET_STAT:
                number = paths.index(path) if path in paths else len(paths)
                for _ in range(times):
                    request = Packet(type=Packet.PACKET_REQ, ID=number)
                    await stream.send_message(request)  # type: ignore[attr-defined]
                continue
            yield packet
            if packet.type == Packet.PACKET_ERR:
                await stream.end()  # type: ignore[attr-defined]
                return


@pytest.mark.parametrize("path", ["link", "pipe", "src", "no such entry"])
def test_only_listed_files_are_sent(root: Path, path: str) -> None:
    outside = root.parent / f"{root.name}-outside"
    outside.write_text("TOP SECRET")
    (root / "link").symlink_to(outside)
    os.mkfifo(root / "pipe")
    greedy = _Greedy(root)
    (packet,) = greedy.ask(path)
    assert packet.type == Packet.PACKET_ERR
    assert b"not a file" in packet.data
    assert greedy.service.problem is not None


def test_a_file_is_sent_only_once(root: Path) -> None:
    packets = _Greedy(root).ask("src/b.py", times=2)
    assert packets[-1].type == Packet.PACKET_ERR


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_file_that_became_something_else_is_not_followed(root: Path, kind: str) -> None:
    path = root / "src" / "b.py"
    path.unlink()
    path.symlink_to(root / "big.bin") if kind == "link" else os.mkfifo(path)
    with pytest.raises(InvalidContext, match=r"src/b\.py"):
        list(tree(root).pieces("src/b.py"))


def test_a_read_error_has_the_systems_message(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even for a name that is not UTF-8."""
    odd = os.fsencode(root) + b"/odd\xff"
    with open(odd, "wb") as file:  # noqa: PTH123 - pathlib has no bytes
        file.write(b"odd")

    def broken(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", broken)
    service = FileSync({"context": tree(root)})
    got = asyncio.run(_sync(service, None, "context", {"include_patterns": ["odd*"]}))
    assert got.error == "`odd\ufffd` in the build context cannot be read: Input/output error."
    assert service.problem is not None
    assert service.problem.message == got.error


def test_a_directory_that_cannot_be_listed_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def broken(path: str) -> object:
        if path.endswith("src"):
            raise OSError(errno.EIO, "Input/output error")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", broken)
    assert sync(tree(root)).error == (
        "`src` in the build context cannot be read: Input/output error."
    )


def test_a_link_that_cannot_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "link").symlink_to("src")

    def broken(*_: object) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "readlink", broken)
    assert "`link` in the build context cannot be read: Input" in sync(tree(root)).error


def test_files_in_memory_are_sent() -> None:
    memory = MemoryTree(MemoryContext({"Dockerfile": b"FROM scratch\n", "a/b": b"x" * PIECE * 2}))
    got = sync(memory, followpaths=["Dockerfile", "nothing"])
    assert got.content == {"Dockerfile": b"FROM scratch\n"}
    assert len(sync(memory).content["a/b"]) == 2 * PIECE


def test_a_changed_file_in_memory_has_a_different_time() -> None:
    """The engine compares sizes and times, never contents."""
    times = {
        sync(MemoryTree(MemoryContext({"f": content}))).stat("f").modTime
        for content in (b"one", b"two", b"six")
    }
    assert len(times) == 3


def test_paths_are_found_by_number() -> None:
    names = ["a", "a/b", "a/b/c", "a/d", "ab", "é", "é/x"]
    paths = Paths()
    for name in names:
        paths.add(name)
    assert [paths[number] for number in range(len(paths))] == names


def test_a_walk_without_a_match_ends_when_the_build_is_cancelled(root: Path) -> None:
    request = BuildRequest.of(root, dockerfile="FROM scratch\nCOPY . /\n")
    cancel = Cancellation()
    services = Services(Client(Endpoint("unix:///nowhere")), request, cancel)
    (service,) = (one for one in services.all if isinstance(one, FileSync))
    headers = {"exclude_patterns": ["*", "!**/*.none"]}
    assert asyncio.run(_sync(service, None, "context", headers)) == Received()

    cancel.request()

    assert asyncio.run(_sync(service, None, "context", headers)).error == "Cancelled."
    assert isinstance(services.problem, Cancelled)
