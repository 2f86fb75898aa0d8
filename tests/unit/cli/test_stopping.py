"""Signals, and readers that go away, cancel the job in the engine and end the command quietly."""

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from imagewidget.cli.stopping import stop_on_signals
from tests.scripted import Answer
from tests.unit.cli.engine import Engine
from tests.unit.cli.process import IMAGEWIDGET, Process, timeless


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_pull_in_the_engine(pulled: Engine, number: int, code: int) -> None:
    pulled.pulls = [pulled.script(*list(pulled.pulls[0].messages)[:2], ending="hang")]
    with pulled.start("pull", "owner/env:1") as process:
        process.wait_for("downloading")
        process.signal(number)
        assert process.end() == code
    assert timeless(process.err).splitlines() == [
        "pull owner/env:1",
        "aaaaaaaaaaaa: downloading 10.0 MB",
        "aaaaaaaaaaaa: stopped 10.0 MB",
        "■ cancelled after TIME",
    ]
    assert not process.out
    assert pulled.hung_up.wait(60)


def test_a_signal_ends_a_paused_replay(engine: Engine) -> None:
    recording = engine.path.parent / "run.jsonl"
    with engine.start("pull", "owner/env:1", "--json") as process:
        process.end()
    recording.write_text(process.out)
    with engine.start("replay", str(recording), "--until", "0") as process:
        process.wait_for("pull")
        process.signal(signal.SIGINT)
        assert process.end() == 130


class Endless:
    """Messages without an end."""

    def __iter__(self) -> Iterator[Any]:
        for number in count():
            yield {"status": f"Waiting for {number}"}


@pytest.mark.parametrize(
    ("pipe", "first"),
    [
        ("--json | head -1", '[0.0, {"event": "Recording", "version": 1}]'),
        ("2>&1 >/dev/null | head -1", "pull owner/env:1"),
    ],
)
def test_a_reader_that_goes_away_ends_the_pull_quietly(
    engine: Engine, pipe: str, first: str
) -> None:
    engine.pulls = [Answer(Endless())]  # type: ignore[arg-type]
    engine.greeting = None
    command = f"{shlex.join(IMAGEWIDGET)} --engine unix://{engine.path} pull owner/env:1 {pipe}"
    with Process(["bash", "-c", f"set -o pipefail; {command}"], engine.path.parent) as process:
        assert process.end() == 141
    assert process.out.splitlines()[0].startswith(first)
    assert process.out.count("\n") == 1
    assert not process.err


STUCK = """if True:
    import sys, threading
    from imagewidget.cli import main, running

    class Stuck:
        def __init__(self, other): self.other = other
        def fileno(self): return 1
        def flush(self): pass
        def write(self, text):
            print("stuck", file=self.other, flush=True)
            threading.Event().wait()

    running.PATIENCE_SECONDS = 0.0
    sys.{stream} = Stuck(sys.{other})
    sys.exit(main.run({words}))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("stdout", ["demo/eighty-layers", "--until", "100", "--json"]),
        ("stdout", ["demo/done", "--speed", "inf", "--json"]),
        ("stderr", ["demo/eighty-layers", "--until", "100", "--plain"]),
        ("stderr", ["demo/failed-pull", "--speed", "inf", "--quiet"]),
    ],
)
def test_a_signal_ends_the_process_while_nobody_reads(
    tmp_path: Path, number: int, code: int, stream: str, words: list[str]
) -> None:
    other = "stderr" if stream == "stdout" else "stdout"
    script = STUCK.format(stream=stream, other=other, words=["replay", *words])
    with Process([sys.executable, "-c", script], tmp_path) as process:
        process.wait_for("stuck")
        process.signal(number)
        assert process.end() == code


def test_a_signal_ends_a_job_that_does_not_start(tmp_path: Path) -> None:
    fifo = tmp_path / "run.jsonl"
    os.mkfifo(fifo)
    with (
        Process([*IMAGEWIDGET, "replay", str(fifo)], tmp_path) as process,
        fifo.open("w"),  # which waits until it is opened for reading
    ):
        process.signal(signal.SIGTERM)
        assert process.end() == 143


def test_the_second_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    code = """if True:
        import signal
        from imagewidget.cli.stopping import stop_on_signals
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGTERM)
            print(stop.exit_code, flush=True)
            signal.raise_signal(signal.SIGINT)
            print("still here", flush=True)
    """
    with Process([sys.executable, "-c", code], tmp_path) as process:
        assert process.end() == -signal.SIGINT
    assert process.out == "143\n"


def test_ctrl_c_before_a_job_ends_the_process_without_a_traceback(tmp_path: Path) -> None:
    code = """if True:
        import os, signal
        from imagewidget import __main__
        from imagewidget.cli import main
        main.main = lambda: os.kill(os.getpid(), signal.SIGINT)
        __main__.main()
    """
    with Process([sys.executable, "-c", code], tmp_path) as process:
        assert process.end() == -signal.SIGINT
    assert (process.out, process.err) == ("", "")


def test_an_ignored_signal_stays_ignored_and_others_are_restored() -> None:
    """`nohup`, and `&` in a script, ignore SIGINT."""
    before = signal.getsignal(signal.SIGTERM)
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGINT)
            assert stop.signal is None
            signal.raise_signal(signal.SIGTERM)
            assert stop.signal == signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) == before
    finally:
        signal.signal(signal.SIGINT, interrupt)
