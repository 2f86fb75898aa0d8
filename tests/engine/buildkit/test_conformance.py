"""`.dockerignore` and `COPY` select the same files as with `docker buildx build`.

The rows follow the rules of the Dockerfile reference, section ".dockerignore files", and of Go's
`filepath.Match`. Each row is built twice on the same engine, and the images are compared file
by file: path, type, mode, time, link target, content.
"""

import os
import socket
from pathlib import Path

import pytest

from tests.engine.building import files_in, lay, must_build, try_build
from tests.engine.buildx import Buildx, buildx
from tests.left_out import leave_out
from tests.rig.engine import Engine

__all__ = ["buildx"]

EVERYTHING = "FROM scratch\nCOPY . /\n"

IGNORED = {
    "nothing": "",
    "comments and blanks": "# a comment\n\n   \n*.md\n",
    "a hash inside": " # no comment\na#b\n",
    "blanks around": "  *.md  \n\ttemp\t\n",
    "windows line ends": "*.md\r\ntemp\r\n",
    "byte order mark": "\ufeff*.md\n",
    "a file": "README.md\n",
    "a directory": "dir\n",
    "a trailing slash": "dir/\n",
    "a leading slash": "/dir\n/README.md\n",
    "both slashes": "/dir/\n",
    "a dot before": "./dir/a.txt\n",
    "up and down": "dir/../temp\n",
    "out of the context": "../README.md\n",
    "one star": "*.md\n",
    "a star in a directory": "*/temp*\n",
    "stars in two directories": "*/*/temp*\n",
    "a question mark": "temp?\n",
    "a class": "[tT]emp*\n",
    "a negated class": "[^dR]*\n",
    "a range": "temp[0-9]\n",
    "a named class": "[[:upper:]]*\n",
    "digits": "temp\\d*\n",
    "a circumflex in front": "^t*\n",
    "a circumflex between": "t^*\n",
    "alternatives": "temp*|sub\n",
    "braces": "*.{md,txt}\n",
    "a star in a class": "[*]star\n",
    "an escaped star": "\\*star\n",
    "an escaped bang": "\\!bang\n",
    "an escaped hash": "\\#hash\n",
    "two stars": "**/*.md\n",
    "two stars in front": "**/temp\n",
    "two stars behind": "dir/**\n",
    "two stars between": "dir/**/deep.txt\n",
    "two stars alone": "**\n",
    "two stars without a slash": "**.md\n",
    "two stars and a directory": "**/sub/**\n",
    "one star behind": "dir/*\n",
    "everything": "*\n",
    "everything but one": "*\n!README.md\n",
    "everything but a directory": "*\n!dir\n",
    "everything but one in a directory": "*\n!dir/sub/deep.txt\n",
    "all files but text": "**\n!**/*.txt\n",
    "a directory but one in it": "dir\n!dir/sub/deep.txt\n",
    "a directory but one pattern in it": "dir\n!dir/*/deep*\n",
    "a directory but one two stars find": "dir\n!dir/**/deep.txt\n",
    "its contents but one": "dir/*\n!dir/a.txt\n",
    "negation": "*.md\n!README*.md\n",
    "negation, then ignored again": "*.md\n!README*.md\nREADME-secret.md\n",
    "negation comes last": "*.md\nREADME-secret.md\n!README*.md\n",
    "negation first": "!README.md\n*.md\n",
    "only a negation": "!README.md\n",
    "negation with blanks": "*.md\n! README.md\n",
    "negated directory, its file ignored": "*\n!dir\ndir/a.txt\n",
    "directory, negated child, grandchild ignored": "dir\n!dir/sub\ndir/sub/deep.txt\n",
    "the Dockerfile itself": "Dockerfile\n",
    "the ignore file itself": ".dockerignore\n",
    "both of them": "Dockerfile\n.dockerignore\n",
    "hidden files": ".*\n",
    "a link": "link-to-file\n",
    "what a link points to": "dir/a.txt\n",
    "a directory behind a link": "link-to-dir/a.txt\n",
    "a directory and the link to it": "dir\nlink-to-dir\n",
    "an empty directory": "empty\n",
    "names in any script": "donn?es\n文*\n",
    "a name with a blank": "with blank\n",
    "case": "readme.md\n",
    "the same twice": "dir\ndir\n",
    "a lone dot": ".\n",
    "a lone slash": "/\n",
    "a hard link": "hard-b\n",
    "the first of two hard links": "hard-a\n",
}

