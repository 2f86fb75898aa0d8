"""Wrong usage and missing engines: exit codes, and what was meant."""

import pytest

from imagewidget.cli.main import run
from tests.unit.cli.engine import Engine


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pull", "Owner/Env:1"], "✗ Owner/Env:1 is not a valid image name"),
        (["exists", ":"], "✗ : is not a valid image name"),
        (["build", "/no/such/folder"], "✗ There is no build context at `/no/such/folder`."),
        (["build", "-f", "/no/such/file"], "✗ There is no Dockerfile at `/no/such/file`."),
        (["build", "engine.sock"], "and a Dockerfile as `--file`.\n"),
        (["replay", "/no/such/file"], "✗ /no/such/file: No such file or directory.\n"),
        (["replay", "/dev/null"], "✗ /dev/null is not a recording: the file is empty.\n"),
        (["pull"], "Error: Missing argument 'REFERENCE'."),
        (["pull", "a", "--registries", "b"], "--registries. Did you mean --registry?\n"),
        (["build", "--progress=plain", "."], "No such option: --progress. Did you mean --plain?\n"),
        (["build", "--password", "x", "."], "Did you mean docker login?\n"),
        (["build", ".", "--json", "--plain"], "--json cannot be combined with --plain"),
        (["pul", "a"], "No such command: pul. Did you mean pull?\n"),
        (["image_exists", "a"], "No such command: image_exists. Did you mean exists?\n"),
        (["build", "--context", "x"], "--context. Did you mean CONTEXT or --engine?\n"),
        (["pull", "a", "--retry", "3"], "--retry. Did you mean --attempts?\n"),
        (["pull", "a", "--client", "x"], "--client. Did you mean --engine?\n"),
        (["exists", "a", "--json"], "No such option: --json.\n"),
        (["--context", "x", "pull", "a"], "--context. Did you mean --engine?\n"),
        ([], "Error: Missing command.\n"),
        (["frobnicate"], "No such command: frobnicate.\n"),
    ],
)  # fmt: skip
def test_wrong_usage_starts_nothing(
    engine: Engine,
    words: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(engine.path.parent)
    before = () if words[:1] == ["replay"] else ("--engine", f"unix://{engine.path}")
    assert run([*before, *words]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert not shown.out
    assert not engine.asked


def test_without_a_verb_the_help_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("Usage: ")
    assert " [OPTIONS] COMMAND [ARGS]...\n" in shown.err
    assert "Exit codes:" in shown.err
    assert not shown.out


@pytest.mark.parametrize("words", [["replay"], ["replay", "demo/done"], ["completion", "bash"]])
def test_an_engine_is_refused_where_none_is_used(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--engine", NOBODY, *words]) == 2
    shown = capsys.readouterr()
    assert shown.err.endswith(f"Error: {words[0]} needs no engine: leave out --engine.\n")
    assert not shown.out


NOBODY = "unix:///no/such/engine.sock"


@pytest.mark.parametrize(
    "words", [["pull", "a/b:1"], ["exists", "a/b:1"], ["build", "-q"], ["provision", "--json"]]
)
def test_without_an_engine_the_exit_code_is_3(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--engine", NOBODY]) == 3
    shown = capsys.readouterr().err
    assert shown.count(f"✗ There is no Docker engine at {NOBODY}.\n  → ") == 1
    assert "or pass `--engine TARGET`." in shown


def test_an_unknown_docker_context_is_not_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--engine", "nowhere", "exists", "a"]) == 3
    assert capsys.readouterr().err.startswith("✗ There is no docker context nowhere.\n  → ")
