"""Which files a BuildKit build surely copies, and that they can be read."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from imagewidget.engine.buildkit.readable import check_readable, copied_paths
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import Cancelled, InvalidContext
from imagewidget.engine.request.request import BuildRequest
from tests.unprivileged import unprivileged


def copied(text: str, target: str | None = None) -> list[str]:
    return list(copied_paths(read_dockerfile(text), target))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY a b /to/", ["a", "b"]),
        ("copy a /", ["a"]),
        ("ADD a.tar /", ["a.tar"]),
        ('COPY ["with blank", "b", "/to/"]', ["with blank", "b"]),
        ("COPY --chown=1:1 --link a \\\n  b /to/", ["a", "b"]),
        ("COPY . .", ["."]),
        ("ADD https://example.invalid/x git@example.invalid:y z /", ["z"]),
        ("COPY --from=image a /", []),
        ("COPY --exclude=*.txt a /", []),
        ("COPY $WHAT /", []),
        ('COPY "a b" /', []),
        ("COPY [a, b] /", []),
        ("COPY <<EOF /x\nCOPY a /\nEOF", []),
        ("COPY", []),
        ("RUN cp a b", []),
        ("ONBUILD COPY a /", []),
    ],
)
def test_what_is_surely_copied(line: str, expected: list[str]) -> None:
    assert copied(f"FROM scratch\n{line}\n") == expected


STAGES = """
FROM a AS base
COPY base /
FROM Base AS tools
COPY tools /
FROM b AS unused
COPY unused /
FROM c AS mounted
COPY mounted /
FROM d
COPY --from=tools /x /
RUN --mount=type=bind,from=mounted,target=/m true
COPY last /
"""


def test_only_stages_that_the_target_needs_count() -> None:
    assert copied(STAGES) == ["base", "tools", "mounted", "last"]
    assert copied(STAGES, "tools") == ["base", "tools"]
    assert copied(STAGES, "2") == ["unused"]
    assert copied(STAGES, "no-such") == []


def test_a_stage_that_names_itself_is_an_image() -> None:
    assert copied("FROM python AS python\nCOPY a /\n") == ["a"]


def test_another_frontend_reads_what_it_likes() -> None:
    assert copied("# syntax=example/own\nFROM x\nCOPY a /\n") == []
    assert copied("# syntax=docker/dockerfile:1.7\nFROM x\nCOPY a /\n") == ["a"]


@pytest.fixture
def locked() -> Iterator[Path]:
    """Make a context in which nobody but root can read `dir/locked`."""
    with TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "dir").mkdir(mode=0o755)
        for file in ("dir/locked", "dir/open", "open"):
            (root / file).write_text(file)
        (root / "dir/locked").chmod(0o600)
        (root / "link").symlink_to("dir")
        yield root


@pytest.mark.parametrize("line", ["COPY . /", "COPY dir /", "COPY link/* /", "COPY link /to"])
def test_an_unreadable_file_that_is_copied_is_found(locked: Path, line: str) -> None:
    request = BuildRequest.of(locked, dockerfile=f"FROM scratch\n{line}\n")
    with unprivileged(), pytest.raises(InvalidContext, match="`dir/locked`") as caught:
        check_readable(request, Cancellation())
    assert ".dockerignore" in caught.value.hint


@pytest.mark.parametrize("line", ["COPY open /", "COPY dir/open /", "RUN true", "COPY nothing /"])
def test_one_that_is_not_copied_does_no_harm(locked: Path, line: str) -> None:
    request = BuildRequest.of(locked, dockerfile=f"FROM scratch\n{line}\n")
    with unprivileged():
        check_readable(request, Cancellation())


def test_one_that_is_ignored_does_no_harm(locked: Path) -> None:
    (locked / ".dockerignore").write_text("**/locked\n")
    request = BuildRequest.of(locked, dockerfile="FROM scratch\nCOPY . /\n")
    with unprivileged():
        check_readable(request, Cancellation())


@pytest.mark.parametrize("rules", ["", "*\n!**/*.py\n"])
def test_looking_can_be_cancelled(tmp_path: Path, rules: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / ".dockerignore").write_text(rules)
    request = BuildRequest.of(tmp_path, dockerfile="FROM scratch\nCOPY . /\n")
    cancel = Cancellation()
    cancel.request()
    with pytest.raises(Cancelled):
        check_readable(request, cancel)
