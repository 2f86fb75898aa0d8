"""Which paths a Dockerfile is certain to copy."""

import pytest

from imagewidget.engine.dockerfile.copies import copied_paths
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from tests.unit.effort import bounded


def copied(text: str, target: str | None = None) -> list[str]:
    return list(copied_paths(read_dockerfile(text), target))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY a b /to/", ["a", "b"]),
        ("copy a /", ["a"]),
        ("ADD a.tar /", ["a.tar"]),
        ('COPY ["with blank", "b", "/to/"]', ["with blank", "b"]),
        ("COPY --chown=1:1 --link a \\\n  b /to/", ["a", "b"]),
        ("COPY . .", ["."]),
        ("ADD https://example.invalid/x git@example.invalid:y z /", ["z"]),
        ("COPY --from=image a /", []),
        ("COPY --exclude=*.txt a /", []),
        ("COPY $WHAT /", []),
        ('COPY "a b" /', []),
        ("COPY [a, b] /", []),
        ("COPY <<EOF /x\nCOPY a /\nEOF", []),
        ("COPY", []),
        ("RUN cp a b", []),
        ("ONBUILD COPY a /", []),
    ],
)
def test_paths_that_are_certain_to_be_copied(line: str, expected: list[str]) -> None:
    assert copied(f"FROM scratch\n{line}\n") == expected


STAGES = """
FROM a AS base
COPY base /
FROM Base AS tools
COPY tools /
FROM b AS unused
COPY unused /
FROM c AS mounted
COPY mounted /
FROM d
COPY --from=tools /x /
RUN --mount=type=bind,from=mounted,target=/m true
COPY last /
"""


def test_only_stages_that_the_target_needs_count() -> None:
    assert copied(STAGES) == ["base", "tools", "mounted", "last"]
    assert copied(STAGES, "tools") == ["base", "tools"]
    assert copied(STAGES, "2") == ["unused"]
    assert copied(STAGES, "no-such") == []


def test_an_index_that_no_file_has_is_skipped() -> None:
    assert copied(f"FROM a\nCOPY --from={'9' * 5_000} x /\nCOPY y /\n") == ["y"]


CHAIN = "".join(f"FROM s{number} AS s{number + 1}\nRUN x\n" for number in range(4_000))


@pytest.mark.parametrize(
    "text",
    [
        "FROM x\nRUN " + "--mount=" * 8_000,
        "FROM x\nRUN " + "--mount=type=bind,fro " * 10_000,
        "FROM x\nCOPY " + "--link " * 40_000 + "a /",
        CHAIN,
    ],
    ids=range(4),
)
def test_finding_them_takes_time_in_proportion_to_the_text(text: str) -> None:
    dockerfile = read_dockerfile(text)
    with bounded(20):
        list(copied_paths(dockerfile))


def test_a_stage_with_the_name_of_its_base_image_does_not_refer_to_itself() -> None:
    assert copied("FROM python AS python\nCOPY a /\n") == ["a"]


def test_a_dockerfile_for_another_frontend_is_skipped() -> None:
    assert copied("# syntax=example/own\nFROM x\nCOPY a /\n") == []
    assert copied("# syntax=docker/dockerfile:1.7\nFROM x\nCOPY a /\n") == ["a"]
