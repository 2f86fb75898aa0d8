"""The outline of a Dockerfile: stages, steps and their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.dockerfile.heredocs import heredocs_in
from imagewidget.progress.events import SourceLine
from tests.unit.effort import bounded

TEXT = """\
# syntax=docker/dockerfile:1.7
# escape=\\

ARG BASE=debian
FROM --platform=linux/amd64 ${BASE} AS Build
# a comment
RUN apt-get update && \\
    # a comment inside
    apt-get install -y \\

    python3
COPY <<EOF /etc/config
FROM nowhere
EOF
RUN <<-'SCRIPT' bash -e
\techo one
\tSCRIPT
from build
RUN pip install numpy
run pip install pandas
"""


def test_instructions_have_numbers_and_lines() -> None:
    found = [
        (one.number, one.keyword, one.line, one.last_line)
        for one in read_dockerfile(TEXT).instructions
    ]
    assert found == [
        (1, "ARG", 4, 4),
        (2, "FROM", 5, 5),
        (3, "RUN", 7, 11),
        (4, "COPY", 12, 14),
        (5, "RUN", 15, 17),
        (6, "FROM", 18, 18),
        (7, "RUN", 19, 19),
        (8, "RUN", 20, 20),
    ]


def test_a_continued_instruction_becomes_one_line_without_comments() -> None:
    step = read_dockerfile(TEXT).step(3)
    assert step is not None
    assert step.text == "RUN apt-get update && apt-get install -y python3"


def test_stages_are_labelled_by_name_or_number() -> None:
    dockerfile = read_dockerfile(TEXT)
    assert [(stage.label, stage.base) for stage in dockerfile.stages] == [
        ("Build", "${BASE}"),
        ("stage-1", "build"),
    ]
    last = dockerfile.step(8)
    assert last is not None
    assert dockerfile.stage_of(last) == dockerfile.stages[1]
    first = dockerfile.step(1)
    assert first is not None
    assert dockerfile.stage_of(first) is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Build", 0),
        ("build", 0),
        ("0", 0),
        ("1", 1),
        ("001", 1),
        ("2", None),
        ("9" * 5_000, None),
        ("\N{ARABIC-INDIC DIGIT ONE}", None),
        ("test", None),
    ],
)
def test_a_stage_is_found_by_its_name_in_any_case_or_by_its_index(
    target: str, expected: int | None
) -> None:
    assert read_dockerfile(TEXT).stage_called(target) == expected


def test_the_last_of_two_stages_with_the_same_name_is_found() -> None:
    dockerfile = read_dockerfile("FROM a AS x\nFROM b AS x\nFROM x\n")
    assert dockerfile.stage_called("x") == 1
    assert dockerfile.stage_called("x", before=1) == 0
    assert dockerfile.stage_called("2", before=2) is None


def test_directives_count_only_at_the_top() -> None:
    assert read_dockerfile(TEXT).syntax == "docker/dockerfile:1.7"
    assert read_dockerfile("# a comment\n# syntax=x/y\nFROM z").syntax is None
    assert read_dockerfile("#syntax = x/y\nFROM z").syntax == "x/y"
    assert read_dockerfile("#!/usr/bin/env x\n# syntax=x/y\nFROM z").syntax == "x/y"


def test_another_escape_character_continues_lines() -> None:
    dockerfile = read_dockerfile("# escape=`\nFROM x\nRUN dir c:\\ `\n  && echo\nRUN b")
    assert [one.line for one in dockerfile.instructions] == [2, 3, 5]
    assert dockerfile.instructions[1].text == "RUN dir c:\\ && echo"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (" # escape=`\nFROM x\nRUN a `\n  b", [2, 3]),
        ("#!/bin/x\n# escape=`\nFROM x\nRUN a `\nRUN b", [3, 4, 5]),
        ("#!/bin/x\n# escape=`\nFROM x\nRUN a \\\n  b", [3, 4]),
        ("# a comment\n# escape=`\nFROM x\nRUN a `\nRUN b", [3, 4, 5]),
    ],
)
def test_an_escape_character_is_chosen_before_any_comment(text: str, lines: list[int]) -> None:
    assert [one.line for one in read_dockerfile(text).instructions] == lines


def test_a_shift_operator_or_an_unclosed_heredoc_hides_no_instruction() -> None:
    assert len(read_dockerfile("FROM x\nRUN echo $((1 << 2))\nRUN b").instructions) == 3
    assert len(read_dockerfile("FROM x\nRUN cat <<EOF\nRUN b").instructions) == 3
    assert len(read_dockerfile("FROM x\nENV A=<<EOF\nRUN b\nEOF").instructions) == 4


def test_one_instruction_may_have_two_heredocs() -> None:
    dockerfile = read_dockerfile("FROM x\nCOPY <<A <<B /to/\none\nA\ntwo\nB\nRUN c")
    assert [one.line for one in dockerfile.instructions] == [1, 2, 7]


@pytest.mark.parametrize(
    ("name", "stage", "line"),
    [
        ("RUN pip install numpy", "", 19),
        ("RUN pip install pandas", "stage-1", 20),
        ("RUN apt-get update &&     apt-get install -y     python3", "Build", 7),
        ("FROM docker.io/library/debian@sha256:1", "Build", 5),
        ("COPY <<EOF /etc/config", "Build", 12),
        ("RUN <<-'SCRIPT' bash -e", "build", 15),
        ("RUN something else entirely, of no likeness", "", None),
        ("", "", None),
    ],
)
def test_an_instruction_is_found_by_the_builders_name_for_its_step(
    name: str, stage: str, line: int | None
) -> None:
    found = read_dockerfile(TEXT).find(name, stage=stage)
    assert (found.line if found else None) == line


def test_expanded_variables_do_not_hide_a_step() -> None:
    dockerfile = read_dockerfile("FROM x\nARG V\nCOPY a-$V /usr/src/app/a\nCOPY b /usr/src/app/b\n")
    found = dockerfile.find("COPY a-1.2 /usr/src/app/a")
    assert found is not None
    assert found.line == 3


def test_source_lines_include_the_lines_around_a_step() -> None:
    lines = read_dockerfile("FROM a\nRUN b\nRUN c \\\n d\nRUN e\nRUN f").source_lines(
        3, around=1, last=4
    )
    assert lines == (
        SourceLine(2, "RUN b"),
        SourceLine(3, "RUN c \\", is_failing=True),
        SourceLine(4, " d", is_failing=True),
        SourceLine(5, "RUN e"),
    )
    assert read_dockerfile("FROM a").source_lines(1) == (SourceLine(1, "FROM a", is_failing=True),)
    assert read_dockerfile("FROM a").source_lines(9) == ()


@given(st.text("FROMRUNCOPY <EOF\\\n#=-'\"`\t$", max_size=200))
def test_any_text_is_accepted(text: str) -> None:
    dockerfile = read_dockerfile(text)
    for one in dockerfile.instructions:
        assert 1 <= one.line <= one.last_line <= len(text.splitlines())
    dockerfile.find(text)


@pytest.mark.parametrize("separator", ["\f", "\v", "\x85", "\u2028", "\u2029", "\r", "\x1c"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    dockerfile = read_dockerfile(f"FROM x\r\nRUN a{separator}RUN b\nRUN c")
    assert [one.line for one in dockerfile.instructions] == [1, 2, 3]
    assert [one.number for one in dockerfile.source_lines(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("RUN <<my-app.py", ["my-app.py"]),
        ("RUN <<'A B' cat", ["A B"]),
        ('RUN <<"EOF"', ["EOF"]),
        ("RUN <<E\\OF", ["EOF"]),
        ("RUN cat <<-EOF 3<<1", ["EOF", "1"]),
        ("COPY <<$A <<${B:-c} /to/", ["$A", "${B:-c}"]),
        ("ONBUILD RUN <<EOF", ["EOF"]),
        ("run <<EOF", ["EOF"]),
        ('RUN echo "<<EOF"', []),
        ("RUN echo '<<EOF'", []),
        ("RUN echo \\<<EOF", []),
        ("RUN a<<EOF", []),
        ("RUN cat <<<EOF", []),
        ('RUN ["cat", "<<EOF"]', []),
        ('RUN --mount=type=tmpfs,target=/t ["cat", "<<EOF"]', []),
        ('RUN ["cat", 1] <<EOF', ["EOF"]),
        ('RUN echo " <<EOF', []),
        ("RUN echo ${ <<EOF", []),
        ("ENV A=<<EOF", []),
        ("RUN <<''", []),
        ("RUN " + "${A:-" * 1000 + " <<EOF", []),
    ],
)
def test_a_heredoc_is_recognised_as_by_buildkit(line: str, ends: list[str]) -> None:
    assert [one.end for one in heredocs_in(line)] == ends


def test_lines_of_a_heredoc_are_not_instructions() -> None:
    dockerfile = read_dockerfile(
        "FROM x\nRUN <<my-app.py\nRUN no\nmy-app.py\nRUN echo '<<A'\nRUN c\nA"
    )
    assert [(one.line, one.has_heredoc) for one in dockerfile.instructions] == [
        (1, False),
        (2, True),
        (5, False),
        (6, False),
        (7, False),
    ]
    unended = read_dockerfile("FROM x\nRUN cat <<EOF\nRUN b").instructions[1]
    assert unended.is_unterminated


def test_an_escaped_escape_character_continues_no_line() -> None:
    dockerfile = read_dockerfile("FROM x\nRUN a \\\\\nRUN b\\\nc \\ \t\n d")
    assert [(one.line, one.text) for one in dockerfile.instructions][1:] == [
        (2, "RUN a \\\\"),
        (3, "RUN bc d"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "FROM x\n" + "RUN cat <<EOF\n" * 4_000,
        "FROM x\n" + "RUN cat <<A <<B\n" * 4_000 + "A\n",
        "FROM x\nRUN " + "<<A " * 20_000,
        "FROM x\nRUN " + "<" * 60_000,
        "FROM x\nRUN <<" + " " * 60_000 + "<",
        "FROM x\nRUN << " + "$" * 60_000,
        "FROM x\nRUN << " + "'" * 59_999,
        "FROM x\nRUN " + "--a " * 20_000 + "<<E",
        "FROM x\nRUN " + "\\ " * 40_000 + "x",
        "FROM " + "--a " * 20_000,
        "FROM x" + " " * 60_000 + "y z",
        "#a=" + " x" * 40_000 + "\nFROM x",
        "# syntax =" + " " * 60_000 + "\x00\nFROM x",
    ],
    ids=range(13),
)
def test_reading_takes_time_in_proportion_to_the_text(text: str) -> None:
    with bounded(300):
        read_dockerfile(text)


def test_finding_takes_time_in_proportion_to_the_text() -> None:
    runs = [f"RUN {letter} " + "echo $A && " * 1_500 for letter in "abcdefg"]
    dockerfile = read_dockerfile("FROM x\n" + "\n".join(runs) + "\n")
    with bounded(150):
        for text in runs:
            found = dockerfile.find(text.replace("$A", "something else"))
            assert found is not None
            assert found.text.startswith(text[:8])
            dockerfile.find(text.replace("echo", "print"))


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("#!/bin/x\n# syntax=a/b x y\nz", "a/b"),
        ("//syntax=a/b\nz", "a/b"),
        ("#!/bin/x\n// check=skip=all\n// Syntax = a/b\nz", "a/b"),
        ('{"syntax": "a/b", "more": [1]}', "a/b"),
        ('#!/bin/x\n{\n"syntax": "a/b"}\n', "a/b"),
        ('{"syntax": 1}', None),
        (" # syntax=a/b\nFROM x", None),
        ("# check=skip=all\n\t# syntax=a/b\nFROM x", None),
        ("#!/bin/x\n #syntax=a/b\nFROM x", None),
        ('[{"syntax": "a/b"}]', None),
        ("{" * 100_000, None),
        ("[" * 100_000, None),
        ("FROM x\n//syntax=a/b", None),
        ("// a comment\n//syntax=a/b", None),
    ],
)
def test_another_frontend_is_detected_in_every_form(text: str, syntax: str | None) -> None:
    dockerfile = read_dockerfile(text)
    assert dockerfile.syntax == syntax
    assert dockerfile.is_for_own_frontend is (syntax is None)
