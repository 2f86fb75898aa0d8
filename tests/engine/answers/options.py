"""The options of a build that not every engine has."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from typing import Any

from tests.engine.answers.check import TAG, Asked, check, refusal, yes_if

SECTION = "Options of a build"
PODMANS = "podman oldest-podman"
NEEDS_BUILDKIT = "refused: `{}` requires BuildKit, which this engine does not have."


def _needs(option: str, version: str) -> str:
    return f"refused: `{option}` requires Docker Engine {version} or later."


def _refused_or(on: Asked, error: BaseException | None, is_right: Callable[[], object]) -> str:
    """Return why it was refused, or whether it did what it should.

    The engine is named in the heading of the column.
    """
    if error:
        return refusal(error).replace(on.client.version().title, "this engine")
    return yes_if(is_right())


@check(SECTION, "Several tags", "yes")
def several_tags(on: Asked) -> str:
    tags = ["rig/answers:2", "rig/answers:3"]
    on.build("RUN true", tag=tags)
    return yes_if(len({on.inspected(each)["Id"] for each in tags}) == 1)


@check(
    SECTION,
    "`output` to a directory",
    "yes",
    {PODMANS: NEEDS_BUILDKIT.format("output")},
)
def output_directory(on: Asked) -> str:
    into = on.folder / "out"
    built = on.build("FROM scratch", "COPY a /a", files={"a": "1"}, tag=None, output=into)
    return _refused_or(on, built.error, lambda: (into / "a").read_text() == "1")


@check(
    SECTION,
    "`output` to a tar file",
    "yes",
    {PODMANS: NEEDS_BUILDKIT.format("output")},
)
def output_tar(on: Asked) -> str:
    into = on.folder.parent / "out.tar"
    built = on.build("FROM scratch", "COPY a /a", files={"a": "1"}, tag=None, output=into)

    def is_there() -> bool:
        with tarfile.open(into) as found:
            return "a" in found.getnames()

    return _refused_or(on, built.error, is_there)


@check(SECTION, "`add_hosts`", "yes")
def add_hosts(on: Asked) -> str:
    return _found(on, "grep 192.0.2.7 /etc/hosts", add_hosts={"db.example.org": "192.0.2.7"})


@check(SECTION, "`shm_size`", "yes", {"oldest": _needs("shm_size", "23.0")})
def shm_size(on: Asked) -> str:
    return _found(on, "grep -E '/dev/shm .*size=7168k' /proc/mounts", shm_size=7 << 20)


@check(SECTION, "`ulimits`", "yes", {"oldest": _needs("ulimits", "23.0")})
def ulimits(on: Asked) -> str:
    return _found(on, "test $(ulimit -Hn) = 200", ulimits={"nofile": "100:200"})


@check(
    SECTION,
    "`source_date_epoch`",
    "yes",
    {
        "oldest": _needs("source_date_epoch", "24.0"),
        "oldest-podman": "refused: `source_date_epoch` requires BuildKit, or Podman 5.6 or later.",
    },
)
def source_date_epoch(on: Asked) -> str:
    built = on.build("RUN true", source_date_epoch=1_000_000_000)
    of_2001 = "2001-09-09T01:46:40"
    return _refused_or(on, built.error, lambda: str(on.inspected()["Created"]).startswith(of_2001))


@check(
    SECTION,
    '`cache_to="inline"`',
    "yes",
    {PODMANS: NEEDS_BUILDKIT.format("cache_to")},
)
def cache_to(on: Asked) -> str:
    built = on.build("RUN true", cache_to="inline")
    return _refused_or(on, built.error, lambda: built.image)


@check(
    SECTION,
    "`cache_from`, in buildx's form too",
    "yes",
    {PODMANS: "refused: `cache_from` cannot be an image, only a repository without a tag."},
)
def cache_from(on: Asked) -> str:
    built = on.build("RUN true", cache_from=f"type=registry,ref={on.registry.one}")
    answer = _refused_or(on, built.error, lambda: built.image)
    return answer.replace(f"the image {on.registry.one}", "an image")


@check(
    SECTION,
    "A Git repository as the context: the engine fetches it",
    "yes",
    {
        PODMANS: "refused: A Git repository as the build context requires BuildKit, "
        "which this engine does not have."
    },
)
def git_context(on: Asked) -> str:
    error = on.build_remote(f"http://{on.nobody}/x.git").error
    refused = error if " requires " in str(error) else None
    return _refused_or(on, refused, lambda: on.nobody in str(error))


@check(SECTION, "`secrets`", "yes", {PODMANS: NEEDS_BUILDKIT.format("secrets")})
def secrets(on: Asked) -> str:
    word = "RUN --mount=type=secret,id=word test $(cat /run/secrets/word) = swordfish"
    built = on.build(word, secrets={"word": b"swordfish"})
    return _refused_or(on, built.error, lambda: built.image)


@check(
    SECTION,
    "A secret that was not passed",
    "yes",
    {PODMANS: NEEDS_BUILDKIT.format("secrets")},
)
def missing_secret(on: Asked) -> str:
    line = "RUN --mount=type=secret,id=word,required=true true"
    error = on.build(line, secrets={"other": b"x"}).error
    refused = error if " requires " in str(error) else None
    return _refused_or(
        on, refused, lambda: "word" in str(error) and "secrets=" in getattr(error, "hint", "")
    )


def _found(on: Asked, command: str, **options: Any) -> str:
    """Return whether a command succeeds in a step with these options, and fails without."""
    with_it = on.build(f"RUN {command}", tag=TAG, **options)
    return _refused_or(on, with_it.error, lambda: on.build(f"RUN {command}").error)
