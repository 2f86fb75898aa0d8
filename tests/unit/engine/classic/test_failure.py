"""The error of a classic build: its message, and a hint tied to what the step had asked for."""

import pytest

from imagewidget.engine.classic.failure import failure, is_about_dockerfile
from imagewidget.engine.context.context import MemoryContext
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import BuildFailed
from imagewidget.engine.request.sources import Sources
from tests.unit.effort import bounded

URL = "https://example.org/x.tgz"
DOCKERFILE = read_dockerfile(f"FROM x\nADD {URL} /tls/x\nCOPY a /x\nRUN true\n")


def failed(text: str, step: str | None = None, code: object = None) -> BuildFailed:
    keyword = step.split(" ")[0] if step else None
    instruction = next((one for one in DOCKERFILE.instructions if one.keyword == keyword), None)
    sources = Sources(MemoryContext({}), b"")
    error = failure(
        text, code, dockerfile=DOCKERFILE, step=step, instruction=instruction, sources=sources
    )
    assert isinstance(error, BuildFailed)
    return error


def test_a_download_that_the_server_refuses() -> None:
    error = failed(
        f"ADD failed: failed to GET {URL} with status 404 Not Found: <html>404 page not found",
        f"ADD {URL} /tls/x",
    )
    assert error.message == f"`{URL}` cannot be downloaded: the server answered 404."
    assert error.hint.startswith("Check the URL")
    assert error.dockerfile_line == 2


@pytest.mark.parametrize(
    ("step", "text", "hint"),
    [
        ("FROM x", "pull access denied for x, repository does not exist", "docker login"),
        ("FROM x", "x: not found", "Check the name and tag"),
        ("COPY --from=y a b", "manifest for y:latest not found: manifest unknown", "name and tag"),
        (None, "manifest for y:latest not found: manifest unknown", "name and tag"),
        ("FROM x", 'creating build container: Get "https://r/v2/": EOF', "registry's status page"),
        ("RUN true", "network nope not found", ""),
        ("RUN true", "layer abc: not found", ""),
        ("RUN true", "read /x: connection refused", ""),
        ("COPY a /x", "failed to copy files: cannot copy to non-directory: /x/tls", "destination"),
        (f"ADD {URL} /tls/x", "cannot replace to directory /var/lib/x/tls/x with file", ""),
        ("RUN true", "max depth exceeded", "fewer layers"),
        ("RUN true", "mkdir /sys/fs/cgroup/x: no space left on device", "limit of its kernel"),
        ("RUN true", "connection error: dial unix /run/x.sock: connect: refused", "containerd"),
    ],
)
def test_a_registry_is_only_blamed_for_what_it_answered(
    step: str | None, text: str, hint: str
) -> None:
    error = failed(text, step)
    assert hint in error.hint
    assert bool(hint) is bool(error.hint)


def test_a_file_that_is_missing_for_podman() -> None:
    text = (
        'building at STEP "COPY a /x": checking on sources under "/var/tmp/x": copier: stat: "/a": '
        "no such file or directory"
    )
    assert failed(text, "COPY a /x").message == "There is no `a` to copy."


NINES = "9" * 5000


@pytest.mark.parametrize(
    "text",
    [
        f"The command 'x' returned a non-zero code: {NINES}",
        f"building: while running runtime: exit status {NINES}",
        f"dockerfile parse error line {NINES}: x",
    ],
)
def test_a_number_of_many_digits_is_no_number(text: str) -> None:
    error = failed(text)
    assert (error.exit_code, error.dockerfile_line) == (None, None)


@pytest.mark.parametrize(
    "part",
    [
        "checking on sources under ",
        ': copier: stat: "',
        "excluded by .dockerignore: stat ",
        'building at STEP "',
        "unexpected response digest for ",
        "exit status 1 ",
        "parse error line 1",
        "dockerfile ",
    ],
)
def test_a_message_of_any_length_is_explained_in_bounded_time(part: str) -> None:
    text = part * (400_000 // len(part))
    for step in (f"ADD {URL} /tls/x", "COPY a /x", None):
        with bounded(30):
            failed(text, step)
    with bounded(10):
        is_about_dockerfile(text)
