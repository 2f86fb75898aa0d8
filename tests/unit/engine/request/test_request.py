"""The request for a build is checked before anything starts."""

import contextlib
import errno
import io
import re
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

import pytest

from imagewidget import environment
from imagewidget.engine.buildkit.parameters import parameters as buildkit_parameters
from imagewidget.engine.classic.parameters import parameters as classic_parameters
from imagewidget.engine.context.context import DirectoryContext, MemoryContext
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.request.checks import LARGEST_SECRET
from imagewidget.engine.request.query import query
from imagewidget.engine.request.request import BuildRequest

TEXT = "FROM busybox AS base\nRUN true\nFROM base AS final\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path


def request(context: Any = None, **options: Any) -> BuildRequest:
    return BuildRequest.of(context, **{"environ": {}, **options})


def test_a_directory_with_its_dockerfile(root: Path) -> None:
    made = request(str(root), tag="env:1")
    assert made.context == DirectoryContext(root)
    assert made.sources.dockerfile_path == "Dockerfile"
    assert made.sources.dockerfile == TEXT.encode()
    assert made.tag == "env:1"
    assert [stage.name for stage in made.dockerfile.stages] == ["base", "final"]


def test_the_same_directory_is_built_again_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "other"):
        (tmp_path / name).mkdir()
        for file in ("Dockerfile", "special"):
            (tmp_path / name / file).write_text(f"FROM {name}-{file.lower()}\n")
    monkeypatch.chdir(tmp_path / "mine")
    requests = [
        request("."),
        request(dockerfile="special"),
        request("../mine", dockerfile="special"),
    ]
    monkeypatch.chdir(tmp_path)
    requests.append(request("mine", dockerfile="special"))

    monkeypatch.chdir(tmp_path / "other")

    again = [each.refreshed() for each in requests]
    assert [each.sources.dockerfile for each in again] == [
        b"FROM mine-dockerfile\n",
        *[b"FROM mine-special\n"] * 3,
    ]
    assert all(each.context == DirectoryContext(tmp_path / "mine") for each in again)


def test_fallback_build_args_do_not_override_given_ones() -> None:
    made = request(dockerfile=TEXT, build_args={"HTTP_PROXY": "given"})
    both = made.with_fallback_args({"http_proxy": "a", "HTTP_PROXY": "a", "no_proxy": "b"})
    assert both.build_args == {"HTTP_PROXY": "given", "no_proxy": "b"}


def test_no_context_is_the_embedded_environment() -> None:
    made = request(tag="env:1")
    assert made.sources.is_embedded
    assert made.context == MemoryContext(environment.files())
    assert made.dockerfile.text == environment.dockerfile()


def test_a_str_with_a_line_break_is_a_dockerfile() -> None:
    made = request(dockerfile=TEXT)
    assert made.context == MemoryContext({"Dockerfile": TEXT.encode()})
    assert not made.sources.is_embedded


def test_the_indentation_of_a_cell_is_removed_from_a_dockerfile() -> None:
    made = request(
        dockerfile="""
        # syntax=docker/dockerfile:1
        FROM x
        RUN <<EOF
          indented
        EOF
        """
    )
    assert made.dockerfile.syntax == "docker/dockerfile:1"
    assert b"\nRUN <<EOF\n  indented\nEOF\n" in made.sources.dockerfile


@pytest.mark.parametrize("content", [TEXT, TEXT.encode()])
def test_a_file_like_object_is_a_dockerfile(content: str | bytes, root: Path) -> None:
    file = io.StringIO(content) if isinstance(content, str) else io.BytesIO(content)
    made = request(root, dockerfile=file)
    assert made.sources.dockerfile == TEXT.encode()
    # It is not in a directory, so it is sent beside the context.
    assert made.sources.dockerfile_path == ""


def test_the_directory_of_a_dockerfile_is_the_default_context(root: Path) -> None:
    assert request(dockerfile=root / "Dockerfile").context == DirectoryContext(root)


def test_a_relative_dockerfile_is_looked_up_here_then_in_the_context(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "context").mkdir()
    (root / "context/Dockerfile").write_text("FROM inner\n")
    (root / "context/other").write_text("FROM other\n")
    monkeypatch.chdir(root)
    here = request("context", dockerfile="Dockerfile")
    assert here.sources.dockerfile == TEXT.encode()
    assert here.sources.dockerfile_path == ""
    there = request("context", dockerfile="other")
    assert there.sources.dockerfile_path == "other"


