"""Help and completion: quick, complete, and without docker-py."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

import imagewidget
from imagewidget.cli import exit_codes
from imagewidget.cli.commands import COMPLETION_VARIABLE
from imagewidget.cli.main import program, run
from tests.unit.cli.process import IMAGEWIDGET, Process, settings
from tests.unit.tree import PROJECT

LOADED = """
import json, sys
from imagewidget.cli.main import run
codes = [run([verb, "--help"]) for verb in ("pull", "build", "provision", "replay", "exists")]
print(json.dumps([codes, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def test_help_has_every_verb_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-h"]) == 0
    shown = capsys.readouterr().out
    for name in program().commands:
        assert f"\n  {name} " in shown
    for code, meaning in exit_codes.MEANINGS:
        assert f"  {code} " in shown
        assert meaning.split(";")[0] in shown


def test_help_cuts_nothing_and_has_no_names_of_types(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", *program().commands):
        assert run([*filter(None, [name]), "--help"]) == 0
        shown = capsys.readouterr().out
        assert not re.search(r"[^\]]\.\.\.\n|\b(FLOAT|INTEGER|TEXT|RANGE)\b", shown), shown
    assert run(["replay", "--help"]) == 0
    assert "--speed FACTOR " in capsys.readouterr().out


def test_help_needs_neither_docker_py_nor_a_display() -> None:
    command = [sys.executable, "-c", LOADED]
    ended = subprocess.run(command, env=settings(), capture_output=True, text=True, check=True)
    codes, loaded = json.loads(ended.stdout.splitlines()[-1])
    assert codes == [0] * 5
    assert not {"docker", "requests", "rich", "anywidget", "grpclib"} & set(loaded)


def test_the_usage_line_has_the_command_that_was_started(tmp_path: Path) -> None:
    module, _, name = PROJECT["project"]["scripts"]["imagewidget"].partition(":")
    script = tmp_path / "imagewidget"
    script.write_text(f"import sys\nfrom {module} import {name}\nsys.exit({name}())\n")
    for command, started in (
        ([sys.executable, script], "imagewidget"),
        (IMAGEWIDGET, "python -m imagewidget"),
    ):
        with Process([*command, "pull", "-h"], tmp_path) as process:
            assert process.end() == 0
        assert process.out.startswith(f"Usage: {started} pull [OPTIONS] REFERENCE\n")


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"imagewidget {imagewidget.__version__}\n"


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ([], "", ["build", "completion", "exists", "provision", "pull", "replay"]),
        ([], "pro", ["provision"]),
        (["build"], "--no", ["--no-cache"]),
        (["build"], "--build", ["--build-arg", "--builder"]),
        (["build", "--builder"], "b", ["buildkit"]),
        (["pull"], "--q", ["--quiet"]),
        (["completion"], "", ["bash", "zsh", "fish"]),
        (
            ["replay"],
            "demo/failed-",
            ["demo/failed-build", "demo/failed-classic", "demo/failed-pull", "demo/failed-"],
        ),
    ],
)
def test_words_are_completed(words: list[str], incomplete: str, expected: list[str]) -> None:
    shell = ShellComplete(program(), {}, "imagewidget", COMPLETION_VARIABLE)
    assert [each.value for each in shell.get_completions(words, incomplete)] == expected


def test_the_recordings_that_come_with_the_package_are_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["replay"]) == 0
    assert tuple(capsys.readouterr().out.splitlines()) == imagewidget.replay()


def test_an_option_of_replay_needs_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--speed=2", "--json"):
        assert run(["replay", option]) == exit_codes.USAGE
        assert "Missing argument 'RECORDING'." in capsys.readouterr().err


def test_bash_accepts_its_script() -> None:
    script = subprocess.run(
        [*IMAGEWIDGET, "completion", "bash"], env=settings(), capture_output=True, check=True
    ).stdout
    ended = subprocess.run(
        ["bash", "-c", 'eval "$(cat)"; complete -p imagewidget'],
        input=script, capture_output=True, check=True,
    )  # fmt: skip
    assert b" imagewidget" in ended.stdout
    assert not ended.stderr


def test_completion_needs_no_docker_py() -> None:
    code = (
        "import sys; from imagewidget.cli.main import run\ntry: run()\nfinally: print(*sys.modules)"
    )
    asking = {"COMP_WORDS": "imagewidget build --no", "COMP_CWORD": "2"}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**settings(), **asking, COMPLETION_VARIABLE: "bash_complete"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, modules = ended.stdout.split("\n", 1)
    assert first == "plain,--no-cache"
    assert "docker" not in modules.split()
