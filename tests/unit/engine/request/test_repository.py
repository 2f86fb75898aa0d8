"""A Git repository as the build context, and its Dockerfile."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.context.context import RemoteContext
from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.request.repository import dockerfile_in_repository, repository_in
from imagewidget.engine.request.sources import find_sources


@pytest.mark.parametrize(
    ("context", "address"),
    [
        ("https://x.example/a.git#main:sub", "https://x.example/a.git#main:sub"),
        ("http://x.example/a.git", "http://x.example/a.git"),
        ("git://x.example/a", "git://x.example/a"),
        ("ssh://git@x.example/a", "ssh://git@x.example/a"),
        ("git@x.example:owner/a.git#v1", "git@x.example:owner/a.git#v1"),
        ("github.com/owner/a", "https://github.com/owner/a.git"),
        ("github.com/owner/a.git#:sub", "https://github.com/owner/a.git#:sub"),
        ("github.com/owner/a/#main", "https://github.com/owner/a.git#main"),
        ("github.com/owner/a?ref=x", "https://github.com/owner/a.git#x"),
        ("github.com/owner/a.git?submodules=0", "https://github.com/owner/a.git?submodules=0"),
        ("https://x.example/a.git?ref=main&subdir=d", "https://x.example/a.git#main:d"),
        ("https://x.example/a.git?branch=main", "https://x.example/a.git#refs/heads/main"),
        ("https://x.example/a.git?tag=refs/tags/v1", "https://x.example/a.git#refs/tags/v1"),
        ("https://x.example/a.git?subdir=d", "https://x.example/a.git#:d"),
        # What no `#` can express, and what contradicts itself, is left to the engine.
        ("https://x.example/a.git?ref=a&checksum=0", "https://x.example/a.git?ref=a&checksum=0"),
        ("https://x.example/a.git?ref=a&tag=b", "https://x.example/a.git?ref=a&tag=b"),
        ("https://x.example/a.git?ref=a#b", "https://x.example/a.git?ref=a#b"),
        ("https://x.example/a.git?subdir=a%0ab", "https://x.example/a.git?subdir=a%0ab"),
        ("https://x.example/a.git?ref=a%3Ab", "https://x.example/a.git?ref=a%3Ab"),
        ("https://x.example/a.git?", "https://x.example/a.git?"),
        ("https://x.example/a.git?ref=asubdir=b", "https://x.example/a.git?ref=asubdir=b"),
        ("https://x.example/a.git?branch=", "https://x.example/a.git?branch="),
        ("https://x.example/a.git?subdir=", "https://x.example/a.git?subdir="),
        ("https://x.example/a.git?ref=a&ref=b", "https://x.example/a.git?ref=a&ref=b"),
        (".", None),
        ("folder.git", None),
        ("C:\\folder", None),
        (Path("https://x.example/a.git"), None),
        (None, None),
    ],
)
def test_addresses_of_repositories_are_told_from_paths(context: Any, address: str | None) -> None:
    assert repository_in(context) == address


@pytest.mark.parametrize(
    "context", ["https://x.example/a b.git", "git://x/\x1b[31m", "git@x:" + "a" * 3_000]
)
def test_an_address_that_cannot_be_one_is_refused(context: str) -> None:
    with pytest.raises(InvalidContext, match="not valid"):
        repository_in(context)


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ("https://x.example/o/a", "https://x.example/o/a.git#main:docker"),
        ("https://x.example/o/a.git/", "https://x.example/o/a.git#main:docker"),
        ("https://x.example/o/a#v1:sub", "https://x.example/o/a.git#v1:sub"),
        ("https://x.example/o/a?branch=main", "https://x.example/o/a.git#main:docker"),
        ("https://x.example/o/a?b=main#v1", "https://x.example/o/a.git#v1"),
        ("https://ghp_SECRET@x.example/o/a", "https://x.example/o/a.git#main:docker"),
        ("https://me:p@ss@x.example/o/a", "https://x.example/o/a.git#main:docker"),
        ("https://x.example/", "https://host/owner/repository.git#main:docker"),
        ("https://x.example/o/a/tree/main", "https://x.example/o/a.git#main:docker"),
        ("https://x.example/o/a/-/blob/v1/x/Dockerfile", "https://x.example/o/a.git#main:docker"),
    ],
)
def test_the_hint_for_another_address_names_one_that_git_takes(context: str, named: str) -> None:
    with pytest.raises(InvalidContext, match="not another URL") as caught:
        repository_in(context)
    assert f"`{named}`" in caught.value.hint
    assert repository_in(named) == named


@pytest.mark.parametrize(
    ("context", "hint"),
    [
        (
            "https://x.example/Dockerfile",
            "Download https://x.example/Dockerfile first, then pass its path as `dockerfile=`.",
        ),
        (
            "https://token@x.example/o/r/main/py.Dockerfile?x=token",
            (
                "Download https://x.example/o/r/main/py.Dockerfile first, then pass its path as "
                "`dockerfile=`."
            ),
        ),
        (
            "https://x.example/a.txt",
            "Download https://x.example/a.txt first, then pass its path as `dockerfile=`.",
        ),
        (
            "https://me:token@x.example/a.tar.gz?token",
            "Download and unpack https://x.example/a.tar.gz first, then pass the directory.",
        ),
    ],
)
def test_the_address_of_a_file_is_not_taken_for_a_repository(context: str, hint: str) -> None:
    with pytest.raises(InvalidContext, match="not another URL") as caught:
        repository_in(context)
    assert caught.value.hint == hint


@pytest.mark.parametrize("name", ["github.com/owner/a", "me@host:folder"])
def test_a_directory_comes_before_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(find_sources(name).context, RemoteContext)
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "Dockerfile").write_text("FROM scratch\n")
    assert find_sources(name).dockerfile == b"FROM scratch\n"


@pytest.mark.parametrize(
    ("dockerfile", "path"),
    [(None, "Dockerfile"), ("docker/Dockerfile", "docker/Dockerfile"), (Path("a/b"), "a/b")],
)
def test_a_dockerfile_is_a_path_in_the_repository(dockerfile: Any, path: str) -> None:
    assert dockerfile_in_repository(dockerfile, "Dockerfile") == path


@pytest.mark.parametrize(
    "dockerfile", ["FROM x\n", io.StringIO("FROM x"), "/etc/passwd", "../Dockerfile", ""]
)
def test_a_dockerfile_from_elsewhere_is_refused(dockerfile: Any) -> None:
    with pytest.raises(InvalidContext) as caught:
        dockerfile_in_repository(dockerfile, "Dockerfile")
    assert "path in the repository" in caught.value.hint


def test_a_dockerfile_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="`dockerfile` must be a path, not int"):
        dockerfile_in_repository(3, "Dockerfile")  # the type is wrong on purpose