def test_a_dockerfile_may_be_in_lower_case_and_a_link(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/real").write_text(TEXT)
    (tmp_path / "dockerfile").symlink_to("docker/real")
    assert request(tmp_path).sources.dockerfile_path == "docker/real"


def test_a_linked_dockerfile_keeps_the_name_and_the_ignore_file_that_were_given(
    tmp_path: Path,
) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/prod").write_text(TEXT)
    (tmp_path / "docker/prod.dockerignore").write_text("wrong\n")
    (tmp_path / "Dockerfile").symlink_to("docker/prod")
    (tmp_path / "Dockerfile.dockerignore").write_text("own\n")
    for made in (request(tmp_path), request(dockerfile=tmp_path / "Dockerfile")):
        assert made.context == DirectoryContext(tmp_path)
        assert made.sources.dockerfile_name == "Dockerfile"
        assert made.sources.ignore_name == "Dockerfile.dockerignore"
        assert made.ignore.patterns == ("own",)


@pytest.mark.parametrize("path", ["~nobody-of-that-name/x", "a\0b"])
def test_an_invalid_path_is_refused(root: Path, path: str) -> None:
    for options in (
        {"context": path},
        {"context": root, "dockerfile": path},
        {"context": root, "secrets": {"x": Path(path)}},
        {"context": root, "ssh": f"default={path}"},
    ):
        with pytest.raises(InvalidContext):
            request(**options)


def test_the_dockerfiles_own_ignore_file_takes_precedence(root: Path) -> None:
    (root / ".dockerignore").write_text("common\n")
    assert request(root).ignore.excludes("common")
    (root / "Dockerfile.dockerignore").write_text("own\n")
    made = request(root)
    assert made.ignore.excludes("own")
    assert not made.ignore.excludes("common")
    assert made.sources.ignore_is_own


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"context": "no-such-directory"}, InvalidContext, "no build context"),
    ({"context": "https://example.org/x.tar.gz"}, InvalidContext, "unpack"),
    ({"context": 3}, TypeError, "context"),
    ({"context": ""}, InvalidContext, "Pass `.`"),
    ({"dockerfile": "no-such-file"}, InvalidContext, "no Dockerfile"),
    ({"dockerfile": "/"}, InvalidContext, "not a file"),
    ({"dockerfile": 3}, TypeError, "dockerfile"),
    ({"dockerfile": b"FROM x\n"}, TypeError, "not bytes"),
    ({"dockerfile": io.StringIO}, TypeError, "not the class StringIO"),
    ({"dockerfile": SimpleNamespace(read=lambda: None)}, TypeError, "a str or bytes, not NoneType"),
    ({"dockerfile": io.StringIO()}, InvalidContext, "`dockerfile.seek(0)`"),
    ({"dockerfile": "# nothing\n\n"}, InvalidContext, "no `FROM`"),
    ({"dockerfile": TEXT, "target": "test"}, InvalidContext, "`base`, `final`"),
    ({"dockerfile": "FROM x\nRUN y\n", "target": "test"}, InvalidContext, "AS NAME"),
    ({"tag": "Env:1"}, InvalidReference, "env:1"),
    ({"tag": "env@sha256:" + "0" * 64}, InvalidReference, "digest"),
    ({"tag": 3}, TypeError, "tag"),
    ({"builder": "buildkitt"}, InvalidContext, "Did you mean `buildkit`"),
    ({"builder": None}, TypeError, "builder"),
    ({"platform": "Linux on ARM"}, InvalidContext, "linux/arm64"),
    ({"platform": " linux/arm64"}, InvalidContext, "linux/arm64"),
    ({"platform": "linux/arm64\n"}, InvalidContext, "linux/arm64"),
    ({"platform": " "}, InvalidContext, "`platform` is empty."),
    ({"secrets": {"pip": Path("/no/such/file")}}, InvalidContext, "no file at"),
    ({"secrets": {"pip": 3}}, TypeError, "pip"),
    ({"secrets": {"pip": None}}, InvalidContext, "not set"),
    ({"secrets": {"": "x"}}, InvalidContext, "needs an id"),
    ({"secrets": {" ": "x"}}, InvalidContext, "needs an id"),
    ({"secrets": {"a\0": "x"}}, InvalidContext, "not a valid id"),
    ({"secrets": {"pip": b"x" * (LARGEST_SECRET + 1)}}, InvalidContext, "512,001"),
    ({"secrets": "pip"}, TypeError, "secrets"),
    ({"ssh": b"default"}, TypeError, "`ssh` must be a str or an iterable of str, not bytes."),
    ({"ssh": "default"}, InvalidContext, "SSH_AUTH_SOCK"),
    ({"ssh": "default=/no/such/socket"}, InvalidContext, "/no/such/socket"),
    ({"build_args": {"A": object()}}, TypeError, "build_args['A']"),
    ({"build_args": {1: "x"}}, TypeError, "The keys of `build_args` must be str, not int."),
    ({"build_args": {"A=B": "x"}}, InvalidContext, "A=B"),
    ({"build_args": {"": "x"}}, InvalidContext, "needs a name"),
    ({"build_args": {"A B": "x"}}, InvalidContext, "`A B` is not a valid name"),
    ({"build_args": {" A": "x"}}, InvalidContext, "without blanks"),
    ({"build_args": {"A\n": "x"}}, InvalidContext, "without blanks"),
    ({"build_args": {"\x1bA": "x"}}, InvalidContext, "without blanks"),
    ({"build_args": ["A=B"]}, TypeError, "build_args"),
    ({"labels": {"a": 1}}, TypeError, "labels['a']"),
    ({"labels": {"": "x"}}, InvalidContext, "A name in `labels` is empty."),
    ({"labels": {" ": "x"}}, InvalidContext, "A name in `labels` is empty."),
    ({"cache_from": 3}, TypeError, "`cache_from` must be a str or an iterable of str, not int."),
    ({"cache_from": ["a:1", 3]}, TypeError, "cache_from[1]"),
    ({"cache_from": b"a:1"}, TypeError, "not bytes"),
    ({"cache_from": ""}, InvalidReference, "empty"),
    ({"cache_from": ["a:1", "B:1"]}, InvalidReference, "Did you mean `b:1`?"),
    ({"cache_from": "a:1,b:1"}, InvalidReference, "pass several as a list"),
    ({"cache_from": "type=registry,ref=A"}, InvalidReference, "Did you mean `a`?"),
    ({"cache_from": "type=registry"}, InvalidReference, "the name of an image"),
    ({"cache_from": "type=registry,ref=a,x=1"}, InvalidContext, "`x` of a cache cannot be used"),
    ({"cache_from": "type=gha,scope=a"}, InvalidContext, "A cache of type `gha` cannot be used"),
    ({"cache_to": "type=registry,ref=a"}, InvalidContext, "`cache_to` cannot be `registry`"),
    ({"cache_to": "a:1"}, InvalidContext, "`cache_to` cannot be `a:1`"),
    ({"cache_to": ""}, InvalidContext, "has no type"),
    ({"cache_to": 1}, TypeError, "cache_to"),
    ({"network": 3}, TypeError, "network"),
    ({"network": ""}, InvalidContext, "`network` is empty."),
    ({"add_hosts": {"a b": "192.0.2.1"}}, InvalidContext, "`a b` is not a valid name for a host"),
    ({"add_hosts": {"": "192.0.2.1"}}, InvalidContext, "A host has no name."),
    ({"add_hosts": {"a": "b"}}, InvalidContext, "`b` is not a valid address for the host `a`"),
    ({"add_hosts": {"a": ""}}, InvalidContext, "The host `a` has no address."),
    ({"add_hosts": {"a": 1}}, TypeError, "add_hosts['a']"),
    ({"add_hosts": ["a:192.0.2.1"]}, TypeError, "add_hosts"),
    ({"ulimits": {"files": 1}}, InvalidContext, "There is no limit called `files`."),
    ({"ulimits": {"nofile": "1:2:3"}}, InvalidContext, "`1:2:3` is not a valid value"),
    ({"ulimits": {"nofile": "many"}}, InvalidContext, "`many` is not a valid value"),
    ({"ulimits": {"nofile": "2:1"}}, InvalidContext, "above its hard limit"),
    ({"ulimits": {"nofile": "-1:5"}}, InvalidContext, "above its hard limit"),
    ({"ulimits": {"nofile": -2}}, InvalidContext, "must be at least -1"),
    ({"ulimits": {"nofile": 1.5}}, TypeError, "must be an int or a str, not float"),
    ({"ulimits": {"nofile": None}}, TypeError, "not NoneType"),
    ({"source_date_epoch": -1}, InvalidContext, "`source_date_epoch` must be at least 0"),
    ({"source_date_epoch": "now"}, TypeError, "`source_date_epoch` must be an int, not str."),
    ({"output": 3}, TypeError, "`output` must be a path, not int."),
    ({"output": ""}, InvalidContext, "`output` is empty."),
    ({"output": "type=oci,dest=x"}, InvalidContext, "`type=oci,dest=x` is not supported"),
    ({"output": "type=tar"}, InvalidContext, "`output` is empty."),
    ({"output": "out", "tag": "a:1"}, InvalidContext, "An output has no tag"),
    ({"tag": ["a:1", "B:1"]}, InvalidReference, "Did you mean `b:1`?"),
    ({"tag": 3}, TypeError, "`tag` must be a str or an iterable of str"),
    ({"shm_size": True}, TypeError, "`shm_size` must be an int, not bool."),
    ({"shm_size": "64m"}, TypeError, "`shm_size` must be an int, not str."),
    ({"shm_size": float("nan")}, TypeError, "`shm_size` must be an int, not float."),
    ({"shm_size": 0}, InvalidContext, "`shm_size` must be at least 1, not 0."),
    ({"shm_size": -1}, InvalidContext, "`shm_size` must be at least 1, not -1."),
    ({"shm_size": 2**63}, InvalidContext, "`shm_size` must be at most"),
    ({"target": " "}, InvalidContext, "`target` is empty."),
    ({"auth": {"ghcr.io": "token"}}, TypeError, "auth['ghcr.io']"),
    ({"auth": {"": ("a", "b")}}, InvalidReference, "A registry has no name."),
    ({"auth": {"https://ghcr.io": ("a", "b")}}, InvalidReference, "https://"),
]


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    BAD,
    ids=[re.sub(r" at 0x\w+", "", str(bad[0]))[:50] for bad in BAD],
)
def test_a_wrong_argument_is_reported_at_once(
    options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        request(**options)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["a,b", "a b", "token.1", "ключ"])
