"""The public API: its names, and the input it rejects before anything starts."""

import ast
import contextlib
import math
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

import imagewidget as iw
from imagewidget.api import building
from imagewidget.engine.engine_info import EngineVersion
from imagewidget.engine.request.needs import check_classic
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.display import Watched
from imagewidget.progress.events import BuildStarted, Event, LayerPhase, StepStatus
from imagewidget.progress.state import Phase, State

NO_ENGINE = "unix:///nowhere/docker.sock"


def test_the_exported_names_are_exactly_all() -> None:
    assert sorted(iw._HOMES) == sorted(iw.__all__) == iw.__all__


def test_type_checkers_find_each_name_where_it_is_imported_from() -> None:
    """The imports under `TYPE_CHECKING` and the table for the first use agree."""
    tree = ast.parse(Path(iw.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        name.asname or name.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert typed == iw._HOMES


def test_no_public_function_bears_the_name_of_a_module_or_package() -> None:
    """A submodule, once imported, would take its place."""
    folder = Path(iw.__file__).parent
    modules = {path.stem for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert not modules & {*iw.__all__}


def test_every_exported_name_exists_and_has_a_docstring() -> None:
    for name in iw.__all__:
        assert getattr(iw, name).__doc__, name


def test_tab_completion_offers_exactly_the_public_names() -> None:
    assert dir(iw) == sorted([*iw.__all__, "__version__"])


def test_phases_and_statuses_are_formatted_as_words() -> None:
    assert [str(Phase.DONE), f"{Phase.DONE}"] == ["done", "done"]
    assert f"{iw.State().phase} {StepStatus.RUNNING} {LayerPhase.CACHED}" == "queued running cached"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'pulll'"):
        iw.pulll  # noqa: B018


@pytest.fixture(autouse=True)
def started() -> Callable[[], set[str]]:
    before = {thread.name for thread in threading.enumerate()}
    return lambda: {thread.name for thread in threading.enumerate()} - before


@pytest.mark.parametrize(
    ("call", "error", "hint"),
    [
        (lambda: iw.pull("Owner/Env:1"), iw.InvalidReference, "owner/env:1"),
        (lambda: iw.pull(""), iw.InvalidReference, "python:3.13-slim"),
        (lambda: iw.pull("a/b", registries=("https://ghcr.io",)), iw.InvalidReference, "https://"),
        (lambda: iw.pull("a/b", registries="ghcr.io,docker.io"), iw.InvalidReference, "as a list"),
        (lambda: iw.pull("a/b", registries=["ghcr.io docker.io"]), iw.InvalidReference, "a list"),
        (lambda: iw.pull("a/b", registries=("",)), iw.InvalidReference, "Use a host"),
        (
            lambda: iw.pull("ghcr.io/a/b", registries=("https://quay.io",)),
            iw.InvalidReference,
            "https://",
        ),
        (lambda: iw.build("/no/such/folder"), iw.InvalidContext, ""),
        (lambda: iw.build(dockerfile="FROM a\n", tag="A:1"), iw.InvalidReference, "a:1"),
        (lambda: iw.build(dockerfile="FROM a AS b\n", target="c"), iw.InvalidContext, "`b`"),
        (
            lambda: iw.build(dockerfile="FROM a\n", secrets={"pip": Path("/no/such/file")}),
            iw.InvalidContext,
            "",
        ),
        (lambda: iw.provision("a/b@sha256:" + "0" * 64, pull=True), iw.InvalidReference, "tag"),
        (lambda: iw.pull("a/b", registries=()), iw.InvalidReference, "registries="),
        (lambda: iw.provision(""), iw.InvalidReference, "python:3.13-slim"),
        (lambda: iw.pull(" "), iw.InvalidReference, "python:3.13-slim"),
        (lambda: iw.build(dockerfile=""), iw.InvalidContext, "leave it out"),
        (lambda: iw.build("FROM a\n"), iw.InvalidContext, "`dockerfile=`"),
        (
            lambda: iw.build(dockerfile="FROM a\n", secrets={"a": Path("/")}),
            iw.InvalidContext,
            "Check the path",
        ),
        (
            lambda: iw.build(dockerfile="FROM a\n", builder="classic", secrets={"pip": "x"}),
            iw.InvalidContext,
            "BuildKit",
        ),
        (
            lambda: iw.build(dockerfile="FROM a\n", builder="classic", ssh="default"),
            iw.InvalidContext,
            "BuildKit",
        ),
    ],
)
def test_invalid_input_is_rejected_before_anything_starts(
    call: Callable[[], iw.Job],
    error: type[iw.DockerError],
    hint: str,
    started: Callable[[], set[str]],
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert hint in caught.value.hint
    assert caught.value.hint
    assert not started()


@pytest.mark.parametrize("verb", [iw.pull, iw.provision])
@pytest.mark.parametrize(
    ("option", "error"),
    [
        ({"retry": 3}, TypeError),
        ({"retry": {"attempts": 3}}, TypeError),
        ({"stall_timeout": "5"}, TypeError),
        ({"stall_timeout": 0}, ValueError),
        ({"stall_timeout": -1.0}, ValueError),
        ({"stall_timeout": math.nan}, ValueError),
        ({"stall_timeout": math.inf}, ValueError),
        ({"stall_timeout": 1e300}, ValueError),
        ({"retry": iw.RetryPolicy}, TypeError),
        ({"registries": b"ghcr.io"}, TypeError),
        ({"registries": 5}, TypeError),
        ({"platform": ""}, iw.InvalidContext),
        ({"platform": "no such platform!"}, iw.InvalidContext),
        ({"platform": 5}, TypeError),
        ({"display": "panel"}, TypeError),
        ({"auth": "secret"}, TypeError),
        ({"auth": {"ghcr.io": "secret"}}, TypeError),
        ({"auth": {"https://ghcr.io": ("me", "secret")}}, iw.InvalidReference),
    ],
)
def test_invalid_options_are_rejected_before_anything_starts(
    verb: Callable[..., iw.Job],
    option: dict[str, object],
    error: type[Exception],
    started: Callable[[], set[str]],
) -> None:
    with pytest.raises(error):
        verb("a/b:1", **option)
    assert not started()


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (NO_ENGINE, r'not str. Pass the address to it: `client=imagewidget.connect\("ssh:'),
        (iw.DockerClient, "not the class DockerClient. Write `client=imagewidget.connect"),
        (iw.connect, "not function. Write `client=imagewidget.connect"),
        (
            docker.DockerClient("unix:///nowhere", version="1.40"),
            r"not docker.client.DockerClient. Write .* finds the same engine as docker-py.",
        ),
        (docker.APIClient("unix:///nowhere", version="1.40"), "not docker.api.client.APIClient"),
        (docker.DockerClient, "not the class docker.client.DockerClient"),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda client: iw.pull("a/b:1", client=client),
        lambda client: iw.build(dockerfile="FROM a\n", client=client),
        lambda client: iw.provision("a/b:1", client=client),
        lambda client: iw.image_exists("a/b:1", client=client),
        iw.ImageWidget,
    ],
)
def test_what_is_not_a_client_is_refused_with_what_to_write(
    use: Callable[[object], object], client: object, words: str, started: Callable[[], set[str]]
) -> None:
    with pytest.raises(TypeError, match=words):
        use(client)
    assert not started()


def test_a_client_is_not_made_from_an_address() -> None:
    with pytest.raises(
        TypeError, match=r"must be an Endpoint, not str\. Use `imagewidget\.connect"
    ):
        iw.DockerClient(NO_ENGINE)  # type: ignore[arg-type] - what this test is about


@pytest.mark.parametrize("value", [None, b"a", Path("a"), ["a"]])
@pytest.mark.parametrize("use", [iw.pull, iw.image_exists])
def test_a_reference_is_a_str(use: Callable[[object], object], value: object) -> None:
    with pytest.raises(TypeError, match="`reference` must be a str"):
        use(value)


@pytest.mark.parametrize("value", [b"unix:///x", Path("/x"), 3])
def test_the_address_of_an_engine_is_a_str(value: Any) -> None:
    with pytest.raises(TypeError, match="`target` must be a str"):
        iw.connect(value)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("no_cash", r"provision\(\) has no option `no_cash`. Did you mean `no_cache`\?"),
        ("tag", r"no option `tag`: the image gets the reference as its tag."),
        ("taag", r"no option `taag`: the image gets the reference as its tag."),
        ("registry", r"provision\(\) has no option `registry`. Did you mean `registries`\?"),
        ("targett", r"provision\(\) has no option `targett`. Did you mean `target`\?"),
        ("environ", r"provision\(\) has no option `environ`."),
    ],
)
def test_an_unknown_option_is_a_type_error_with_a_suggestion(
    option: str, words: str, started: Callable[[], set[str]]
) -> None:
    with pytest.raises(TypeError, match=words):
        iw.provision("a/b:1", **{option: True})
    assert not started()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (iw.pull, "reference"),
        (iw.image_exists, "reference"),
        (iw.connect, "target"),
        (lambda value: iw.pull("a", registries=[value]), r"registries\[0\]"),
        (lambda value: iw.build(dockerfile="FROM a\n", tag=[value]), r"tag\[0\]"),
    ],
)
def test_an_argument_that_is_not_a_str_is_named_in_the_error(
    call: Callable[..., object], name: str
) -> None:
    with pytest.raises(TypeError, match=f"`{name}` must be a str.*, not int"):
        call(3)


