"""Credentials that cannot be meant, and text that cannot be encoded, are refused at once."""

import io
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.request.request import BuildRequest

TEXT = "FROM busybox\n"
HIDDEN = "never-to-be-shown"


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (
            {"docker.io": ("me", HIDDEN), "index.docker.io": ("you", HIDDEN)},
            "`auth` has two entries for one registry: 'docker.io' and 'index.docker.io'.",
        ),
        (
            {"registry-1.docker.io": ("me", HIDDEN), "docker.io": ("me", HIDDEN)},
            "`auth` has two entries for one registry: 'registry-1.docker.io' and 'docker.io'.",
        ),
        ({"ghcr.io": ("", "")}, "`auth['ghcr.io']` has an empty user name and password."),
        ({"ghcr.io": ("me", "")}, "`auth['ghcr.io']` has an empty password."),
        ({"ghcr.io": ["", HIDDEN]}, "`auth['ghcr.io']` has an empty user name."),
        (
            {"ghcr.io": {"username": "me", "password": ""}},
            "`auth['ghcr.io']` has an empty password.",
        ),
    ],
)
def test_credentials_that_cannot_be_meant_are_refused(auth: Any, message: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        BuildRequest.of(dockerfile=TEXT, auth=auth, environ={})
    assert caught.value.message == message
    assert caught.value.hint
    assert caught.value.hint.startswith(("Leave out", "Check that the variable"))
    assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"context": "\ud800"}, r"'\ud800' is not a valid path: it contains '\ud800', which"),
        (
            {"context": Path("~\ud800")},
            r"'~\ud800' is not a valid path: it contains '\ud800', which",
        ),
        ({"context": "~\0"}, r"'~\x00' is not a valid path: it contains a null byte."),
        ({"context": ".", "dockerfile": "\0"}, r"'\x00' is not a valid path: it contains a null"),
        ({"dockerfile": "\ud800"}, r"'\ud800' is not a valid path: it contains '\ud800', which"),
        (
            {"dockerfile": "FROM scratch\nRUN \ud800\n"},
            r"Line 2 of `dockerfile` contains '\ud800', half of a character, which cannot be",
        ),
        (
            {"dockerfile": io.StringIO("FROM scratch\nRUN \udfff\n")},
            r"Line 2 of `dockerfile` contains '\udfff', half of a character, which cannot be",
        ),
    ],
)
def test_what_cannot_be_encoded_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidContext) as caught:
        BuildRequest.of(**options, environ={})
    assert caught.value.message.startswith(message)


class Odd:
    """A value that can neither be compared nor shown."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("name", ["context", "dockerfile", "builder", "target", "no_cache"])
def test_a_value_that_cannot_be_compared_or_shown_is_refused_by_its_type(name: str) -> None:
    options: dict[str, Any] = {"dockerfile": "FROM a\n", name: Odd()}
    with pytest.raises(TypeError, match=f"`{name}` must be .*Odd"):
        BuildRequest.of(**options)


@pytest.mark.parametrize(
    "auth", [{"username": "me", "password": HIDDEN}, ("me", HIDDEN), HIDDEN, [HIDDEN], 5]
)
def test_logins_without_their_registry_are_refused_with_the_form_to_write(auth: Any) -> None:
    with pytest.raises(TypeError, match=r"as in .*ghcr\.io") as caught:
        BuildRequest.of(dockerfile=TEXT, auth=auth)
    assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://x.example/a.tar.gz", "Download and unpack https://x.example/a.tar.gz first"),
        ("https://x.example/a.zip?b=c", "Download and unpack https://x.example/a.zip first"),
        ("https://x.example/a#main:sub", "as in `https://x.example/a.git#main:sub`"),
    ],
)
def test_the_address_of_something_else_gets_a_hint_that_fits(url: str, hint: str) -> None:
    with pytest.raises(InvalidContext) as caught:
        BuildRequest.of(url)
    assert hint in caught.value.hint


def test_a_dockerfile_in_utf_16_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes("FROM x\n".encode("utf-16"))
    with pytest.raises(InvalidContext, match="UTF-16"):
        BuildRequest.of(tmp_path)


def test_another_frontend_may_need_no_stages() -> None:
    for text in ("//syntax=a/b\nmod: x\n", '{"syntax": "a/b",\n"x": 1}'):
        assert BuildRequest.of(dockerfile=text).dockerfile.syntax == "a/b"
    chosen = BuildRequest.of(dockerfile="x\n", build_args={"BUILDKIT_SYNTAX": "a/b"})
    assert chosen.refreshed().dockerfile.syntax == "a/b"


def test_blanks_in_a_heredoc_stay() -> None:
    request = BuildRequest.of(
        dockerfile="""
        FROM x
        RUN <<EOF
          one
            \x20
        \x0b
        EOF
    """
    )
    expected = b"FROM x\nRUN <<EOF\n  one\n     \n\x0b\nEOF\n"
    assert request.sources.dockerfile == expected