def test_what_buildkit_takes_for_an_id_of_a_secret_is_accepted(name: str) -> None:
    """A Dockerfile can quote it, as in `--mount=type=secret,"id=a,b"`."""
    assert list(request(dockerfile=TEXT, secrets={name: "x"}).secrets) == [name]


def test_a_cache_may_be_a_name_a_digest_or_an_id() -> None:
    images = ("owner/env:1", "ghcr.io/owner/env@sha256:" + "0" * 64, "a" * 64, "sha256:" + "b" * 12)
    assert request(dockerfile=TEXT, cache_from=iter(images)).cache_from == images


def open_for_writing(path: Path) -> IO[str]:
    return path.open("a", encoding="utf-8")


def opened_and_closed(path: Path) -> IO[str]:
    with path.open(encoding="utf-8") as file:
        return file


def in_another_encoding(path: Path) -> IO[str]:
    path.write_bytes(b"FROM x\n# \xff\n")
    return path.open(encoding="utf-8")


def of_a_broken_disk(path: Path) -> IO[bytes]:
    """Every read fails."""

    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(errno.EIO, f"cannot read {path.name}")

    return cast("IO[bytes]", Broken())


@pytest.mark.parametrize(
    "make", [open_for_writing, opened_and_closed, in_another_encoding, of_a_broken_disk]
)
def test_a_file_that_cannot_be_read_is_refused(
    root: Path, make: Callable[[Path], IO[str] | IO[bytes]]
) -> None:
    with (
        contextlib.closing(make(root / "Dockerfile")) as file,
        pytest.raises(InvalidContext, match="`dockerfile` cannot be read") as caught,
    ):
        request(dockerfile=file)
    assert "Open it for reading" in caught.value.hint


