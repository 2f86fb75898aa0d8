"""An engine's messages become typed errors; tested with real messages of engines.

The streams were recorded from real engines; the other messages come from the
sources named in `imagewidget/engine/failure/rules.py`.
"""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.failure.errors import (
    AccessDenied,
    DockerError,
    ImageNotFound,
    RateLimited,
    RegistryUnavailable,
    Remedy,
    remedy_of,
)
from imagewidget.engine.failure.messages import _without_names, explain, sentence
from imagewidget.engine.failure.rules import RULES, Rule
from tests.fixtures import FIXTURES, STREAMS

AGAIN, ELSEWHERE = Remedy.AGAIN, Remedy.ELSEWHERE


def recorded(path: Path) -> DockerError:
    """Explain the one message of a recorded failure."""
    message = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])[1]
    status = message.get("http_error")
    if status is None:
        return explain(message["errorDetail"]["message"])
    words = re.search(r'\("(.*)"\)$', message["message"])
    return explain(words.group(1) if words else message["message"], status=status)


@pytest.mark.parametrize("path", sorted(STREAMS.glob("error-not-found-*")), ids=lambda p: p.stem)
def test_a_missing_image_is_not_tried_again(path: Path) -> None:
    error = recorded(path)

    assert type(error) is ImageNotFound
    assert remedy_of(error) is ELSEWHERE


@pytest.mark.parametrize("path", sorted(STREAMS.glob("error-refused-*")), ids=lambda p: p.stem)
def test_a_registry_that_refuses_connections_is_tried_again(path: Path) -> None:
    error = recorded(path)

    assert type(error) is RegistryUnavailable
    assert remedy_of(error) is AGAIN
    assert "connection refused" in error.message


def said() -> list[tuple[str, str, str]]:
    """Read `said.txt`: each error's kind and remedy, and the engine's message."""
    lines = (FIXTURES / "said.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split(" | ", 2) for line in lines if not line.startswith("#"))
    return [(kind.strip(), remedy.strip(), words) for kind, remedy, words in rows]


@pytest.mark.parametrize(("kind", "remedy", "words"), said(), ids=lambda text: text[:50])
def test_a_message_of_an_engine_means_one_error(kind: str, remedy: str, words: str) -> None:
    # Engines report a registry's failure as an HTTP 500 as often as in the stream.
    for status in (None, 500):
        error = explain(words, status=status)

        assert (type(error).__name__, remedy_of(error).name) == (kind, remedy)


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (None, DockerError, ELSEWHERE),
        (400, DockerError, ELSEWHERE),
        (401, AccessDenied, ELSEWHERE),
        (403, AccessDenied, ELSEWHERE),
        (404, DockerError, ELSEWHERE),
        (408, RegistryUnavailable, AGAIN),
        (409, DockerError, ELSEWHERE),
        (429, RateLimited, AGAIN),
        (500, DockerError, AGAIN),
        (503, DockerError, AGAIN),
    ],
)
def test_the_status_decides_if_the_message_is_unknown(
    status: int | None,
    kind: type[DockerError],
    remedy: Remedy,
) -> None:
    error = explain("something new happened", status=status)

    assert (type(error), remedy_of(error)) == (kind, remedy)


@pytest.mark.parametrize(
    "name",
    [
        "owner/denied:404",
        "unauthorized/x:429",
        "owner/eof:EOF",
        "r.io:500/owner/toomanyrequests:503",
        "owner/manifest.unknown:403",
    ],
)
def test_words_in_a_name_are_not_matched(name: str) -> None:
    for words in (
        f"{name}: something new happened",
        f'failed to resolve reference "{name}": something new happened',
        f"initializing source docker://{name}: something new happened",
        f'Get "https://r.io/v2/{name}": something new happened',
    ):
        assert type(explain(words)) is DockerError, words