COPIED = {
    "one file": "COPY README.md /\n",
    "a directory": "COPY dir /d/\n",
    "a directory with a slash": "COPY dir/ /d\n",
    "a deep file": "COPY dir/sub/deep.txt /\n",
    "several": "COPY README.md dir/a.txt temp /x/\n",
    "a pattern": "COPY *.md /\n",
    "a pattern in a directory": "COPY */sub /x/\n",
    "a pattern over directories": "COPY e* /x/\n",
    "a class": "COPY [Rt]* /x/\n",
    "a link to a file": "COPY link-to-file /x\n",
    "a link to a directory": "COPY link-to-dir /x\n",
    "through a link": "COPY link-to-dir/a.txt /x\n",
    "a pattern through a link": "COPY link-to-dir/*.txt /x/\n",
    "a pattern for links": "COPY link-to-* /x/\n",
    "a link to a link": "COPY link-to-link /x\n",
    "an absolute link": "COPY link-absolute /x\n",
    "a path with dots": "COPY dir/../README.md /\n",
    "from above": "COPY ../README.md /\n",
    "from the top": "COPY /README.md /dir/a.txt /x/\n",
    "add": "ADD dir /d\n",
    "an archive": "ADD archive.tar /x\n",
    "an empty directory": "COPY empty /e\n",
    "a name with a blank": 'COPY ["with blank", "/x"]\n',
    "names in any script": "COPY données 文 /x/\n",
    "stages that share": "COPY dir /one\nFROM scratch\nCOPY temp /\nCOPY --from=0 /one /one\n",
    "the Dockerfile": "COPY Dockerfile .dockerignore /\n",
}


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with files for every row."""
    import tarfile  # noqa: PLC0415 - only used here

    root = tmp_path_factory.mktemp("tree")
    lay(
        root,
        {
            name: name
            for name in (
                "README.md", "README-secret.md", "OTHER.md", "temp", "temp1", "tempx", "Temp",
                "a#b", "*star", "!bang", "#hash", "# no comment", ".hidden", ".config/x",
                "dir/a.txt", "dir/b.md", "dir/temp", "dir/temporary/x", "dir/sub/deep.txt",
                "dir/sub/temp", "dir/sub/other.md", "dir/sub/sub/deeper.txt", "sub/x", "with blank",
                "données/é", "文/字", "hard-a", "script.sh",
            )
        },
    )  # fmt: skip
    (root / "empty").mkdir()
    (root / "hard-b").hardlink_to(root / "hard-a")
    (root / "script.sh").chmod(0o755)
    (root / "dir" / "b.md").chmod(0o600)
    (root / "temp1").chmod(0o4755)
    for name, target in {
        "link-to-file": "dir/a.txt",
        "link-to-dir": "dir",
        "link-to-link": "link-to-dir/sub",
        "link-absolute": "/dir/a.txt",
        "link-dangling": "nowhere",
        "link-outside": "../../outside",
        "dir/link-up": "../README.md",
    }.items():
        (root / name).symlink_to(target)
    with tarfile.open(root / "archive.tar", "w") as archive:
        archive.add(root / "dir" / "a.txt", "packed.txt")
    return root


def assert_same(
    engine: Engine, peer: Buildx, context: Path, dockerfile: Path | None = None
) -> dict[str, object]:
    """Build with both clients, compare the images, and return the files in ours."""
    ours, theirs = "bk/conformance:ours", "bk/conformance:theirs"
    named = [] if dockerfile is None else ["--file", str(dockerfile)]
    # Without the cache, so that the second build cannot reuse the layer of the first.
    peer.build(engine, context, "--no-cache", "--provenance=false", "--tag", theirs, *named)
    must_build(engine, context, tag=ours, no_cache=True, dockerfile=dockerfile)
    found, expected = files_in(engine, ours), files_in(engine, theirs)
    assert sorted(found) == sorted(expected)
    assert found == expected
    return dict(found)


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("row", IGNORED, ids=str)
def test_dockerignore(docker_engine: Engine, buildx: Buildx, tree: Path, row: str) -> None:
    lay(tree, {".dockerignore": IGNORED[row], "Dockerfile": EVERYTHING})
    assert_same(docker_engine, buildx, tree)


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("row", COPIED, ids=str)
def test_copy(docker_engine: Engine, buildx: Buildx, tree: Path, row: str) -> None:
    lay(tree, {".dockerignore": "", "Dockerfile": f"FROM scratch\n{COPIED[row]}"})
    assert assert_same(docker_engine, buildx, tree)


def test_the_dockerfiles_own_ignore_file_takes_precedence(
    docker_engine: Engine, buildx: Buildx, tmp_path: Path
) -> None:
    lay(
        tmp_path,
        {
            "a": "a", "b": "b", ".dockerignore": "a\n",
            "sub/app.Dockerfile": EVERYTHING, "sub/app.Dockerfile.dockerignore": "b\n",
        },
    )  # fmt: skip
    found = assert_same(docker_engine, buildx, tmp_path, tmp_path / "sub" / "app.Dockerfile")
    assert {"a", "b"} & set(found) == {"a"}


def test_an_ignore_file_for_the_default_dockerfile(
    docker_engine: Engine, buildx: Buildx, tmp_path: Path
) -> None:
    lay(
        tmp_path,
        {
            "a": "a", "b": "b", ".dockerignore": "a\n",
            "Dockerfile": EVERYTHING, "Dockerfile.dockerignore": "b\n",
        },
    )  # fmt: skip
    assert {"a", "b"} & set(assert_same(docker_engine, buildx, tmp_path)) == {"a"}


def test_a_linked_dockerfile_keeps_its_own_ignore_file(
    docker_engine: Engine, buildx: Buildx, tmp_path: Path
) -> None:
    lay(
        tmp_path,
        {
            "a": "a", "b": "b", ".dockerignore": "a\n", "docker/prod": EVERYTHING,
            "docker/prod.dockerignore": "a\n", "Dockerfile.dockerignore": "b\n",
        },
    )  # fmt: skip
    (tmp_path / "Dockerfile").symlink_to("docker/prod")
    found = assert_same(docker_engine, buildx, tmp_path, tmp_path / "Dockerfile")
    assert {"a", "b"} & set(found) == {"a"}


def test_a_dockerfile_outside_the_context(
    docker_engine: Engine, buildx: Buildx, tmp_path: Path
) -> None:
    context = lay(tmp_path / "context", {"a": "a", "b": "b", ".dockerignore": "a\n"})
    outside = lay(tmp_path / "elsewhere", {"My.Dockerfile": EVERYTHING}) / "My.Dockerfile"
    found = assert_same(docker_engine, buildx, context, outside)
    assert {"a", "b"} & set(found) == {"b"}


def test_pipes_and_modes(docker_engine: Engine, buildx: Buildx, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": EVERYTHING, "d/x": "x", "suid": "", "none": ""})
    os.mkfifo(tmp_path / "pipe", 0o640)
    (tmp_path / "d").chmod(0o1777)
    (tmp_path / "suid").chmod(0o6711)
    (tmp_path / "none").chmod(0)
    assert_same(docker_engine, buildx, tmp_path)


def test_owners_are_not_sent(docker_engine: Engine, buildx: Buildx, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": EVERYTHING, "mine": "x"})
    os.chown(tmp_path / "mine", 1234, 5678)
    assert_same(docker_engine, buildx, tmp_path)


def test_extended_attributes(docker_engine: Engine, buildx: Buildx, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": EVERYTHING, "x": "x"})
    try:
        os.setxattr(tmp_path / "x", "user.colour", b"red")
    except OSError:
        leave_out("extended attributes", "the temporary directory's file system has none")
    assert_same(docker_engine, buildx, tmp_path)


def test_a_name_that_is_not_utf8(docker_engine: Engine, tmp_path: Path) -> None:
    """The BuildKit of Docker 28 refuses it, from buildx too."""
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY d /\n", "d/x": "x"})
    with open(os.fsencode(tmp_path) + b"/d/odd\xff", "wb") as file:  # noqa: PTH123
        file.write(b"odd")
    built = try_build(docker_engine, tmp_path, tag="bk/odd:1", no_cache=True)
    if docker_engine.api_version >= (1, 48):
        assert "UTF-8" in str(built.error)
        return
    assert built.error is None
    files = files_in(docker_engine, "bk/odd:1")
    assert {os.fsencode(name): content for name, (*_, content) in files.items()} == {
        b"x": b"x",
        b"odd\xff": b"odd",
    }


def test_a_socket_is_left_out(docker_engine: Engine, tmp_path: Path) -> None:
    """Buildx sends an empty file instead; leaving the socket out is better."""
    lay(tmp_path, {"Dockerfile": EVERYTHING, "x": "x"})
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        must_build(docker_engine, tmp_path, tag="bk/socket:1", no_cache=True)
    assert sorted(files_in(docker_engine, "bk/socket:1")) == ["Dockerfile", "x"]
