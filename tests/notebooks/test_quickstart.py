"""`make demo` without an engine, where none can be started."""

import shutil
import sys

import pytest

from tests.notebooks import quickstart


def test_without_an_engine_the_demo_fails_and_prints_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Root on Debian could start an engine, so replace the command that starts it by `false`.
    monkeypatch.setattr(sys, "executable", shutil.which("false"))

    with pytest.raises(SystemExit) as ended:
        quickstart.main()

    assert ended.value.code == 1
    assert capfd.readouterr() == ("", "")