@pytest.fixture
def mute(tmp_path: Path) -> Iterator[tuple[iw.DockerClient, threading.Event]]:
    """An engine that accepts connections and never answers, like one that is still starting."""
    asked = threading.Event()
    connections = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "mute.sock"))
        server.listen()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connections.append(server.accept()[0])
                    asked.set()

        thread = threading.Thread(target=accept)
        thread.start()
        yield iw.connect(f"unix://{tmp_path / 'mute.sock'}"), asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    for connection in connections:
        connection.close()


@pytest.mark.parametrize(
    "start",
    [
        lambda client: iw.pull("a/b:1", client=client, display=False),
        lambda client: iw.build(dockerfile="FROM scratch\n", client=client, display=False),
        lambda client: iw.provision("a/b:1", client=client, display=False),
    ],
)
def test_a_job_can_be_cancelled_while_the_engine_does_not_answer(
    start: Callable[[iw.DockerClient], iw.Job], mute: tuple[iw.DockerClient, threading.Event]
) -> None:
    client, asked = mute
    job = start(client)
    assert asked.wait(10)
    job.cancel()
    assert job.wait(10)  # without the cancel it would be silent for a minute
    assert job.state.phase is Phase.CANCELLED


def test_a_job_without_an_engine_fails_with_a_hint() -> None:
    job = iw.pull("python:3.13-slim", client=iw.connect(NO_ENGINE), display=False)
    with pytest.raises(iw.EngineUnavailable) as caught:
        job.result(30)
    assert caught.value.hint
    assert job.state.error is not None
    assert job.state.error.hint == caught.value.hint