def test_a_missing_dockerfile_is_named_with_its_directory(tmp_path: Path) -> None:
    with pytest.raises(InvalidContext, match="no Dockerfile in") as caught:
        request(tmp_path)
    assert "dockerfile=" in caught.value.hint


def test_a_dockerfile_for_another_frontend_may_have_any_text() -> None:
    assert request(dockerfile="# syntax=example.com/other\nbuild: this\n", target="x").target == "x"


def test_build_args_may_come_from_the_environment() -> None:
    given = {"A": "1", "B": None, "C": None, "D": 2}
    made = request(dockerfile=TEXT, build_args=given, environ={"B": "b"})
    assert made.build_args == {"A": "1", "B": "b", "D": "2"}


def test_the_callers_build_args_override_those_of_the_machine() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.example:3128"}
    assert request(environ=environ).build_args["https_proxy"] == "http://proxy.example:3128"
    made = request(environ=environ, build_args={"https_proxy": "http://other.example"})
    assert made.build_args["https_proxy"] == "http://other.example"
    assert "HTTPS_PROXY" not in made.build_args
    assert request(dockerfile=TEXT, environ=environ).build_args == {}


def test_a_secret_may_come_from_the_environment() -> None:
    made = request(dockerfile=TEXT, secrets={"TOKEN": None}, environ={"TOKEN": "from-outside"})
    assert made.secrets["TOKEN"].read() == b"from-outside"


