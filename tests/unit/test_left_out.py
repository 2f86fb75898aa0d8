"""Nothing is left out unsaid, and nothing at all where that is asked for."""

import re
from pathlib import Path

import pytest

from tests import left_out

TESTS = Path(left_out.__file__).parent


def test_what_cannot_run_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(left_out.NOTHING, raising=False)

    with pytest.raises(pytest.skip.Exception, match="left out: an engine: needs root"):
        left_out.leave_out("an engine", "needs root")


def test_in_the_gate_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(left_out.NOTHING, "1")

    with pytest.raises(pytest.fail.Exception, match="left out: an engine: needs root"):
        left_out.leave_out("an engine", "needs root")


def test_the_gate_leaves_nothing_out() -> None:
    assert f"{left_out.NOTHING}=1" in (TESTS.parent / ".ci/run").read_text(encoding="utf-8")


def test_no_test_skips_by_another_way() -> None:
    other_way = re.compile(r"pytest\.skip\(|importorskip\(")
    found = [
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("*.py")
        if path not in (Path(left_out.__file__), Path(__file__))
        and other_way.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
