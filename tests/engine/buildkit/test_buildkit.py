"""BuildKit on real engines: the features that the classic builder does not have."""

import os
import re
import threading
from pathlib import Path

import pytest

from imagewidget.progress.events import (
    BuildStarted,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from tests.engine.building import files_in, lay, must_build, unused_number
from tests.rig.engine import Engine
from tests.rig.registry import Registry
from tests.rig.standin import StandIn


@pytest.mark.old_engines
def test_stages_copy_from_each_other(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(
        tmp_path,
        {
            "src/a.txt": "from the context",
            "Dockerfile": base
            + "FROM base AS one\nRUN echo one > /one\n"
            + "FROM base AS two\nCOPY src /src\nRUN echo two > /two\n"
            + "FROM scratch\nCOPY --from=one /one /\nCOPY --from=two /two /src/a.txt /\n",
        },
    )
    built = must_build(docker_engine, tmp_path, tag="bk/stages:1")
    assert built.events[0] == BuildStarted("buildkit")
    assert {
        name: content for name, (*_, content) in files_in(docker_engine, "bk/stages:1").items()
    } == {
        "one": b"one\n",
        "two": b"two\n",
        "a.txt": b"from the context",
    }
    assert {step.status for step in built.steps.values()} <= {StepStatus.DONE, StepStatus.CACHED}
    assert built.steps["COPY src /src"].stage == "two"
    assert built.image is not None
    assert (built.image.reference, built.image.source) == ("bk/stages:1", "build")


def test_stages_run_in_parallel(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(
        tmp_path,
        {
            "Dockerfile": base
            + "FROM base AS one\nRUN sleep 1.5 && touch /one\n"
            + "FROM base AS two\nRUN sleep 1.5 && touch /two\n"
            + "FROM base\nCOPY --from=one /one /\nCOPY --from=two /two /\n"
        },
    )
    steps = must_build(docker_engine, tmp_path).steps
    one, two = (steps[f"RUN sleep 1.5 && touch /{name}"] for name in ("one", "two"))
    assert one.started is not None
    assert two.started is not None
    assert one.completed is not None
    assert two.completed is not None
    assert max(one.started, two.started) < min(one.completed, two.completed)
    assert one.duration is not None
    assert one.duration >= 1.5


def test_a_cache_mount_persists_between_builds(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    mount = f"--mount=type=cache,target=/cache,id=bk{unused_number()}"
    logs = []
    for number in range(2):
        # A different command each time, because `no_cache` would also empty the cache mount.
        step = f"RUN {mount} : {number}; echo x >> /cache/n; wc -l < /cache/n\n"
        lay(tmp_path, {"Dockerfile": base + step})
        logs.append(must_build(docker_engine, tmp_path).log.strip())
    assert logs == ["1", "2"]


def test_a_bind_mount_shows_the_context_and_other_stages(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(
        tmp_path,
        {
            "data/a": "context\n",
            "Dockerfile": base
            + "FROM base AS other\nRUN echo stage > /b\n"
            + "FROM base\n"
            + "RUN --mount=type=bind,source=data,target=/data cat /data/a\n"
            + "RUN --mount=type=bind,from=other,source=/b,target=/b cat /b\n",
        },
    )
    built = must_build(docker_engine, tmp_path, tag="bk/bind:1")
    assert built.log == "context\nstage\n"
    assert "data/a" not in files_in(docker_engine, "bk/bind:1")


def test_heredocs_work_on_a_newer_engine(
    engine_containerd: Engine, tmp_path: Path, base: str
) -> None:
    lay(
        tmp_path,
        {
            "Dockerfile": base
            + "RUN <<EOF\necho one\necho two\nEOF\n"
            + "COPY <<EOF /written\nfrom a heredoc\nEOF\n"
        },
    )
    built = must_build(engine_containerd, tmp_path, tag="bk/heredoc:1")
    assert built.log == "one\ntwo\n"
    assert files_in(engine_containerd, "bk/heredoc:1")["written"][2] == b"from a heredoc\n"


def test_the_size_of_shared_memory_on_a_newer_engine(
    engine_containerd: Engine, tmp_path: Path, base: str
) -> None:
    """The BuildKit of Docker 20.10 does not have this option."""
    lay(tmp_path, {"Dockerfile": f"{base}RUN grep ' /dev/shm ' /proc/mounts\n"})
    log = must_build(engine_containerd, tmp_path, shm_size=9 << 20).log
    assert "size=9216k" in log


def test_options_reach_the_build(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(
        tmp_path,
        {
            "sub/Other.dockerfile": base
            + 'ARG WHO=nobody\nRUN echo "hello $WHO"\n'
            + "FROM base AS unused\nRUN false\n"
        },
    )
    built = must_build(
        docker_engine,
        tmp_path,
        dockerfile=tmp_path / "sub" / "Other.dockerfile",
        tag="bk/options:1",
        build_args={"WHO": "world"},
        labels={"org.example.x": "y"},
        target="base",
        platform="linux/amd64",
        network="none",
    )
    assert built.log == "hello world\n"
    with docker_engine.api() as api:
        image = api.inspect_image("bk/options:1")
    assert image["Config"]["Labels"]["org.example.x"] == "y"
    assert image["Architecture"] == "amd64"


def test_a_repeated_build_is_cached_unless_no_cache_is_set(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"a": "x", "Dockerfile": f"{base}COPY a /\nRUN echo ran\n"})
    must_build(docker_engine, tmp_path)
    again = must_build(docker_engine, tmp_path)
    assert again.steps["COPY a /"].status is StepStatus.CACHED
    assert again.steps["RUN echo ran"].status is StepStatus.CACHED
    fresh = must_build(docker_engine, tmp_path, no_cache=True)
    assert fresh.steps["RUN echo ran"].status is StepStatus.DONE
    assert fresh.log == "ran\n"


def test_a_changed_file_of_the_same_size_is_sent(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"a": "one", "Dockerfile": f"{base}COPY a /\nRUN cat /a\n"})
    assert must_build(docker_engine, tmp_path).log == "one"
    lay(tmp_path, {"a": "two"})
    assert must_build(docker_engine, tmp_path).log == "two"


def test_dockerfiles_passed_as_str_are_not_confused(docker_engine: Engine, base: str) -> None:
    """Two strings of the same length: the engine must not take the second for the first."""
    for word in ("one", "two"):
        text = f"{base}RUN echo {word}\n"
        assert must_build(docker_engine, None, dockerfile=text).log == f"{word}\n"


def test_the_inline_cache_is_in_the_image(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo {unused_number()} > /n\n"})
    host = registry.host
    tag = f"{host}/bk/inline:{unused_number()}"
    must_build(docker_engine, tmp_path, tag=tag, build_args={"BUILDKIT_INLINE_CACHE": "1"})
    with docker_engine.api(120) as api:
        pushed = api.push(tag)
        assert "error" not in pushed
        api.prune_builds()
        api.remove_image(tag, force=True)
    again = must_build(docker_engine, tmp_path, cache_from=[tag])
    runs = [step for name, step in again.steps.items() if name.startswith("RUN ")]
    assert [step.status for step in runs] == [StepStatus.CACHED]


def test_names_in_any_script_are_copied(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(
        tmp_path,
        {
            "données/ü 文.txt": "x",
            "other": "y",
            ".dockerignore": "*.né\n",
            "Dockerfile": f"{base}FROM scratch\nCOPY données /d/\n",
        },
    )
    must_build(docker_engine, tmp_path, tag="bk/script:1")
    assert files_in(docker_engine, "bk/script:1")["d/ü 文.txt"][2] == b"x"


def test_transfers_of_the_context_and_of_base_layers_are_reported(
    docker_engine: Engine, tmp_path: Path, registry: Registry
) -> None:
    lay(
        tmp_path,
        {
            "big": os.urandom(300_000),
            "Dockerfile": f"FROM {registry.repeated}\nCOPY big /\nRUN echo {unused_number()}\n",
        },
    )
    docker_engine.remove_image(registry.repeated)
    with docker_engine.api() as api:
        api.prune_builds()
    moved = [
        e
        for e in must_build(docker_engine, tmp_path, pull=True).events
        if isinstance(e, TransferChanged)
    ]
    context = [e for e in moved if e.name == "transferring context"]
    assert context[-1].is_complete
    assert context[-1].current > 300_000
    layers = {e.id: e for e in moved if e.id.startswith("sha256:") and (e.total or 0) > 900_000}
    assert layers
    assert all(e.is_complete and e.current == e.total for e in layers.values())


def test_colours_and_progress_bars_are_unchanged(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(
        tmp_path,
        {
            "Dockerfile": base
            + "RUN printf '\\033[31mred\\033[0m\\r50%%\\r100%%\\n'; printf 'é\\n'\n"
        },
    )
    assert must_build(docker_engine, tmp_path).log == "\x1b[31mred\x1b[0m\r50%\r100%\né\n"


def test_every_step_has_ended_when_the_build_ends(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"a": "x", "Dockerfile": f"{base}COPY a /\nRUN sleep 0.3\n"})
    built = must_build(docker_engine, tmp_path)
    assert all(step.status.is_final for step in built.steps.values())
    numbered = [e for e in built.events if isinstance(e, StepChanged) and e.number]
    assert {(e.number, e.count) for e in numbered} >= {(2, 3), (3, 3)}
    assert re.match(r"sha256:[0-9a-f]{64}$", built.image.id if built.image else "")


def test_a_hundred_thousand_lines_arrive_in_order(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    """With pauses, because an engine clips output faster than 200 KiB a second."""
    step = "for i in $(seq 0 19); do seq $((i*5000+1)) $((i*5000+5000)); sleep 0.2; done"
    lay(tmp_path, {"Dockerfile": f"{base}RUN {step}\n"})
    log = must_build(docker_engine, tmp_path).log
    assert log == "".join(f"{number}\n" for number in range(1, 100_001))


def test_output_that_the_engine_clips_is_marked(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN seq 1 100000\n"})
    log = must_build(docker_engine, tmp_path).log
    whole, mark, _ = log.partition("\n[output clipped, log limit 200KiB/s reached]\n")
    assert mark
    # The output may be cut within a line; nothing is missing before that.
    numbers = whole.splitlines()
    assert len(numbers) > 20_000
    assert numbers[:-1] == [str(number) for number in range(1, len(numbers))]


@pytest.mark.matrix  # in `make test`, the quickstart notebook builds it
@pytest.mark.timeout(900)
def test_the_embedded_dockerfile_builds_unchanged(
    docker_engine: Engine, dockerhub: StandIn
) -> None:
    """It needs no registry except Docker Hub, which `dockerhub` stands in for."""
    tag = "bk/embedded:1"
    # The rig's bridge networks have no route out; outside the rig no network is set.
    built = must_build(docker_engine, None, tag=tag, network="host")
    assert dockerhub.host == "docker.io"
    with docker_engine.api(300) as api:
        container = api.create_container(
            tag, ["python", "-c", "import ipykernel, matplotlib, numpy, pandas, sklearn"]
        )
        api.start(container)
        code = api.wait(container)["StatusCode"]
        api.remove_container(container)
    assert code == 0
    steps = [step for step in built.steps.values() if step.number]
    assert steps
    assert [step for step in steps if not step.status.is_final] == []


def test_concurrent_builds_do_not_interfere(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    logs: dict[str, str] = {}

    def run(name: str) -> None:
        root = lay(
            tmp_path / name,
            {"f": name * 1000, "Dockerfile": f"{base}COPY f /\nRUN sleep 0.5; head -c 3 /f\n"},
        )
        logs[name] = must_build(docker_engine, root).log

    threads = [threading.Thread(target=run, args=(name,), daemon=True) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert logs == {"one": "one", "two": "two"}


def test_an_ignore_file_may_have_thousands_of_lines(docker_engine: Engine, tmp_path: Path) -> None:
    """The engine sends the lines back, all in the headers of one call."""
    lines = "".join(f"data/generated/number-{number}\n" for number in range(3_000))
    lay(tmp_path, {".dockerignore": f"{lines}no\n", "yes": "y", "no": "n"})
    lay(tmp_path, {"Dockerfile": f"FROM scratch\nCOPY . /\nLABEL n={unused_number()}\n"})
    must_build(docker_engine, tmp_path, tag="bk/ignoring:1")
    assert {"yes"} == files_in(docker_engine, "bk/ignoring:1").keys() & {"yes", "no"}
