"""Each engine answers each question of `docs/engines.md` as expected."""

from pathlib import Path

import pytest

from tests.engine.answers.check import Asked, Check
from tests.engine.answers.table import CHECKS
from tests.rig.engine import Engine
from tests.rig.registry import PrivateRegistry, Registry
from tests.rig.rig import Rig


@pytest.fixture
def asked(
    engine: Engine,
    registry: Registry,
    basic_auth_registry: PrivateRegistry,
    rig: Rig,
    tmp_path: Path,
) -> Asked:
    """The engine, with all that a question needs."""
    context = tmp_path / "context"
    context.mkdir()
    return Asked(engine, registry, context, rig.nobody, basic_auth_registry.one)


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("question", CHECKS, ids=lambda each: each.name)
def test_the_answer_is_the_expected_one(asked: Asked, question: Check) -> None:
    assert question.ask(asked) == question.expected[asked.engine.role]
