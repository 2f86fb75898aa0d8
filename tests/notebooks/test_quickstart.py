"""`make demo` where there is no engine and none can be started."""

import shutil
import sys

import pytest

from tests.notebooks import quickstart


def test_without_an_engine_the_demo_ends_with_the_words_already_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Root on Debian could start an engine; what it asks for one is replaced by what fails at once.
    monkeypatch.setattr(sys, "executable", shutil.which("false"))

    with pytest.raises(SystemExit) as ended:
        quickstart.main()

    assert ended.value.code == 1
    assert capfd.readouterr() == ("", "")
