"""Which files belong to a build context, in which order, and which cannot."""

import os
import socket
import stat
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from imagewidget.engine.classic.archive import measure
from imagewidget.engine.context.context import DirectoryContext, MemoryContext, resolve_root, walk
from imagewidget.engine.context.ignore import IgnoreRules, PathPatterns
from imagewidget.engine.failure.errors import Cancelled, InvalidContext
from tests.unit.effort import bounded
from tests.unit.engine.unprivileged import unprivileged

NOTHING = IgnoreRules()


def lay(root: Path, *names: str) -> Path:
    """Create files, and directories for names that end with a slash."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
    return root


def paths(root: Path, rules: str = "", includes: list[str] | None = None) -> list[str]:
    wanted = None if includes is None else PathPatterns(includes)
    return [entry.path for entry in walk(root, IgnoreRules.parse(rules), wanted)]


def test_a_directory_comes_right_before_its_contents(tmp_path: Path) -> None:
    # A plain sort of the paths would put `a-b` and `a.b` between `a` and `a/z`.
    lay(tmp_path, "b", "a/z", "a-b", "a.b", "a/B", "é", "Z")
    assert paths(tmp_path) == ["Z", "a", "a/B", "a/z", "a-b", "a.b", "b", "é"]


def test_names_are_sorted_by_their_bytes(tmp_path: Path) -> None:
    for name in (b"\xff", "\ue000".encode(), "\U00010000".encode(), b"z"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).touch()
    found = [os.fsencode(path) for path in paths(tmp_path)]
    assert found == sorted(found)
    assert len(found) == 4


def test_an_excluded_directory_is_included_with_its_exception(tmp_path: Path) -> None:
    lay(tmp_path, "docs/deep/keep.md", "docs/drop.md", "empty/", "src/a.py")
    assert paths(tmp_path, "*\n!docs/deep/keep.md\n") == ["docs", "docs/deep", "docs/deep/keep.md"]
    assert paths(tmp_path, "*\n!**/*.py\n") == ["src", "src/a.py"]
    assert paths(tmp_path, "docs\nempty\n") == ["src", "src/a.py"]


def test_an_excluded_directory_is_never_opened() -> None:
    with TemporaryDirectory() as name:
        root = lay(Path(name), "secret/file", "open")
        root.chmod(0o755)
        (root / "secret").chmod(0o700)
        with unprivileged():
            assert paths(root, "secret") == ["open"]
            assert paths(root, "secret\n!secret/no-such-file") == ["open"]
            with pytest.raises(InvalidContext, match="`secret`"):
                paths(root)


def test_only_what_is_included_is_taken(tmp_path: Path) -> None:
    lay(tmp_path, "src/a.py", "src/b.txt", "docs/c.py", "src/deep/d.py")
    assert paths(tmp_path, includes=["src/*.py"]) == ["src", "src/a.py"]
    assert paths(tmp_path, includes=["docs"]) == ["docs", "docs/c.py"]
    assert paths(tmp_path, "src/deep", ["src"]) == ["src", "src/a.py", "src/b.txt"]
    assert paths(tmp_path, includes=[]) == []


def test_links_stay_links(tmp_path: Path) -> None:
    lay(tmp_path, "dir/file", "outside")
    (tmp_path / "to-file").symlink_to("./dir/file")
    (tmp_path / "to-dir").symlink_to("dir")
    (tmp_path / "broken").symlink_to("nowhere")
    found = {entry.path: entry for entry in walk(tmp_path)}
    assert found["to-file"].linkname == "./dir/file"
    assert found["to-dir"].is_symlink
    assert "to-dir/file" not in found
    assert found["broken"].linkname == "nowhere"
    assert not found["broken"].is_file


def test_a_hard_link_refers_to_the_earlier_entry(tmp_path: Path) -> None:
    lay(tmp_path, "a", "dir/other")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    found = {entry.path: entry for entry in walk(tmp_path)}
    assert found["a"].is_file
    assert found["b"].is_hardlink
    assert found["b"].linkname == "a"
    assert found["b"].size == 0
    # If the first is left out, the second is the file itself.
    without = {entry.path: entry for entry in walk(tmp_path, IgnoreRules.parse("a"))}
    assert without["b"].is_file


def test_pipes_are_kept_and_sockets_are_skipped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(tmp_path)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        entries = list(walk(tmp_path))
    assert [entry.path for entry in entries] == ["pipe"]
    assert stat.S_ISFIFO(entries[0].stat.st_mode)


def test_an_unreadable_file_is_found_before_anything_is_sent() -> None:
    with TemporaryDirectory() as name:
        root = lay(Path(name), "dir/secret", "open")
        root.chmod(0o755)
        (root / "dir/secret").chmod(0o600)
        context = DirectoryContext(root)
        with unprivileged():
            with pytest.raises(InvalidContext, match="`dir/secret`") as caught:
                measure(context, NOTHING)
            assert ".dockerignore" in caught.value.hint
            measure(context, IgnoreRules.parse("dir/secret"))


def test_the_stat_results_of_a_flat_folder_are_not_kept_in_memory(tmp_path: Path) -> None:
    count = 2_000
    lay(tmp_path, *map(str, range(count)))
    tracemalloc.start()
    try:
        for _ in walk(tmp_path):
            pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # An entry's `stat` alone takes 500 bytes.
    assert most / count < 500


def test_a_link_to_the_context_is_resolved(tmp_path: Path) -> None:
    lay(tmp_path, "real/file")
    (tmp_path / "link").symlink_to("real")
    assert resolve_root(tmp_path / "link") == tmp_path / "real"


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "no build context"), ("file", "is a file")]
)
def test_a_context_must_be_a_directory(tmp_path: Path, name: str, words: str) -> None:
    lay(tmp_path, "file")
    with pytest.raises(InvalidContext, match=words) as caught:
        resolve_root(tmp_path / name)
    assert caught.value.hint


def test_files_in_memory_are_a_context() -> None:
    context = MemoryContext({"b/c": b"one", "Dockerfile": b"two"})
    entries = {entry.path: entry for entry in context.entries()}
    assert list(entries) == ["Dockerfile", "b", "b/c"]
    assert entries["b"].is_directory
    assert entries["b/c"].size == 3
    assert context.open(entries["b/c"]).read() == b"one"
    assert [entry.path for entry in context.entries(IgnoreRules.parse("b"))] == ["Dockerfile"]


def test_the_walk_can_be_stopped_at_every_entry_including_those_left_out(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.txt", "a/2.txt", "b/3.txt", "c.py", "d.txt")
    rules = IgnoreRules.parse("*\n!**/*.py\n")
    checks: list[None] = []

    found = list(walk(tmp_path, rules, None, lambda: checks.append(None)))

    assert [entry.path for entry in found] == ["c.py"]
    assert len(checks) == 7  # five files and two directories

    def stop() -> None:
        checks.append(None)
        raise Cancelled("Cancelled.")

    checks.clear()
    with pytest.raises(Cancelled):
        list(walk(tmp_path, rules, None, stop))
    assert len(checks) == 1


@pytest.mark.no_cover
def test_twenty_thousand_files_are_walked_in_well_under_a_second(tmp_path: Path) -> None:
    for directory in range(100):
        lay(tmp_path, f"pkg/{directory}/")
        for number in range(200):
            (tmp_path / f"pkg/{directory}/{number}.py").touch()
    rules = (
        ".git\n**/*.pyc\n**/__pycache__\n*.md\n!README.md\n**/dist\n.venv\n**/.ipynb_checkpoints"
    )
    with bounded(90):
        assert len(paths(tmp_path, rules)) == 20_101
    with bounded(3):
        assert paths(tmp_path, "pkg") == []
