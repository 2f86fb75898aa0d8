"""What stays on a terminal."""

from pathlib import Path

from tests.unit.cli.engine import IMAGE, Engine
from tests.unit.cli.screen import Screen
from tests.unit.cli.test_pipe import BUILD

PULLED = [
    "Status: Downloaded newer image for owner/env:1",
    "✓ owner/env:1 · abababababab · 240 MB · from docker.io in TIME",
    IMAGE,
]


def test_a_pull_leaves_its_log_and_its_ending(pulled: Engine) -> None:
    with pulled.start("pull", "owner/env:1", in_terminal=True) as process:
        assert process.end() == 0
    assert process.screen == PULLED


def test_a_failing_build_leaves_its_log_and_its_ending(engine: Engine, broken: Path) -> None:
    with engine.start("build", str(broken), *BUILD, in_terminal=True) as process:
        assert process.end() == 1
    assert process.screen == [
        "Step 1/2 : FROM scratch",
        "Step 2/2 : RUN cat /nowhere",
        "cat: /nowhere: No such file",
        "✗ `RUN cat /nowhere` failed with exit code 1.",
        "  → See the last lines of its log for the cause.",
        "       1 │ FROM scratch",
        "  >    2 │ RUN cat /nowhere",
    ]


def test_bars_move_until_ctrl_c_cancels_the_pull(pulled: Engine) -> None:
    pulled.pulls = [pulled.script(*list(pulled.pulls[0].messages)[:2], ending="hang")]
    with pulled.start("pull", "owner/env:1", in_terminal=True) as process:
        process.wait_for("aaaaaaaaaaaa ━━━━━━━━━━━━━━╺━━━━━━━━━━━━━ downloading 5.00 / 10.0 MB")
        moving = process.screen
        process.press("\x03")
        assert process.end() == 130
    assert moving == [
        "owner/env:1 · docker.io",
        "━━━━━━━━━━╸━━━━━━━━━━━━━━━━━ pulling · 5.00 / 10.0 MB · TIME",
        "aaaaaaaaaaaa ━━━━━━━━━━━━━━╺━━━━━━━━━━━━━ downloading 5.00 / 10.0 MB",
    ]
    assert process.screen[-1] == "■ cancelled after TIME"
    assert Screen().feed(process.out).has_cursor
    assert pulled.hung_up.wait(60)


def test_plain_lines_on_a_terminal(pulled: Engine) -> None:
    with pulled.start("pull", "owner/env:1", "--plain", in_terminal=True) as process:
        assert process.end() == 0
    assert "\x1b" not in process.out
    assert process.screen == [
        "pull owner/env:1",
        "aaaaaaaaaaaa: downloading 10.0 MB",
        "aaaaaaaaaaaa: done 10.0 MB",
        *PULLED,
    ]


def test_a_hostile_engine_cannot_control_the_terminal(engine: Engine) -> None:
    """The screen refuses every control that is not the command's own."""
    evil = "\x1b]0;title\x07\x1b[2J\x9b3J"
    engine.images["docker.io/owner/env:1"]["Id"] = f"sha256:{evil}"
    engine.pulls = [
        engine.script(
            {"status": f"Pulling{evil} from owner/env", "id": f"a{evil}"},
            {"status": "Pulling fs layer", "progressDetail": {}, "id": evil},
            {"errorDetail": {"message": f"no{evil}"}, "error": f"no{evil}"},
        )
    ]
    for mode in ((), ("--plain",), ("--quiet",), ("--json",)):
        words = ("pull", "owner/env:1", "--attempts", "1", *mode)
        with engine.start(*words, in_terminal=True) as process:
            assert process.end() == 1
        assert "no" in process.screen[-1]
        assert "\x9b" not in process.out
