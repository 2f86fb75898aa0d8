"""BuildKit on real engines: everything that only it can do."""

import base64
import dataclasses
import itertools
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.errors import BuildFailed, Cancelled, InvalidContext
from imagewidget.progress.events import (
    BuildStarted,
    BuildWarned,
    LogWritten,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from tests.engine import fronts
from tests.engine.building import Built, files_in, lay, must_build, try_build
from tests.rig.engine import Engine
from tests.rig.registry import PASSWORD, USER, PrivateRegistry, Registry
from tests.rig.standin import StandIn

_numbers = itertools.count(int(time.time()))


@pytest.fixture
def base(registry: Registry) -> str:
    """An image with busybox in it, and a stage that is never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={next(_numbers)}\n"


def failed(built: Built) -> BuildFailed:
    assert isinstance(built.error, BuildFailed), built.error
    return built.error


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


def test_stages_run_side_by_side(docker_engine: Engine, tmp_path: Path, base: str) -> None:
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
    assert one.duration == pytest.approx(1.5, abs=1)


def test_a_cache_mount_lasts_from_build_to_build(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    mount = f"--mount=type=cache,target=/cache,id=bk{next(_numbers)}"
    logs = []
    for number in range(2):
        # Another command each time, for `no_cache` would empty the cache mount as well.
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


def test_a_secret_reaches_the_step_and_nothing_else(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    file = tmp_path / "outside" / "pip.conf"
    file.parent.mkdir()
    file.write_text("index=hunter2-from-a-file\n")
    root = lay(
        tmp_path / "context",
        {
            "Dockerfile": base
            + "RUN --mount=type=secret,id=pip cat /run/secrets/pip\n"
            + "RUN --mount=type=secret,id=token,target=/t test $(cat /t) = swordfish && echo same\n"
            + "RUN --mount=type=secret,id=token cat /run/secrets/token; exit 3\n",
        },
    )
    built = try_build(docker_engine, root, secrets={"pip": file, "token": "swordfish"}, target=None)
    assert "same" in built.log
    told = repr(built.events) + repr(failed(built).info())
    assert "hunter2-from-a-file" not in told
    assert "swordfish" not in told
    assert "***" in built.log


def test_a_secret_that_was_not_given_is_named(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    step = "RUN --mount=type=secret,id=pip,required=true cat /run/secrets/pip"
    lay(tmp_path, {"Dockerfile": f"{base}{step}\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "secret `pip`" in error.message
    assert "secrets={'pip':" in error.hint
    assert (error.step, error.dockerfile_line) == (step, 3)


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


def test_heredocs_are_explained_on_an_older_engine(
    engine_graphdriver: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN <<EOF\necho one\nEOF\n"})
    error = failed(try_build(engine_graphdriver, tmp_path))
    assert error.dockerfile_line == 4
    assert "heredoc" in error.hint
    assert "# syntax=docker/dockerfile:1" in error.hint


def test_a_failing_heredoc_is_found(engine_containerd: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\nRUN <<EOF\necho one\nexit 4\nEOF\n"})
    error = failed(try_build(engine_containerd, tmp_path))
    assert (error.exit_code, error.dockerfile_line) == (4, 4)
    assert [line.number for line in error.source_lines if line.is_failing] == [4, 5, 6, 7]


@pytest.fixture(params=["basic_auth_registry", "token_auth_registry"])
def private(request: pytest.FixtureRequest) -> PrivateRegistry:
    found: PrivateRegistry = request.getfixturevalue(request.param)
    return found


def test_a_private_base_image_is_fetched_with_credentials(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry
) -> None:
    lay(
        tmp_path,
        {"Dockerfile": f"FROM {private.host}/private/base:1\nRUN echo {next(_numbers)} in\n"},
    )
    built = must_build(docker_engine, tmp_path, auth={private.host: (USER, PASSWORD)}, pull=True)
    assert built.log.endswith(" in\n")


def test_credentials_come_from_dockers_own_configuration(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    lay(
        tmp_path,
        {
            "docker/config.json": json.dumps({"auths": {private.host: {"auth": login}}}),
            "context/Dockerfile": f"FROM {private.host}/private/base:1\n"
            f"RUN echo {next(_numbers)} in\n",
        },
    )
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    assert must_build(docker_engine, tmp_path / "context", pull=True).log.endswith(" in\n")


def test_a_private_base_image_without_credentials_is_refused_and_explained(
    docker_engine: Engine, tmp_path: Path, private: PrivateRegistry
) -> None:
    image = f"{private.host}/private/base:{next(_numbers)}"
    lay(tmp_path, {"Dockerfile": f"# a comment\nFROM {image}\nRUN true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert image in error.message
    assert error.dockerfile_line == 2
    assert "docker login" in error.hint


def test_a_cancelled_build_leaves_no_step_running(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    nap = next(_numbers)
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo begun; sleep {nap}\n"})
    cancel = Cancellation()
    built = Built()

    def run() -> None:
        built.error = try_build(docker_engine, tmp_path, cancel=cancel).error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: sleeping(nap))
    finally:
        asked = time.monotonic()
        cancel.request()
    thread.join(10)
    assert isinstance(built.error, Cancelled), built.error
    assert time.monotonic() - asked < 2
    wait_until(lambda: not sleeping(nap))


def test_a_build_is_cancelled_by_name_where_hanging_up_is_not_noticed(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    nap = next(_numbers)
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo begun; sleep {nap}\n"})
    cancel = Cancellation()

    def on(event: object) -> None:
        if isinstance(event, LogWritten) and "begun" in event.text:
            cancel.request()

    with fronts.stubborn(docker_engine.url.removeprefix("unix://")) as port:
        engine = dataclasses.replace(docker_engine, url=f"tcp://127.0.0.1:{port}")
        built = try_build(engine, tmp_path, cancel=cancel, on=on)
        assert isinstance(built.error, Cancelled), built.error
        wait_until(lambda: not sleeping(nap))


def sleeping(nap: int) -> bool:
    """Whether a container's `sleep` runs; the rig's engines are seen from here."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", str(nap).encode()]:
                return True
    return False


