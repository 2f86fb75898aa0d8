"""The lines of a Dockerfile that a step or an error message refers to."""

import pytest

from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.dockerfile.place import (
    Lines,
    from_line,
    instruction_of,
    lines_of,
    naming,
)
from tests.unit.effort import bounded

DOCKERFILE = read_dockerfile("FROM x AS one\nRUN make \\\n  # why\n  all\nRUN make all\n")


@pytest.mark.parametrize(
    ("line", "expected"), [(0, None), (1, Lines(1, 1)), (3, Lines(3, 4)), (99, Lines(99, 99))]
)
def test_the_lines_of_an_error_extend_to_the_end_of_the_instruction(
    line: int, expected: Lines | None
) -> None:
    assert from_line(line, DOCKERFILE) == expected


def test_lines_are_shown_with_those_around_them() -> None:
    shown = lines_of(Lines(3, 4), DOCKERFILE)
    assert [(one.number, one.is_failing) for one in shown] == [
        (1, False),
        (2, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    assert lines_of(None, DOCKERFILE) == ()


@pytest.mark.parametrize(
    ("stage", "number", "count", "line"),
    [
        ("one", 2, 3, 2),
        ("one", 3, 3, 5),
        ("linux/amd64 one", 3, 3, 5),
        ("", None, None, 2),
        ("one", 9, 9, 5),
    ],
)
def test_a_step_is_found_by_its_number_or_else_by_its_name(
    stage: str, number: int | None, count: int | None, line: int
) -> None:
    found = instruction_of("RUN make all", DOCKERFILE, stage=stage, number=number, count=count)
    assert found is not None
    assert found.line == line


ONBUILD = """FROM base AS a
ONBUILD RUN false
FROM a
RUN echo hi
FROM other
RUN echo hi
RUN false
"""


@pytest.mark.parametrize(
    ("stage", "name", "number", "count", "line"),
    [
        ("stage-1", "RUN false", 1, 2, 3),
        ("stage-1", "ONBUILD RUN false", 1, 2, 3),
        ("stage-1", "RUN echo hi", 2, 2, 4),
        ("stage-2", "FROM docker.io/library/other", 1, 4, 5),
        ("stage-2", "RUN false", 2, 4, 5),
        ("stage-2", "RUN false", 4, 4, 7),
    ],
)
def test_a_trigger_is_where_buildkit_says(
    stage: str, name: str, number: int, count: int, line: int
) -> None:
    dockerfile = read_dockerfile(ONBUILD)
    found = instruction_of(name, dockerfile, stage=stage, number=number, count=count)
    assert found is not None
    assert found.line == line


# A value that is too long for a name is not looked at any further.
DOUBLED = "ARG A0=1\n" + "".join(f"ARG A{n + 1}=$A{n}$A{n}\n" for n in range(12))


@pytest.mark.parametrize(
    ("image", "text", "line"),
    [
        ("docker.io/library/x:3-amd64", "FROM y\nFROM x:3-${TARGETARCH}\n", 2),
        ("docker.io/library/x:3-amd64", "ARG V=3\nFROM x:$V-$TARGETARCH\nFROM x:4-$A\n", 2),
        ("docker.io/library/x:4", "ARG V\nFROM x:${V:-4}\n", 2),
        ("docker.io/library/x", "FROM y\nRUN --mount=from=x true\n", 2),
        ("docker.io/library/x", "FROM x$A\nFROM $A\n", None),
        ("docker.io/library/z", "FROM x$A\n", None),
        ("docker.io/library/z", f"{DOUBLED}FROM $A12\n", 14),
    ],
)
def test_the_instruction_that_needs_an_image_is_found(
    image: str, text: str, line: int | None
) -> None:
    found = naming(image, read_dockerfile(text), {})
    assert (found.line if found else None) == line


@pytest.mark.parametrize(
    "text",
    [
        'FROM "a"\nFROM ' + "${X}a" * 7 + "b\n",
        "FROM " + "${a:-" * 8_000,
    ],
    ids=range(2),
)
def test_finding_it_takes_time_in_proportion_to_the_text(text: str) -> None:
    dockerfile = read_dockerfile(text)
    with bounded(30):
        naming("docker.io/library/" + "a" * 60, dockerfile, {})