R = 'Get "https://r.io/v2/": '
EXPIRED = "x509: certificate has expired or is not yet valid: current time 2031-01-01T00:00:00Z is"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("unauthorized: x", "docker login"),
        ("no matching manifest for linux/arm64", "Set `platform=` to one"),
        ("does not match the specified platform: wanted a/b, actual: linux/s390x", "'linux/s390x'"),
        (
            (
                "image with reference x:1 was found but its platform (linux/arm/v7) does not match "
                "the specified platform (linux/amd64)"
            ),
            "Set `platform='linux/arm/v7'`, which",
        ),
        ("x509: certificate signed by unknown authority", "ca.crt"),
        ("server gave HTTP response to HTTPS client", "insecure-registries"),
        ("no space left on device", "prune"),
        ("mkdir /sys/fs/cgroup/docker/x: no space left on device", "limit of its kernel"),
        (f"{R}Proxy Authentication Required", "in front of the host in the proxy's address"),
        (f"{R}proxyconnect tcp: tls: first record does not look like a TLS handshake", "`http://`"),
        (
            f"{R}proxyconnect tcp: x509: certificate signed by unknown authority",
            "CA certificate of",
        ),
        (f"{R}proxyconnect tcp: dial tcp 1.2.3.4:1: connect: connection refused", "not answer"),
        (f"{R}Forbidden", "runs the proxy"),
        (f"{R}tls: failed to verify certificate: {EXPIRED} after 2026-01-01T00:00:00Z", "clock"),
        (f"{R}x509: certificate is valid for *.corp, not r.io", "for another one"),
        ("error parsing HTTP 403 response body: invalid character '<'", "captive portal"),
        ("error parsing HTTP 404 response body: invalid character '<'", "captive portal"),
        ("pull access denied for x, …: denied: <html><title>Log in</title>", "captive portal"),
        ("received unexpected HTTP status: 511 Network Authentication Required", "captive portal"),
        ("unexpected media type text/html for sha256:aa: not found", "captive portal"),
        ('encountered remote "text/html"(unknown) when fetching', "captive portal"),
    ],
)
def test_the_hint_is_about_what_failed(words: str, hint: str) -> None:
    for status in (None, 500):
        assert hint in explain(words, status=status).hint


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("page not found", "Check the engine's version"),
        ("network nope not found", ""),
        ("No such container: 0123", ""),
    ],
)
def test_what_an_engine_does_not_have_is_not_always_an_image(words: str, hint: str) -> None:
    error = explain(words, status=404)

    assert type(error) is DockerError
    assert error.hint.startswith(hint)
    assert bool(error.hint) is bool(hint)


def test_a_message_becomes_one_readable_line() -> None:
    words = "Error response from daemon: a\r\n\tb: c: c: \x1b[31md\x1b[0m"

    assert sentence(words) == "a b: c: [31md [0m"
    assert sentence("") == "The engine gave no reason."
    assert len(sentence("x" * 100_000)) <= 600


def test_secrets_in_urls_are_removed() -> None:
    words = (
        'Get "https://user:secret@cdn.example/blob?Signature=secret&Expires=1": EOF and '
        "https://cdn.example/x?token=secret and https://u:p@secret@h/x and http://u:?secret@h"
    )

    error = explain(words)

    assert "secret" not in error.message
    assert "https://cdn.example/blob" in error.message


def alternatives() -> list[tuple[Rule, str]]:
    """Split the pattern of each row at every `|` outside of a group."""
    found = []
    for rule in RULES:
        depth, begin = 0, 0
        for position, character in enumerate(f"{rule.pattern}|"):
            depth += (character == "(") - (character == ")")
            if character == "|" and depth == 0:
                found.append((rule, rule.pattern[begin:position]))
                begin = position + 1
    return found


@pytest.mark.parametrize(("rule", "pattern"), alternatives(), ids=lambda value: str(value)[:40])
def test_every_alternative_of_the_table_matches_a_known_message(rule: Rule, pattern: str) -> None:
    words = [_without_names(sentence(words)) for *_, words in said()]
    deciding = [
        next((one for one in RULES if re.search(one.pattern, each, re.IGNORECASE)), None)
        for each in words
    ]
    assert any(
        decided is rule and re.search(pattern, each, re.IGNORECASE)
        for each, decided in zip(words, deciding, strict=True)
    )


def test_a_refusal_by_the_engine_does_not_hint_at_a_login() -> None:
    for status, words in ((403, "Forbidden"), (403, "authorization denied by plugin x: no")):
        assert "docker login" not in explain(words, status=status).hint
    assert "docker login" in explain("denied: requested access", status=403).hint


@given(st.text(max_size=400), st.none() | st.integers(100, 599))
def test_any_message_becomes_an_error(words: str, status: int | None) -> None:
    error = explain(words, status=status)

    assert error.message
    assert "\n" not in error.message
