"""The command line on real engines: a pull, a failing build, and Ctrl-C."""

import re
import signal
from pathlib import Path

from imagewidget.displays import recording
from imagewidget.progress.events import Finished
from tests.engine.building import lay, unused_number
from tests.engine.pulling import forget
from tests.rig.engine import Engine
from tests.rig.registry import Registry
from tests.rig.standin import StandIn
from tests.unit.cli.process import IMAGEWIDGET, Process


def start(engine: Engine, *words: str, folder: Path, in_terminal: bool = False) -> Process:
    line = (*IMAGEWIDGET, "--engine", engine.url, *words)
    return Process(line, folder, in_terminal=in_terminal)


def test_a_pull_prints_the_id_of_its_image(
    engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    forget(engine, registry.nine)
    with start(engine, "exists", registry.nine, folder=tmp_path) as asked:
        assert asked.end() == 1
    with start(engine, "pull", registry.nine, folder=tmp_path) as process:
        assert process.end() == 0, process.err
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", process.out)
    lines = process.err.splitlines()
    assert lines[0].startswith(f"pull {registry.nine}")
    assert lines[-1].startswith(f"✓ {registry.nine} · ")
    with start(engine, "exists", process.out.strip(), folder=tmp_path) as asked:
        assert asked.end() == 0, (process.out, asked.err)


def test_the_events_of_a_pull_can_be_replayed(
    engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    with start(engine, "pull", registry.one, "--json", folder=tmp_path) as process:
        assert process.end() == 0, process.err
    assert not process.err
    file = tmp_path / "run.jsonl"
    file.write_text(process.out)
    assert isinstance(recording.read(file)[-1][1], Finished)


def test_a_failing_build_ends_with_its_cause(
    docker_engine: Engine, base: str, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo almost >&2; exit 7\n"})
    with start(docker_engine, "build", ".", folder=tmp_path, in_terminal=True) as process:
        assert process.end() == 1
    screen, (first, second) = process.screen, base.splitlines()
    assert "almost" in screen
    assert screen[-5:] == [
        "✗ `RUN echo almost >&2; exit 7` failed with exit code 7.",
        "  → See the last lines of its log for the cause.",
        f"       1 │ {first}",
        f"       2 │ {second}",
        "  >    3 │ RUN echo almost >&2; exit 7",
    ]


def test_a_build_prints_the_id_of_its_image(
    docker_engine: Engine, base: str, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}ARG WORD\nRUN echo $WORD\n"})
    words = ["build", ".", "--build-arg", f"WORD=word-{unused_number()}", "-q"]
    with start(docker_engine, *words, folder=tmp_path) as process:
        assert process.end() == 0, process.err
    with docker_engine.api() as api:
        assert api.inspect_image(process.out.strip())["Id"] == process.out.strip()
    assert not process.err


def test_ctrl_c_stops_the_pull_in_the_engine(
    engine_containerd: Engine, slow_registry: StandIn, tmp_path: Path
) -> None:
    name = f"{slow_registry.host}/rig/nine:1"
    engine_containerd.clean()
    with start(engine_containerd, "pull", name, folder=tmp_path) as process:
        process.wait_for("downloading")
        process.signal(signal.SIGINT)
        assert process.end() == 130
    assert process.err.splitlines()[-1].startswith("■ cancelled after ")
    assert name not in engine_containerd.images()
