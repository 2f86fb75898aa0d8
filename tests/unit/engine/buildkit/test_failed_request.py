"""What an engine had asked of a registry or of a Git server decides which hint an error has.

The messages are those of real engines, Docker 20.10 and 26.1.
"""

import pytest

from imagewidget.engine.failure.errors import DiskFull
from tests.unit.engine.buildkit.failing import build_failed, failed


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            "[internal] load metadata for ghcr.io/owner/runtime:1",
            (
                "ghcr.io/owner/runtime:1: failed to resolve source metadata for "
                "ghcr.io/owner/runtime:1: unexpected status from HEAD request to "
                "https://ghcr.io/v2/owner/runtime/manifests/1: 401 Unauthorized"
            ),
        ),
        (
            "[internal] load metadata for ghcr.io/owner/runtime:1",
            (
                "failed to solve with frontend dockerfile.v0: failed to create LLB definition: "
                "pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized"
            ),
        ),
    ],
)
def test_a_base_image_that_the_registry_refuses(step: str, message: str) -> None:
    error = build_failed(message, step)
    assert error.message.startswith("The image `ghcr.io/owner/runtime:1` cannot be pulled: ")
    assert "failed to" not in error.message.partition("pulled: ")[2][:10]
    assert error.dockerfile_line == 8
    assert "docker login" in error.hint


def test_a_base_image_is_located_by_its_short_name() -> None:
    error = build_failed(
        "docker.io/library/debian:trixie-slim: not found",
        "[internal] load metadata for docker.io/library/debian:trixie-slim",
    )
    assert error.dockerfile_line == 1


@pytest.mark.parametrize(
    ("args", "base", "image", "build_args"),
    [
        ("ARG PY=3.13", "python:${PY}-slim", "python:3.13-slim", {}),
        ("ARG PY=3.13", "python:$PY", "python:3.14", {"PY": "3.14"}),
        ("ARG PY", "python:${PY:-3.13}-slim", "python:3.13-slim", {}),
        ("ARG HOST=ghcr.io NAME='$HOST/me/x'", "$NAME", "ghcr.io/me/x:latest", {}),
        ("ARG PY", "me/x:${TARGETARCH}-1", "me/x:arm64-1", {}),
    ],
)
def test_a_base_image_is_located_by_the_values_of_its_variables(
    args: str, base: str, image: str, build_args: dict[str, str]
) -> None:
    text = f"{args}\nFROM me/y:1 AS other\nFROM {base}\n"
    error = build_failed(
        f"{image}: not found",
        f"[internal] load metadata for {image}",
        text=text,
        build_args=build_args,
    )
    assert error.dockerfile_line == 3


def test_a_base_image_that_matches_two_stages_has_no_line() -> None:
    text = "FROM x:$TARGETARCH AS one\nFROM x:$TARGETOS\n"
    error = build_failed("x:a: not found", "[internal] load metadata for x:a", text=text)
    assert error.dockerfile_line is None


def test_an_image_that_may_be_a_misspelt_stage_lists_the_stages() -> None:
    error = build_failed(
        "failed to load cache key: pull access denied, repository does not exist",
        "FROM docker.io/library/nostage:latest",
    )
    assert error.dockerfile_line == 9
    assert "the stages are `base`, `tools`." in error.hint


@pytest.mark.parametrize(
    "step",
    [
        "resolve image config for docker.invalid/frontend:1",
        "resolve image config for docker-image://docker.invalid/frontend:1",
    ],
)
def test_a_frontend_that_cannot_be_pulled(step: str) -> None:
    error = build_failed(
        'failed to do request: Head "https://docker.invalid/v2/frontend/manifests/1": '
        "dial tcp: lookup docker.invalid on 10.0.0.1:53: no such host",
        step,
        text="# syntax=docker.invalid/frontend:1\nFROM scratch\n",
    )
    assert "`docker.invalid/frontend:1`" in error.message
    assert "Remove the `# syntax=` line" in error.hint
    assert error.dockerfile_line == 1


