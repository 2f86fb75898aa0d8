"""Odd Dockerfiles, contexts and ignore files, beside `docker buildx build` on the same engine.

Both build the same image, or both refuse, and mark the same line. What is expected is not written
here: it is what buildx does.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.failure.errors import BuildFailed, InvalidContext
from tests.engine.building import Built, files_in, lay, try_build, unused_number
from tests.engine.buildx import Buildx, buildx
from tests.rig.engine import Engine
from tests.rig.registry import Registry

__all__ = ["buildx"]

FILES = {"a": "a", "b.txt": "b", "dir/a.txt": "x", "dir/sub/deep.md": "y", "other/a.txt": "z"}
_CONFIG = (
    "Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "OnBuild", "Shell",
    "StopSignal", "User", "Volumes", "WorkingDir",
)  # fmt: skip

# Each after a first line `FROM …`, unless it begins with one.
DOCKERFILES: dict[str, str | bytes] = {
    "a byte order mark": "\ufeffFROM BASE\nCOPY a /\n",
    "UTF-16": "FROM BASE\nCOPY a /\n".encode("utf-16"),
    "Latin-1 in a comment": "FROM BASE\n# caf\xe9\nCOPY a /\n".encode("latin-1"),
    "Latin-1 in a label": "FROM BASE\nLABEL a=caf\xe9\nRUN false\n".encode("latin-1"),
    "NUL in a comment": "# a\0b\nCOPY a /\n",
    "NUL in a command": "RUN true\nRUN echo a\0b\n",
    "nothing but comments": b"# one\n# two\n",
    "nothing but ARG": b"ARG A=1\n",
    "an instruction before FROM": b"RUN true\nFROM scratch\n",
    "blanks after the escape": "RUN echo one \\  \n  two\nRUN false\n",
    "an escape at the end": "RUN true\nRUN false \\",
    "comments and empty lines between": "RUN echo one \\\n# two\n\n  # three\n && false\n",
    "escape in capitals": b"# ESCAPE=`\nFROM BASE\nRUN echo `\n  one\nCOPY a `\n  /\n",
    "escape after a comment": b"# one\n# escape=`\nFROM BASE\nRUN true `\n",
    "escape twice": b"# escape=`\n# escape=\\\nFROM BASE\nCOPY a /\n",
    "escape that is a letter": b"# escape=x\nFROM BASE\nCOPY a /\n",
    "an unknown directive first": b"# one=two\n# escape=`\nFROM BASE\nRUN false `\n  x\n",
    "lines of a heredoc with CRLF": "COPY <<EOF /x\r\none\r\ntwo\r\nEOF\r\nRUN false\r\n",
    "blanks after the word of a heredoc": "COPY <<EOF /x\none\nEOF \ntwo\nEOF\nRUN cat /x; false\n",
    "a quoted heredoc is not expanded": 'ARG A=1\nCOPY <<"EOF" /x\n$A\nEOF\n',
    "a heredoc is expanded": "ARG A=1\nCOPY <<EOF /x\n$A ${B:-two} \\$A\nEOF\n",
    "ADD of a heredoc": "ADD <<one <<two /x/\n1\none\n2\ntwo\n",
    "a heredoc in a comment": "# RUN <<EOF\nRUN true\nRUN false\n",
    "a heredoc with an instruction in it": "RUN <<EOF\ntrue\nFROM nothing\nEOF\nRUN false\n",
    "a tab before the word of a heredoc": "RUN <<EOF\ntrue\n\tEOF\nEOF\nRUN false\n",
    "a default in FROM": b"ARG IMAGE=BASE\nFROM ${IMAGE:-nothing} AS one\nCOPY a /\n",
    "a platform in FROM": b"FROM --platform=$BUILDPLATFORM BASE\nCOPY a /\n",
    "an unknown platform in FROM": b"FROM --platform=a/b/c/d BASE\nCOPY a /\n",
    "patterns in values": "ENV A=one.two.three\nENV B=${A#*.} C=${A%%.*} D=${A/two/2} E=${F:+x}\n",
    "values with quotes": "ENV A=\"b c\" D='e $A' F=g\\ h I=\"j\\\"k\"\nLABEL \"l m\"=\"n o\"\n",
    "ENV in the old form": "ENV A b c  d\nENV E\tf\n",
    "ENV with a quote that never ends": 'RUN true\nENV A="b\nRUN true\n',
    "commands that are not JSON": "CMD ['a', 'b']\nENTRYPOINT [ \"a\" , \"b\" ]\n",
    "ports": "EXPOSE 80-82/udp 90\nEXPOSE 81/tcp\n",
    "too high a port": "RUN true\nEXPOSE 70000\n",
    "volumes": 'VOLUME /a /b\nVOLUME ["/c", "/d e"]\nVOLUME a$HOME\n',
    "relative directories": "WORKDIR /a\nWORKDIR b\nWORKDIR ../c//d/\n",
    "a healthcheck": "HEALTHCHECK --interval=1m30s --retries=2 CMD a b\n",
    "no healthcheck with a word": "RUN true\nHEALTHCHECK NONE x\n",
    "a healthcheck without a command": "HEALTHCHECK --interval=1s\n",
    "a shell that is not JSON": "SHELL /bin/sh -c\n",
    "a user with two words": "USER a b\n",
    "a maintainer": "MAINTAINER  somebody \n",
    "ONBUILD of ONBUILD": "ONBUILD ONBUILD RUN true\n",
    "ONBUILD of FROM": "RUN true\nONBUILD FROM scratch\n",
    "ONBUILD": "ONBUILD COPY a /\nONBUILD ENV A=b\n",
    "a stage that begins with a digit": b"FROM BASE AS 1x\nCOPY a /\n",
    "a stage in capitals": b"FROM BASE AS One\nCOPY a /\nFROM scratch\nCOPY --from=ONE /a /\n",
    "two stages of one name": b"FROM BASE AS x\nCOPY a /\nFROM BASE AS x\nRUN false\n",
    "several files to one": "COPY a b.txt /x\n",
    "a directory that has to be a file": "COPY a /x\nCOPY dir/ /x/\n",
    "flags of COPY": "COPY --chmod=640 --chown=1:2 dir /d\nCOPY --link a /e/\n",
    "a mode that is not a number": "RUN true\nCOPY --chmod=9z a /\n",
    "an excluded pattern": "COPY --exclude=*.md dir /d\n",
    "parents": "COPY --parents dir/./sub/*.md /p/\n",
    "a mounted file": "RUN --mount=type=bind,source=a,target=/m cat /m && cp -p /m /n\n",
    "a mount of no kind": "RUN true\nRUN --mount=type=nope true\n",
    "a mount with an unknown option": "RUN --mount=type=cache,target=/m,nope=1 true\n",
    "no network": "RUN --network=none false\n",
    "an unknown security mode": "RUN true\nRUN --security=nope true\n",
    "a space that does not break": "RUN true\nRUN\u00a0true\n",
    "an address without a name": "ADD https:///x /\n",
    "a file that comes from nowhere": "RUN true\nCOPY --from=BASE /nothing /\n",
}  # fmt: skip

IGNORE_FILES = {
    "two stars and a slash": "**/\n",
    "everything comes back": "*\n!**\n",
    "a class that never ends": "a\n[a\n",
    "a lone escape": "\\\n",
    "an escape at the end": "dir/\\\n",
    "a dot at the end": "dir/.\n",
    "two slashes": "dir//a.txt\n//other\n",
    "a bang and a slash": "*\n!/dir/\n",
    "stars in several places": "**/d*r/**/*.md\n",
    "NUL": "a\0\nb.txt\n",
    "not UTF-8": "caf\udce9\nb.txt\n",
    "a lone bang": "a\n!\n",
    "an empty class": "[]a]\n",
    "a range backwards": "[z-a]\n",
    "no newline at the end": "other/*\n!other/a.txt\ndir",
}


def _named(*names: bytes) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for name in names:
            with open(os.fsencode(root) + b"/dir/" + name, "wb") as file:  # noqa: PTH123
                file.write(name)

    return make


def _deep(root: Path) -> None:
    path = root / "dir" / "/".join(["d" * 200] * 15)
    path.mkdir(parents=True)
    (path / "x").write_text("x")


def _links(root: Path) -> None:
    (root / "dir" / "loop").symlink_to("loop")
    (root / "dir" / "up").symlink_to("..")
    (root / "dir" / "long").symlink_to("x" * 3000)
    (root / "other" / "hard").hardlink_to(root / "dir" / "a.txt")


def _times(root: Path) -> None:
    os.utime(root / "a", ns=(0, 1_234_567_891))
    os.utime(root / "b.txt", (7_000_000_000, 7_000_000_000))


def _modes(root: Path) -> None:
    (root / "dir").chmod(0o2775)
    (root / "dir" / "sub").chmod(0o1777)
    (root / "a").chmod(0o777)
    os.mknod(root / "dir" / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))


def _sparse(root: Path) -> None:
    with (root / "dir" / "sparse").open("wb") as file:
        file.truncate(30_000_000)
        file.seek(20_000_000)
        file.write(b"x")


def _dockerfile_is_a_directory(root: Path) -> None:
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").mkdir()


def _ignore_is_a_directory(root: Path) -> None:
    (root / ".dockerignore").mkdir()


def _ignore_is_a_link(root: Path) -> None:
    (root / ".dockerignore").symlink_to("ignored")
    (root / "ignored").write_text("dir\n")


def _ignore_dangles(root: Path) -> None:
    (root / ".dockerignore").symlink_to("nothing")


def _dockerfile_is_outside(root: Path) -> None:
    (root.parent / "outside").write_bytes((root / "Dockerfile").read_bytes())
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").symlink_to("../outside")


CONTEXTS = {
    "names with blanks and line ends": _named(b" a", b"b ", b"c\nd", b"\te"),
    "names with signs": _named(b"-a", b"b\\c", b"d*", b"[e]", b"!f", b"$g", b"~"),
    "names in several forms of Unicode": _named("e\u0301".encode(), "\u00e9".encode()),
    "the longest name": _named(b"n" * 255),
    "a deep directory": _deep,
    "links": _links,
    "times": _times,
    "modes and devices": _modes,
    "a sparse file": _sparse,
    "a Dockerfile that is a directory": _dockerfile_is_a_directory,
    "an ignore file that is a directory": _ignore_is_a_directory,
    "an ignore file that is a link": _ignore_is_a_link,
    "an ignore file that is a broken link": _ignore_dangles,
    "a Dockerfile that is a link to outside": _dockerfile_is_outside,
}


class Peers:
    """Both clients, on one engine."""

    def __init__(self, engine: Engine, buildx: Buildx, base: str, context: Path) -> None:
        self.engine, self.buildx, self.base, self.context = engine, buildx, base, context
        lay(context, FILES)

    def write(self, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        content = content.replace(b"BASE", self.base.encode())
        if isinstance(text, str) and not content.lstrip("\ufeff".encode()).startswith(b"FROM"):
            content = f"FROM {self.base}\n".encode() + content
        (self.context / "Dockerfile").write_bytes(content)

    def assert_same(self, *, is_lenient: bool = False) -> None:
        """Build with both, and compare the images, or the lines that they mark."""
        said = self._buildx()
        refused: InvalidContext | None = None
        built = Built()
        try:
            built = try_build(self.engine, self.context, tag="beside:ours", no_cache=True)
        except InvalidContext as error:  # before anything was sent
            refused = error
        if refused or (is_lenient and built.error is None):
            assert said is not None, refused
            return
        assert (built.error is None) is (said is None), (said, built.error)
        if said is None:
            assert self._image("beside:ours") == self._image("beside:theirs")
            return
        marked = [int(one) for one in re.findall(r"^ *(\d+) \| >>>", said, re.MULTILINE)]
        if marked:
            assert isinstance(built.error, BuildFailed), (said, built.error)
            if "only one escape parser directive" in said:
                marked = [2]  # BuildKit marks the first of the two
            shown = [line.number for line in built.error.source_lines if line.is_failing]
            assert (shown[:1], shown[-1:]) == (marked[:1], marked[-1:]), (said, built.error)

    def _buildx(self) -> str | None:
        """Build with buildx, and return what it says if it fails."""
        options = ("--no-cache", "--provenance=false", "--tag", "beside:theirs")
        try:
            self.buildx.build(self.engine, self.context, *options, progress="plain")
        except RuntimeError as error:
            return str(error)
        return None

    def _image(self, name: str) -> tuple[dict[str, Any], object]:
        with self.engine.api() as api:
            config = api.inspect_image(name)["Config"]
        files: object = None
        with contextlib.suppress(UnicodeError):
            files = files_in(self.engine, name)
        return {key: config.get(key) for key in _CONFIG}, files


@pytest.fixture
def peers(docker_engine: Engine, registry: Registry, buildx: Buildx, tmp_path: Path) -> Peers:
    return Peers(docker_engine, buildx, registry.one, tmp_path / "context")


@pytest.mark.sample(every=9)
@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_dockerfile(name: str, peers: Peers) -> None:
    peers.write(DOCKERFILES[name])
    peers.assert_same()


@pytest.mark.sample(every=7)
@pytest.mark.parametrize("name", IGNORE_FILES)
def test_an_ignore_file(name: str, peers: Peers) -> None:
    peers.write("COPY . /all/\n")
    text = os.fsencode(IGNORE_FILES[name])
    (peers.context / ".dockerignore").write_bytes(text)
    peers.assert_same()


@pytest.mark.sample(every=7)
@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context(name: str, peers: Peers) -> None:
    peers.write(f"ENV UNIQUE={unused_number()}\nCOPY . /all/\n")
    CONTEXTS[name](peers.context)
    peers.assert_same(is_lenient=CONTEXTS[name] is _dockerfile_is_outside)
