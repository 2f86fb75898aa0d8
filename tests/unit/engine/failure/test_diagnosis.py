"""The end of a log becomes one sentence about the cause, and what to do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.engine.failure.diagnosis import RULES, diagnose
from imagewidget.engine.failure.diagnosis.rule import Rule
from imagewidget.engine.failure.errors import BuildFailed, DockerError
from imagewidget.engine.failure.log_tail import TAIL_LINES
from imagewidget.engine.failure.rules import RULES as MESSAGES
from tests.unit.effort import bounded

FAILURES = Path(__file__).parents[3] / "fixtures" / "failures"


def read(name: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the rule, a part of its sentence, and the lines of each log in a file."""
    text = (FAILURES / f"{name}.txt").read_text(encoding="utf-8")
    for log in text.split("\n== ")[1:]:
        head, *lines = log.rstrip("\n").split("\n")
        rule, part = head.split(" | ")
        yield rule, part, lines


LOGS = [*read("public")]


@pytest.mark.parametrize(("name", "part", "log"), LOGS, ids=[each[0] for each in LOGS])
def test_a_log_has_its_cause(name: str, part: str, log: list[str]) -> None:
    found = diagnose(["Collecting x", *log])
    assert found is not None
    assert found.name == name, found
    assert part in found.summary
    assert not re.search(r"\{\w+\}", found.summary + found.advice), found
    assert found.because


def test_every_rule_has_a_log() -> None:
    assert {rule.name for rule in RULES} - {log[0] for log in LOGS} == {
        "apt-not-fetched",
        "pip-conflict-deep",
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_words_of_a_rule_fit_around_a_sentence(rule: Rule) -> None:
    assert not rule.summary.endswith(".")
    assert rule.advice.endswith(".")
    assert rule.advice[0].isupper()


@pytest.mark.parametrize(
    "hint", [*(rule.advice for rule in RULES), *(rule.hint or "" for rule in MESSAGES)]
)
def test_a_hint_has_nothing_that_looks_like_a_login(hint: str) -> None:
    """What looks like one is removed from every error."""
    assert DockerError("x", hint=hint).hint == hint


def test_a_login_in_the_line_is_not_in_the_error() -> None:
    found = diagnose(["ERROR: HTTP error 403 while getting https://me:s3cret@pypi.corp/x.whl"])
    assert found is not None
    assert "s3cret" in found.because
    assert "s3cret" not in repr(BuildFailed("x", diagnosis=found).info())


def test_an_unknown_log_has_no_cause() -> None:
    assert diagnose([]) is None
    assert diagnose(["3 failed, 5 passed in 0.12s"]) is None


OUTPUT = sorted((FAILURES.parent / "output").glob("*.txt"))


@pytest.mark.parametrize("path", OUTPUT, ids=lambda path: path.stem)
def test_what_went_well_has_no_cause(path: Path) -> None:
    """Wherever the log of a step that ended well is cut off, nothing in it is a cause."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for end in range(1, len(lines) + 1):
        assert diagnose(lines[max(0, end - TAIL_LINES) : end]) is None


@pytest.mark.parametrize("part", ["a", " ", "error: ", "No module named ", "E: x ", "(from ", "'/"])
def test_a_log_of_any_kind_is_read_in_linear_time(part: str) -> None:
    with bounded(60):
        diagnose([part * (16_384 // len(part))] * 30)
