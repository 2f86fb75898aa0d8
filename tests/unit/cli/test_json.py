"""`--json`: standard output is a recording, and nothing else."""

from pathlib import Path

import pytest

from imagewidget.cli.main import run
from imagewidget.displays import recording
from imagewidget.progress.events import Failed, Finished
from tests.unit.cli.engine import Engine


def test_the_events_can_be_replayed(engine: Engine, tmp_path: Path) -> None:
    with engine.start("pull", "owner/env:1", "--json") as process:
        assert process.end() == 0
    assert not process.err
    file = tmp_path / "run.jsonl"
    file.write_text(process.out)
    assert isinstance(recording.read(file)[-1][1], Finished)
    with engine.start("replay", str(file), "--speed", "inf", "--json") as again:
        assert again.end() == 0
    assert again.out == process.out


def test_a_failure_is_an_event_and_an_error(
    engine: Engine, broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.build = engine.script(*[each for each in engine.build.messages if each])
    engine.greeting = None
    words = ["--engine", f"unix://{engine.path}", "build", str(broken), "--builder", "classic"]
    assert run([*words, "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("✗ `RUN cat /nowhere` failed with exit code 1.\n  → ")
    file = tmp_path / "run.jsonl"
    file.write_text(shown.out)
    assert isinstance(recording.read(file)[-1][1], Failed)
    assert run(["replay", str(file), "--speed", "inf", "--quiet"]) == 1
    assert capsys.readouterr().err == f"cat: /nowhere: No such file\n{shown.err}"
