"""A test is skipped only with a reason, and never in the gate."""

import re
from pathlib import Path

import pytest

from tests import left_out

TESTS = Path(left_out.__file__).parent


def test_a_test_that_cannot_run_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(left_out.NOTHING, raising=False)

    with pytest.raises(pytest.skip.Exception, match="left out: an engine: needs root"):
        left_out.leave_out("an engine", "needs root")


def test_in_the_gate_a_test_that_cannot_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(left_out.NOTHING, "1")

    with pytest.raises(pytest.fail.Exception, match="left out: an engine: needs root"):
        left_out.leave_out("an engine", "needs root")


def test_the_gate_allows_no_skipped_tests() -> None:
    assert f"{left_out.NOTHING}=1" in (TESTS.parent / ".ci/run").read_text(encoding="utf-8")


def test_every_skip_goes_through_leave_out() -> None:
    direct_skip = re.compile(r"pytest\.skip\(|importorskip\(")
    found = [
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("*.py")
        if path not in (Path(left_out.__file__), Path(__file__))
        and direct_skip.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
