"""Files that a BuildKit build is certain to copy are checked for readability."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from imagewidget.engine.buildkit.readable import check_readable
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import Cancelled, InvalidContext
from imagewidget.engine.request.request import BuildRequest
from tests.unit.engine.unprivileged import unprivileged


@pytest.fixture
def locked() -> Iterator[Path]:
    """Yield a context in which only root can read `dir/locked`."""
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
def test_an_unreadable_file_that_is_not_copied_does_no_harm(locked: Path, line: str) -> None:
    request = BuildRequest.of(locked, dockerfile=f"FROM scratch\n{line}\n")
    with unprivileged():
        check_readable(request, Cancellation())


def test_an_unreadable_file_that_is_ignored_does_no_harm(locked: Path) -> None:
    (locked / ".dockerignore").write_text("**/locked\n")
    request = BuildRequest.of(locked, dockerfile="FROM scratch\nCOPY . /\n")
    with unprivileged():
        check_readable(request, Cancellation())


@pytest.mark.parametrize("rules", ["", "*\n!**/*.py\n"])
def test_the_check_can_be_cancelled(tmp_path: Path, rules: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / ".dockerignore").write_text(rules)
    request = BuildRequest.of(tmp_path, dockerfile="FROM scratch\nCOPY . /\n")
    cancel = Cancellation()
    cancel.request()
    with pytest.raises(Cancelled):
        check_readable(request, cancel)