def test_a_digest_may_be_provisioned_with_the_options_of_a_pull() -> None:
    digest = "a/b@sha256:" + "0" * 64
    job = iw.provision(
        digest,
        platform="linux/arm64",
        auth={"ghcr.io": ("me", "secret")},
        client=iw.connect(NO_ENGINE),
        display=False,
    )
    with pytest.raises(iw.EngineUnavailable):
        job.result(30)


class Witness:
    """A custom display."""

    ended: State | None = None

    def begin(self, job: Watched) -> None:
        self.job = job

    def update(self, state: State) -> None:
        pass

    def end(self, state: State) -> None:
        self.ended = state


def test_a_custom_display_is_attached_to_the_job() -> None:
    display = Witness()
    job = iw.pull("python:3.13-slim", client=iw.connect(NO_ENGINE), display=display)
    job.wait(30)
    assert display.job is job
    assert display.ended is not None
    assert display.ended.error is not None


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


HEAVY = ("docker", "requests", "urllib3", "ipywidgets", "anywidget", "rich", "grpclib", "h2")
HEAVY += ("google.protobuf", "IPython", "paramiko", "tenacity", "asyncio", "typing_extensions")


# Whatever uses an engine needs docker-py; plain data, errors, jobs and their displays do not.
USES_DOCKER = (
    "DockerClient",
    "ImageWidget",
    "build",
    "connect",
    "image_exists",
    "provision",
    "pull",
)
ALL_OTHERS = f"""
import imagewidget as iw

for name in iw.__all__:
    if name not in {USES_DOCKER!r}:
        getattr(iw, name)
"""


@pytest.mark.parametrize(
    ("code", "libraries"),
    [
        ("import imagewidget", HEAVY),
        ("import imagewidget; dir(imagewidget)", HEAVY),
        ("import imagewidget; imagewidget.State, imagewidget.Phase", HEAVY),
        ("from imagewidget import EngineInfo, ErrorInfo, LogLine, RetryPolicy, Attempt", HEAVY),
        ("from imagewidget import Job, DockerError, replay", ("docker", "requests", "urllib3")),
        (ALL_OTHERS, ("docker", "requests", "urllib3")),
        ("from imagewidget import pull", ("ipywidgets", "anywidget", "rich", "IPython", "grpclib")),
    ],
)
def test_only_what_is_used_is_imported(code: str, libraries: tuple[str, ...]) -> None:
    code += f"\nimport sys; print([name for name in {libraries!r} if name in sys.modules])"
    ran = python(code)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_a_script_waits_for_its_job_before_exiting() -> None:
    code = f"import imagewidget as iw; job = iw.pull('a/b:1', client=iw.connect({NO_ENGINE!r}))"
    done = python(code)
    assert done.returncode == 0
    assert "pull a/b:1" in done.stdout
    assert "✗" in done.stdout


def test_a_retry_reads_the_dockerfile_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[bytes] = []

    def failing(_client: object, request: BuildRequest, **_: object) -> Iterator[Event]:
        yield BuildStarted("buildkit")
        built.append(request.sources.dockerfile)
        raise iw.DockerError("no")

    monkeypatch.setattr(building, "build_events", failing)
    monkeypatch.setattr(building, "report_engine", lambda *_: iter(()))
    file = tmp_path / "Dockerfile"
    file.write_text("FROM one\n")
    job = iw.build(tmp_path, client=iw.connect(NO_ENGINE), display=False)
    assert job.wait(5)
    file.write_text("FROM two\n")
    job.retry()
    assert job.wait(5)
    assert built == [b"FROM one\n", b"FROM two\n"]


def test_a_buildkit_feature_is_refused_on_an_engine_without_buildkit() -> None:
    """The caller did not pass `builder`, so the hint does not say to leave it out."""
    podman = EngineVersion("Podman", "4.3.1", "1.41", False, "linux", "amd64", True)
    request = BuildRequest.of(dockerfile="FROM a\n", secrets={"pip": "x"})
    with pytest.raises(iw.DockerError, match="`secrets` requires BuildKit") as caught:
        check_classic(request, podman)
    assert "builder=" not in caught.value.hint