def wait_until(is_so: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_a_failing_run_is_told_with_everything(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(
        tmp_path,
        {
            "Dockerfile": base
            + "RUN echo fine\n"
            + "FROM base AS broken\n"
            + "RUN echo one; \\\n    echo two >&2; \\\n    exit 7\n"
        },
    )
    error = failed(try_build(docker_engine, tmp_path))
    assert error.exit_code == 7
    assert error.dockerfile_line == 5
    assert error.step is not None
    assert error.step.startswith("RUN echo one;")
    assert sorted(error.log_tail) == ["one", "two"]
    assert [line.number for line in error.source_lines if line.is_failing] == [5, 6, 7]
    assert "exit code 7" in error.message


def test_the_same_command_twice_is_told_apart(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN mkdir /x\nRUN mkdir /x\n"})
    assert failed(try_build(docker_engine, tmp_path)).dockerfile_line == 4


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RUNN x", "unknown instruction"),
        ("COPY one", "at least two arguments"),
        ("RUN --mount=type=nonsense true", "nonsense"),
        ("ENV x", "ENV must have two arguments"),
    ],
)
def test_a_broken_dockerfile_gives_its_line(
    docker_engine: Engine, tmp_path: Path, base: str, line: str, words: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}\n# comment\n{line}\nRUN true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert words in error.message
    # Newer engines tell the line of some of these only by what they quote.
    assert error.dockerfile_line in (5, None if line.startswith("ENV") else 5)


def test_a_file_that_cannot_be_read_is_found_before_the_engine_builds(
    docker_engine: Engine, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests run as root, who may read everything."""
    asking = os.access

    def locked(path: str, mode: int, **_options: object) -> bool:
        return not str(path).endswith("/locked") and asking(path, mode)

    monkeypatch.setattr(os, "access", locked)
    lay(tmp_path, {"locked": "x", "open": "y", "Dockerfile": f"{base}COPY open /\n"})
    must_build(docker_engine, tmp_path)
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\nCOPY open locked /\n"})
    built = try_build(docker_engine, tmp_path)
    assert isinstance(built.error, InvalidContext), built.error
    assert built.error.message.startswith("`locked` in the build context cannot be read")
    assert [event for event in built.events if isinstance(event, StepChanged)] == []


def test_a_file_that_cannot_be_read_is_named_if_the_engine_asks_for_it(
    docker_engine: Engine, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be foreseen, such as a disk that fails."""
    opening = os.open

    def locked(path: str, *args: int) -> int:
        if str(path).endswith("/locked"):
            raise PermissionError(13, "Permission denied", path)
        return opening(path, *args)

    monkeypatch.setattr(os, "open", locked)
    lay(tmp_path, {"locked": "x", "open": "y", "Dockerfile": f"{base}COPY open /\n"})
    must_build(docker_engine, tmp_path)
    lay(tmp_path, {"Dockerfile": f"{base}COPY open locked /\n"})
    error = try_build(docker_engine, tmp_path).error
    assert isinstance(error, InvalidContext), error
    assert error.message == "`locked` in the build context cannot be read: permission denied."
    assert ".dockerignore" in error.hint


def test_a_cache_that_cannot_be_had_is_not_to_blame(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN exit 3\n"})
    error = failed(try_build(docker_engine, tmp_path, cache_from=[f"{registry.host}/no/cache:1"]))
    assert (error.step, error.exit_code, error.dockerfile_line) == ("RUN exit 3", 3, 3)


def test_a_missing_file_is_named(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {".dockerignore": "*.log\n", "a.log": "x", "Dockerfile": f"{base}COPY a.log /\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "`a.log`" in error.message
    assert ".dockerignore" in error.hint
    assert error.dockerfile_line == 3


def test_a_frontend_that_cannot_be_had_is_explained(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"# syntax={registry.host}/no/frontend:1\n{base}"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "no/frontend:1" in error.message
    assert "# syntax=" in error.hint
    assert error.dockerfile_line == 1


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


def test_a_repeated_build_is_cached_unless_told_not_to(
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


def test_a_changed_file_of_the_same_size_is_noticed(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"a": "one", "Dockerfile": f"{base}COPY a /\nRUN cat /a\n"})
    assert must_build(docker_engine, tmp_path).log == "one"
    lay(tmp_path, {"a": "two"})
    assert must_build(docker_engine, tmp_path).log == "two"


def test_a_dockerfile_given_as_text_is_not_mixed_up(docker_engine: Engine, base: str) -> None:
    """Two texts of one length, with no file behind them: the engine must not take one for both."""
    for word in ("one", "two"):
        text = f"{base}RUN echo {word}\n"
        assert must_build(docker_engine, None, dockerfile=text).log == f"{word}\n"


def test_the_inline_cache_is_in_the_image(
    docker_engine: Engine, tmp_path: Path, base: str, registry: Registry
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo {next(_numbers)} > /n\n"})
    host = registry.host
    tag = f"{host}/bk/inline:{next(_numbers)}"
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


def test_bytes_of_the_context_and_of_base_layers_are_told(
    docker_engine: Engine, tmp_path: Path, registry: Registry
) -> None:
    lay(
        tmp_path,
        {
            "big": os.urandom(300_000),
            "Dockerfile": f"FROM {registry.repeated}\nCOPY big /\nRUN echo {next(_numbers)}\n",
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
    assert all(e.is_complete and e.current == e.total for e in layers.values())


def test_a_warning_is_told(engine_containerd: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN echo a \\\n\n  && echo b\n"})
    built = must_build(engine_containerd, tmp_path)
    (warning,) = [e for e in built.events if isinstance(e, BuildWarned)]
    assert "mpty continuation line" in warning.message
    assert warning.url.startswith("https://")


def test_colours_and_progress_bars_come_as_they_were(
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


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A real ssh agent with one key."""
    path = tmp_path / "agent.sock"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(path.exists)
        key = tmp_path / "key"
        environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the-key", "-f", str(key)],
            check=True,
        )
        subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True)
        yield path
    finally:
        process.terminate()
        process.wait(10)


def test_the_ssh_agent_is_forwarded(
    docker_engine: Engine, tmp_path: Path, agent: Path, registry: Registry
) -> None:
    # busybox has no ssh; Debian's perl asks the agent for its keys (SSH_AGENTC_REQUEST_IDENTITIES).
    script = (
        "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die; "
        "print $s pack('NC', 1, 11); $s->flush; sysread($s, my $r, 4096); "
        "print $r =~ /the-key/ ? qq(found\\\\n) : qq(none\\\\n);"
    )
    root = lay(
        tmp_path / "context",
        {
            "Dockerfile": f"FROM {registry.debian}\nENV N={next(_numbers)}\n"
            f"RUN --mount=type=ssh perl -e '{script}'\n".replace("\\\\n", "\\n")
        },
    )
    assert must_build(docker_engine, root, ssh=f"default={agent}").log == "found\n"


def test_an_ssh_agent_that_was_not_given_is_named(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN --mount=type=ssh,required=true true\n"})
    error = failed(try_build(docker_engine, tmp_path))
    assert "ssh agent `default`" in error.message
    assert error.hint == "Give it with `ssh='default'`."


def test_every_step_is_over_in_the_end(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"a": "x", "Dockerfile": f"{base}COPY a /\nRUN sleep 0.3\n"})
    built = must_build(docker_engine, tmp_path)
    assert all(step.status.is_final for step in built.steps.values())
    numbered = [e for e in built.events if isinstance(e, StepChanged) and e.number]
    assert {(e.number, e.count) for e in numbered} >= {(2, 3), (3, 3)}
    assert re.match(r"sha256:[0-9a-f]{64}$", built.image.id if built.image else "")


def test_a_hundred_thousand_lines_arrive_in_order(
    docker_engine: Engine, tmp_path: Path, base: str
) -> None:
    """In steps, for an engine clips what comes faster than 200 KiB a second."""
    step = "for i in $(seq 0 19); do seq $((i*5000+1)) $((i*5000+5000)); sleep 0.2; done"
    lay(tmp_path, {"Dockerfile": f"{base}RUN {step}\n"})
    log = must_build(docker_engine, tmp_path).log
    assert log == "".join(f"{number}\n" for number in range(1, 100_001))


def test_what_the_engine_clips_is_said(docker_engine: Engine, tmp_path: Path, base: str) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN seq 1 100000\n"})
    log = must_build(docker_engine, tmp_path).log
    whole, mark, _ = log.partition("\n[output clipped, log limit 200KiB/s reached]\n")
    assert mark
    # The cut may go through a line; up to there nothing is missing.
    numbers = whole.splitlines()
    assert len(numbers) > 20_000
    assert numbers[:-1] == [str(number) for number in range(1, len(numbers))]


@pytest.mark.timeout(900)
def test_the_embedded_dockerfile_builds_unchanged(
    docker_engine: Engine, dockerhub: StandIn
) -> None:
    """It needs no registry but Docker Hub, whose place `dockerhub` takes."""
    tag = "bk/embedded:1"
    # The rig's bridges lead nowhere; elsewhere no network is named.
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
    assert all(step.status.is_final for step in steps)


def test_cancelling_while_the_context_is_sent_is_quick(
    docker_engine: Engine, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": "FROM scratch\nCOPY . /\n"})
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(20_000_000_000)  # sparse: it takes no room, but long to send
    cancel = Cancellation()
    asked: list[float] = []

    def on(event: object) -> None:
        is_moving = isinstance(event, TransferChanged) and event.current > 1_000_000
        if is_moving and not asked:
            asked.append(time.monotonic())
            cancel.request()

    built = try_build(docker_engine, tmp_path, cancel=cancel, on=on)
    assert isinstance(built.error, Cancelled), built.error
    assert time.monotonic() - asked[0] < 2


def test_two_builds_at_once_do_not_disturb_each_other(
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


def test_an_ignore_file_of_thousands_of_lines_is_read(
    docker_engine: Engine, tmp_path: Path
) -> None:
    """The engine sends them back, all in the headers of one call."""
    lines = "".join(f"data/generated/number-{number}\n" for number in range(3_000))
    lay(tmp_path, {".dockerignore": f"{lines}no\n", "yes": "y", "no": "n"})
    lay(tmp_path, {"Dockerfile": f"FROM scratch\nCOPY . /\nLABEL n={next(_numbers)}\n"})
    must_build(docker_engine, tmp_path, tag="bk/ignoring:1")
    assert {"yes"} == files_in(docker_engine, "bk/ignoring:1").keys() & {"yes", "no"}
