"""The classic builder on real engines: Docker's two image stores, and Podman."""

import itertools
import time
from pathlib import Path

import pytest

from imagewidget import environment
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import BuildFailed
from imagewidget.progress.events import BuildStarted, BuildWarned, StepStatus
from tests.engine.building import files_in, lay, try_build
from tests.engine.classic.running import build, failure
from tests.rig.engine import Engine
from tests.rig.registry import PASSWORD, USER, PrivateRegistry, Registry

_numbers = itertools.count(time.time_ns())


@pytest.fixture
def base(registry: Registry) -> str:
    """Lines that begin a stage with busybox and that are never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={next(_numbers)}\n"


def test_stages_args_labels_and_target(engine: Engine, tmp_path: Path, base: str) -> None:
    lay(
        tmp_path,
        {
            "src/a.txt": "from the context",
            "Dockerfile": f"{base}ARG WHO=nobody\n"
            "RUN echo hello $WHO > /hello; echo told; echo bad >&2\n"
            "FROM scratch AS wanted\nCOPY --from=base /hello /hello\nCOPY src /src\n"
            "FROM base AS unwanted\nRUN exit 9\n",
        },
    )
    built = build(
        engine,
        tmp_path,
        tag="classic/stages:1",
        target="wanted",
        build_args={"WHO": "world", "NOT_USED": "x"},
        labels={"org.example.answer": "42"},
    )
    assert built.events[0] == BuildStarted("classic")
    assert built.image is not None
    assert (built.image.reference, built.image.source) == ("classic/stages:1", "build")
    contents = {path: content for path, (*_, content) in files_in(engine, built.image.id).items()}
    assert contents["hello"] == b"hello world\n"
    assert contents["src/a.txt"] == b"from the context"
    with engine.api() as api:
        found = api.inspect_image("docker.io/classic/stages:1")
    assert found["Config"]["Labels"]["org.example.answer"] == "42"
    assert found["Id"].removeprefix("sha256:") == built.image.id.removeprefix("sha256:")
    # Steps that copy into an empty image may be in the cache from an earlier run.
    assert {step.status for step in built.steps.values()} <= {StepStatus.DONE, StepStatus.CACHED}
    assert "told\n" in built.log
    assert "bad\n" in built.log
    assert any("NOT_USED" in one.message for one in built.events if isinstance(one, BuildWarned))
    assert not any("exit 9" in name for name in built.steps)


def test_a_second_build_is_cached_but_not_with_no_cache(engine: Engine, base: str) -> None:
    text = f"{base}RUN echo once\n"
    assert build(engine, None, dockerfile=text).steps["RUN echo once"].status is StepStatus.DONE
    again = build(engine, None, dockerfile=text)
    assert again.steps["RUN echo once"].status is StepStatus.CACHED
    uncached = build(engine, None, dockerfile=text, no_cache=True)
    assert uncached.steps["RUN echo once"].status is StepStatus.DONE


def test_a_failing_step_is_reported_with_its_lines_and_log(engine: Engine, base: str) -> None:
    text = f"{base}RUN for i in $(seq 30); do echo line $i; done && \\\n    exit 17\n"
    built = try_build(engine, None, builder="classic", dockerfile=text)
    error = built.error
    assert isinstance(error, BuildFailed)
    assert error.exit_code == 17
    assert error.step is not None
    assert error.step.startswith("RUN for i in")
    assert error.dockerfile_line == 3
    assert [line.number for line in error.source_lines if line.is_failing] == [3, 4]
    assert error.log_tail[-1] == "line 30"
    assert error.hint
    assert [step.status for step in built.steps.values()][-1] is StepStatus.FAILED
    with engine.api() as api:
        assert not [one for one in api.containers(all=True) if "exit 17" in one["Command"]]


def test_a_missing_base_image_is_reported_with_its_line(engine: Engine, registry: Registry) -> None:
    error = failure(engine, None, dockerfile=f"# base\nFROM {registry.host}/no/such:1\n")
    assert error.dockerfile_line == 2
    assert "no/such" in error.message
    assert "docker login" in error.hint


def test_a_broken_dockerfile_is_reported_with_its_line(engine: Engine, registry: Registry) -> None:
    error = failure(engine, None, dockerfile=f"FROM {registry.one}\n\nRUNN true\n")
    assert error.dockerfile_line == 3
    assert "RUNN" in error.message.upper()


def test_an_option_that_needs_buildkit_has_a_hint(docker_engine: Engine, base: str) -> None:
    error = failure(
        docker_engine, None, dockerfile=f"{base}RUN --mount=type=cache,target=/x true\n"
    )
    assert "buildkit" in error.hint.lower()


@pytest.mark.parametrize("network", ["none", "host"])
def test_the_network_of_the_steps(engine: Engine, base: str, network: str) -> None:
    text = f"{base}RUN readlink /proc/self/ns/net && echo interfaces: $(ls /sys/class/net)\n"
    lines = build(engine, None, dockerfile=text, network=network).log.splitlines()
    assert (str(Path("/proc/self/ns/net").readlink()) in lines) is (network == "host")
    assert ("interfaces: lo" in lines) is (network == "none")


def test_the_size_of_shared_memory(engine: Engine, base: str) -> None:
    text = f"{base}RUN grep ' /dev/shm ' /proc/mounts\n"
    assert "size=9216k" in build(engine, None, dockerfile=text, shm_size=9 << 20).log


def test_a_private_base_image_with_auth(
    engine: Engine, basic_auth_registry: PrivateRegistry
) -> None:
    engine.remove_image(basic_auth_registry.private)
    text = f"FROM {basic_auth_registry.private}\nRUN true\n"
    assert "docker login" in failure(engine, None, dockerfile=text).hint
    auth = {basic_auth_registry.host: (USER, PASSWORD)}
    built = build(engine, None, dockerfile=text, auth=auth)
    assert built.image is not None
    assert PASSWORD not in repr(built.events)


def test_a_password_in_a_build_argument_is_masked(engine: Engine, base: str) -> None:
    text = f"{base}RUN echo proxy is $HTTP_PROXY; echo passw0rd-of-proxy >&2; exit 1\n"
    proxy = "http://me:passw0rd-of-proxy@proxy.example:3128"
    built = try_build(
        engine, None, builder="classic", dockerfile=text, build_args={"HTTP_PROXY": proxy}
    )
    assert isinstance(built.error, BuildFailed)
    assert "***" in built.log
    assert "passw0rd" not in built.log + str(built.error) + repr(built.error.log_tail)


def test_the_environments_user_replaces_one_with_the_same_id(
    engine_graphdriver: Engine, dockerhub: object
) -> None:
    assert dockerhub
    embedded = read_dockerfile(environment.dockerfile())
    (user,) = (one for one in embedded.instructions if "useradd" in one.text)
    lines = [
        "FROM debian:trixie-slim",
        "RUN useradd --create-home --uid 1000 ubuntu",  # as in Ubuntu's own image
        "ARG USER_NAME=user",
        "ARG USER_ID=1000",
        *embedded.text.splitlines()[user.line - 1 : user.last_line],
        "USER 1000",
        'RUN test "$(id -un) $HOME $(echo /home/*)" = "user /home/user /home/user"',
    ]
    built = build(engine_graphdriver, None, dockerfile="\n".join(lines), network="host")
    assert built.image is not None


@pytest.fixture(params=[pytest.param("oldest", marks=pytest.mark.compatibility), "podman"])
def embedded_engine(request: pytest.FixtureRequest) -> Engine:
    """The engines on which only the classic builder builds the environment."""
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.mark.matrix  # two minutes of downloads; the quickstart builds it with BuildKit
@pytest.mark.timeout(900)
def test_the_embedded_environment_builds_unchanged(
    embedded_engine: Engine, dockerhub: object
) -> None:
    assert dockerhub
    built = build(embedded_engine, None, tag="classic/environment:1", network="host")
    assert built.image is not None
    code = "import ipykernel, matplotlib, numpy, pandas, sklearn, os; print('uid', os.getuid())"
    with embedded_engine.api(300) as api:
        container = api.create_container(
            built.image.id,
            ["python", "-c", code],
            host_config=api.create_host_config(network_mode="host"),
        )["Id"]
        try:
            api.start(container)
            assert api.wait(container)["StatusCode"] == 0
            assert api.logs(container) == b"uid 1000\n"
        finally:
            api.remove_container(container, force=True)
