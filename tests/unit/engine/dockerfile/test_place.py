"""The lines of a Dockerfile that a step or an error message refers to."""

import pytest

from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.dockerfile.place import Lines, from_line, instruction_of, lines_of

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
