"""`docs/engines.md` has the answers that the tests expect of each engine."""

from tests.engine.answers.document import BEGINS, PAGE, answers
from tests.engine.answers.table import CHECKS
from tests.rig.engines import KINDS


def test_the_page_has_the_expected_answers() -> None:
    page = PAGE.read_text(encoding="utf-8")
    versions, begins, _ = page.partition(BEGINS)
    assert begins, "run `make engines`"
    assert page.removeprefix(versions) == answers(CHECKS), "run `make engines`"
    assert all(f"| {role} | " in versions for role in KINDS)


def test_every_question_is_asked_once() -> None:
    assert len({each.question for each in CHECKS}) == len({each.name for each in CHECKS})
    assert len(CHECKS) >= 45
    assert all(each.expected.keys() == KINDS.keys() for each in CHECKS)