GIT = "https://github.com/owner/env.git"
CLONING = f"[internal] load git source {GIT}"
STDERR = f"error fetching default branch for repository {GIT}: git stderr:\n"


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("fatal: could not read Username for 'https://github.com'", "`GIT_AUTH_TOKEN`"),
        (f"fatal: repository '{GIT}/' not found", "`GIT_AUTH_TOKEN`"),
        (
            f"fatal: unable to access '{GIT}/': The requested URL returned error: 403",
            "`GIT_AUTH_TOKEN`",
        ),
        (f"fatal: unable to access '{GIT}/': The requested URL returned error: 500", "reaches"),
        ("errno=Connection refused", "reaches its server"),
        (f"fatal: unable to access '{GIT}/': Could not resolve host: github.com", "reaches"),
        ("Host key verification failed.", "whose SSH key is not the expected one"),
        ("git@github.com: Permission denied (publickey).", "an agent with a key"),
    ],
)
@pytest.mark.parametrize("step", [CLONING, f"[1/1] ADD {GIT} /x"])
def test_a_repository_that_cannot_be_cloned(step: str, output: str, hint: str) -> None:
    for before in ("", "failed to read dockerfile: failed to load cache key: "):
        error = build_failed(
            f"{before}{STDERR}{output}\n: exit status 128", step, text=f"FROM x\nADD {GIT} /x\n"
        )

        assert error.message == f"The Git repository cannot be cloned: {output}"
        assert hint in error.hint
        assert "registry" not in error.hint
        assert "docker login" not in error.hint
        assert error.dockerfile_line == (2 if "ADD" in step else None)


def test_older_engines_have_gits_message_in_the_log() -> None:
    message = f"failed to fetch remote {GIT}: exit status 128"
    error = build_failed(message, CLONING, log=b"fatal: could not read Username for 'x'\n")

    assert error.message == f"The Git repository cannot be cloned: {message}"
    assert "`GIT_AUTH_TOKEN`" in error.hint


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ('repository does not contain ref nope, output: ""', "branch, tag or commit after the `#`"),
        (
            'invalid subdir /nope: failed to lstat "nope": statat nope: no such file or directory',
            "the directory after the `:`",
        ),
        ("expected checksum to match aa, got bb", "--checksum="),
    ],
)
def test_a_part_that_a_repository_does_not_have(message: str, hint: str) -> None:
    error = build_failed(f"failed to read dockerfile: {message}", CLONING)

    assert error.message == f"The Git repository cannot be cloned: {message}"
    assert hint in error.hint


def test_a_full_disk_is_not_blamed_on_git() -> None:
    message = f"{STDERR}fatal: write error: No space left on device\n: exit status 128"
    assert isinstance(failed(message, CLONING), DiskFull)


COPIED = "[base 3/3] COPY --chown=1 a.txt /"


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("no active session for 0ab: context deadline exceeded", "lost its connection"),
        ("error reading from server: EOF", "lost its connection"),
        ('lease "ki4xyz": not found', "docker builder prune"),
        (f"content digest sha256:{'a' * 64}: not found", "docker builder prune"),
        (
            "failed to prepare abc as def: parent snapshot abc does not exist: not found",
            "docker builder prune",
        ),
        (
            "cannot copy to non-directory: /var/lib/docker/overlay2/a/merged/app/timeout",
            "another destination",
        ),
        ("something: connection refused", ""),
        ("something: not found", ""),
    ],
)
def test_what_the_engine_lost_is_not_looked_for_in_a_registry(message: str, hint: str) -> None:
    error = build_failed(f"failed to solve: {message}", COPIED)

    assert error.message == message
    assert error.dockerfile_line == 3
    assert hint in error.hint
    assert bool(hint) is bool(error.hint)
    assert "registry" not in error.hint


@pytest.mark.parametrize(
    "message",
    [
        (
            "failed to copy: httpReadSeeker: failed open: unexpected status code "
            "https://ghcr.io/v2/owner/runtime/blobs/sha256:aa: 503 Service Unavailable"
        ),
        'failed to do request: Head "https://ghcr.io/v2/x/manifests/1": dial tcp: i/o timeout',
    ],
)
def test_a_layer_that_a_step_fetches_comes_from_a_registry(message: str) -> None:
    assert "registry's status page" in build_failed(message, "[stage-2 4/4] RUN mkdir /x").hint


def test_too_many_layers_have_a_hint_in_any_step() -> None:
    assert "fewer layers" in build_failed("failed to prepare x: max depth exceeded", COPIED).hint
