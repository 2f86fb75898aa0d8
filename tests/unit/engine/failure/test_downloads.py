"""The words about an `ADD` of a URL that failed, as engines say it."""

import pytest

from imagewidget.engine.failure.downloads import download_failed
from tests.unit.effort import bounded

URL = "https://example.org/x.tgz"
OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("invalid response status 404", f"`{URL}` cannot be downloaded: the server answered 404."),
        (
            f'reading "{URL}": invalid response status 503',
            f"`{URL}` cannot be downloaded: the server answered 503.",
        ),
        (
            f'reading "{URL}": dial tcp: no such host',
            f"`{URL}` cannot be downloaded: dial tcp: no such host",
        ),
        # The classic builder of moby, whose message ends with the server's page.
        (
            f"ADD failed: failed to GET {URL} with status 404 Not Found: <html> not found",
            f"`{URL}` cannot be downloaded: the server answered 404.",
        ),
        (
            f'ADD failed: Get "{URL}": dial tcp 1.2.3.4:443: connect: connection refused',
            (
                f'`{URL}` cannot be downloaded: Get "{URL}": dial tcp 1.2.3.4:443: connect: '
                "connection refused"
            ),
        ),
        ("unexpected EOF", f"`{URL}` cannot be downloaded: unexpected EOF"),
        (
            f"digest mismatch for {URL}: {NEW} (expected: {OLD})",
            f"`{URL}` has the digest {NEW}, not {OLD}.",
        ),
        (f"digest mismatch {NEW}: {OLD}", f"`{URL}` has the digest {NEW}, not {OLD}."),
        (
            f'unexpected response digest for "{URL}": {NEW}, want {OLD}',
            f"`{URL}` has the digest {NEW}, not {OLD}.",
        ),
    ],
)
@pytest.mark.parametrize("step", [f"ADD {URL} /x", f"ADD --chmod=644 {URL} /x", URL])
def test_a_download_is_explained(step: str, text: str, message: str) -> None:
    found = download_failed(step, text)
    assert found is not None
    assert found[0] == message
    assert ("--checksum" in found[1]) is ("digest" in text)


@pytest.mark.parametrize("step", ["ADD a /x", f"RUN curl {URL}", f"COPY {URL} /x", ""])
def test_other_steps_download_nothing(step: str) -> None:
    assert download_failed(step, "invalid response status 404") is None


@pytest.mark.parametrize(
    "text",
    [
        "failed to copy file: write /x: no space left on device",
        "unable to find user nobody2: no matching entries in passwd file",
        "cannot replace to directory /var/lib/docker/overlay2/x/merged/tmp with file",
        "cannot replace to directory /var/lib/docker/overlay2/x/merged/tls/x with file",
        "cannot copy to non-directory: /x/connect/EOF/lookup/protocol-reset",
    ],
)
def test_other_failures_are_not_about_the_url(text: str) -> None:
    assert download_failed(f"ADD {URL} /x", text) is None


def test_a_message_of_any_length_is_read_in_linear_time() -> None:
    for part in ("unexpected response digest for ", "digest mismatch ", "lookup x on ", 'Get "'):
        with bounded(4):
            download_failed(f"ADD {URL} /x", part * (32_768 // len(part)))


def test_a_password_in_a_url_is_not_shown() -> None:
    found = download_failed("ADD https://me:secret@example.org/x?key=1 /x", "EOF")
    assert found is not None
    assert "secret" not in found[0]
    assert "key" not in found[0]