def test_a_secret_is_read_once_for_a_build(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first-token")
    original = request(dockerfile=TEXT, secrets={"token": file})
    running = original.with_secrets_read()
    file.write_text("second-token")
    assert running.secrets["token"].read() == b"first-token"
    assert running.masker().mask("first-token") == "***"
    file.unlink()
    with pytest.raises(InvalidContext, match="The secret `token` cannot be read"):
        original.with_secrets_read()


def test_a_request_can_be_refreshed(root: Path) -> None:
    made = request(root, target="final")
    (root / "Dockerfile").write_text(f"{TEXT}RUN more\n")
    (root / ".dockerignore").write_text("new\n")
    again = made.refreshed()
    assert again.sources.dockerfile.endswith(b"RUN more\n")
    assert again.dockerfile.instructions[-1].text == "RUN more"
    assert again.ignore.excludes("new")
    assert again.refreshed().sources.dockerfile == again.sources.dockerfile
    (root / "Dockerfile").write_text("FROM busybox\n")
    with pytest.raises(InvalidContext, match="no stage called `final`"):
        again.refreshed()


def test_a_dockerfile_from_a_file_like_object_survives_a_refresh() -> None:
    made = request(dockerfile=io.StringIO(TEXT))
    assert made.refreshed().sources.dockerfile == TEXT.encode()


def test_secrets_are_masked_and_not_in_the_repr(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("first-content")
    made = request(
        dockerfile=TEXT,
        secrets={"a": file, "b": "second-content", "c": b"third-content"},
        auth={"ghcr.io": ("me", "fourth-content")},
        build_args={"HTTP_PROXY": "http://me:fifth%2Dcontent@proxy.example:3128"},
    )
    assert [secret.read() for secret in made.secrets.values()] == [
        b"first-content",
        b"second-content",
        b"third-content",
    ]
    masked = made.masker().mask(
        "first-content second-content third-content fourth-content fifth-content"
    )
    assert masked == "*** *** *** *** ***"
    assert "content" not in repr(made) + repr(made.secrets) + repr(made.auth)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("https://a:password1@x https://b:password2@y", "https://a:***@x https://b:***@y"),
        ("https://a:password1@x,https://b:password2@y", "https://a:***@x,https://b:***@y"),
        ("https://ghp_0123@host/simple", "https://***@host/simple"),
        ("https://ghp_0123:@host/simple", "https://***:@host/simple"),
        ("me:proxysecret@proxy:3128", "me:***@proxy:3128"),
        ("https://[bad http://a:password1@x", "https://[bad http://a:***@x"),
        ("builder@example.com", "builder@example.com"),
        ("ssh://deploy@host", "ssh://deploy@host"),
    ],
)
def test_credentials_in_a_build_argument_are_masked(value: str, masked: str) -> None:
    made = request(dockerfile=TEXT, build_args={"ARG": value})
    assert made.masker().mask(value) == masked


def test_the_socket_of_the_ssh_agent_is_found(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        made = request(dockerfile=TEXT, ssh="default", environ={"SSH_AUTH_SOCK": str(path)})
        assert made.ssh == {"default": path}
        assert request(dockerfile=TEXT, ssh=["deploy=" + str(path)]).ssh == {"deploy": path}
        assert request(dockerfile=TEXT, ssh=f"={path}").ssh == {"default": path}


def test_credentials_may_be_a_pair_or_a_mapping() -> None:
    auth = {"ghcr.io": ("me", "x"), "docker.io": {"username": "you", "password": "y"}}
    assert request(dockerfile=TEXT, auth=auth).auth == {
        "ghcr.io": Credentials("me", "x"),
        "docker.io": Credentials("you", "y"),
    }


def test_a_single_cache_source_may_be_a_str() -> None:
    assert request(dockerfile=TEXT, cache_from="a:1").cache_from == ("a:1",)


def test_the_size_of_shared_memory_is_sent_to_both_builders_in_bytes() -> None:
    made = request(dockerfile=TEXT, shm_size=1 << 30)
    assert made.shm_size == 1_073_741_824
    for sent in (
        buildkit_parameters(made, "session", build_id="id"),
        classic_parameters(made, "Dockerfile"),
        classic_parameters(made, "Dockerfile", is_podman=True),
    ):
        assert sent["shmsize"] == "1073741824"
    assert "shmsize" not in query(request(dockerfile=TEXT))
