"""What the command writes into pipes, word for word, and its exit code."""

import shlex
from pathlib import Path

import pytest

from tests.scripted import refusal
from tests.unit.cli.engine import IMAGE, Engine
from tests.unit.cli.process import IMAGEWIDGET, Process, timeless


def test_a_pull(pulled: Engine) -> None:
    with pulled.start("pull", "owner/env:1") as process:
        assert process.end() == 0
    assert timeless(process.err).splitlines() == [
        "pull owner/env:1",
        "aaaaaaaaaaaa: downloading 10.0 MB",
        "aaaaaaaaaaaa: done 10.0 MB",
        "Status: Downloaded newer image for owner/env:1",
        "✓ owner/env:1 · abababababab · 240 MB · from docker.io in TIME",
    ]
    assert process.out == f"{IMAGE}\n"


BUILD = ["--tag", "env:1", "--builder", "classic", "--network", "none"]


def test_a_failing_build(engine: Engine, broken: Path) -> None:
    with engine.start("build", str(broken), *BUILD) as process:
        assert process.end() == 1
    lines = timeless(process.err).splitlines()
    # Whether this step is seen before it is done depends on the machine.
    assert [line for line in lines if line != "send build context"] == [
        "build env:1",
        "send build context … done TIME",
        "[1/2] FROM scratch",
        "Step 1/2 : FROM scratch",
        "[1/2] FROM scratch … done TIME",
        "[2/2] RUN cat /nowhere",
        "Step 2/2 : RUN cat /nowhere",
        "cat: /nowhere: No such file",
        "[2/2] RUN cat /nowhere … failed TIME",
        "✗ `RUN cat /nowhere` failed with exit code 1.",
        "  → See the last lines of its log for the cause.",
        "       1 │ FROM scratch",
        "  >    2 │ RUN cat /nowhere",
    ]
    assert not process.out


def test_quiet_leaves_only_the_result(engine: Engine) -> None:
    with engine.start("pull", "owner/env:1", "--quiet") as process:
        assert process.end() == 0
    assert (process.out, process.err) == (f"{IMAGE}\n", "")


def test_quiet_still_shows_an_error_once(engine: Engine) -> None:
    engine.pulls = [refusal(404, "manifest for nobody/none:1 not found")]
    with engine.start("pull", "nobody/none:1", "-q") as process:
        assert process.end() == 1
    assert process.err.splitlines() == [
        "✗ manifest for nobody/none:1 not found",
        "  → Check the name and tag; for a private image, run `docker login` first.",
    ]
    assert not process.out


def test_quiet_shows_the_log_of_the_step_that_fails(engine: Engine, broken: Path) -> None:
    engine.process, quiet = None, [str(broken), *BUILD, "--quiet"]
    with Process(
        [*IMAGEWIDGET, "--engine", f"unix://{engine.path}", "build", *quiet], broken
    ) as it:
        assert it.end() == 1
    lines = it.err.splitlines()
    assert lines[-5:] == [
        "cat: /nowhere: No such file",
        "✗ `RUN cat /nowhere` failed with exit code 1.",
        "  → See the last lines of its log for the cause.",
        "       1 │ FROM scratch",
        "  >    2 │ RUN cat /nowhere",
    ]
    assert "Step 1/2" not in it.err
    assert not it.out


@pytest.mark.parametrize(("reference", "code"), [("owner/env:1", 0), ("owner/env:2", 1)])
def test_exists_answers_with_its_exit_code(engine: Engine, reference: str, code: int) -> None:
    with engine.start("exists", reference) as process:
        assert process.end() == code
    assert (process.out, process.err) == ("", "")


def test_wrong_usage_ends_before_anything_starts(engine: Engine) -> None:
    with engine.start("pull", "Owner/Env:1") as process:
        assert process.end() == 2
    assert process.err.splitlines() == [
        "✗ Owner/Env:1 is not a valid image name: names must be in lower case.",
        "  → Did you mean `owner/env:1`?",
    ]
    assert not process.out
    assert not engine.asked


def test_an_unknown_verb_is_corrected(tmp_path: Path) -> None:
    with Process([*IMAGEWIDGET, "pul"], tmp_path) as process:
        assert process.end() == 2
    # Older versions of click suggest the short option.
    assert process.err.replace(" -h'", " --help'") == (
        "Usage: python -m imagewidget [OPTIONS] COMMAND [ARGS]...\n"
        "Try 'python -m imagewidget --help' for help.\n\n"
        "Error: No such command: pul. Did you mean pull?\n"
    )


def test_without_an_engine_nothing_is_pulled(tmp_path: Path) -> None:
    nobody = "unix:///no/such/engine.sock"
    with Process([*IMAGEWIDGET, "pull", "a/b:1", "--engine", nobody], tmp_path) as process:
        assert process.end() == 3
    lines = process.err.splitlines()
    assert lines[:2] == ["pull a/b:1", f"✗ There is no Docker engine at {nobody}."]
    assert lines[2].startswith("  → Check the path. ")
    assert lines[2].endswith(", or pass `--engine TARGET`.")
    assert len(lines) == 3


def test_a_closed_standard_output_is_not_an_error(engine: Engine, tmp_path: Path) -> None:
    command = f"{shlex.join(IMAGEWIDGET)} --engine unix://{engine.path} pull -q owner/env:1 >&-"
    with Process(["bash", "-c", command], tmp_path) as process:
        assert process.end() == 0
    assert (process.out, process.err) == ("", "")


def test_a_full_disk_is_an_error(engine: Engine, tmp_path: Path) -> None:
    words = f"--engine unix://{engine.path} pull owner/env:1 --json >/dev/full"
    with Process(["bash", "-c", f"{shlex.join(IMAGEWIDGET)} {words}"], tmp_path) as process:
        assert process.end() == 1
    assert process.err.splitlines()[-1] == (
        "✗ The output cannot be written: No space left on device."
    )
