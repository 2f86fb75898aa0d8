"""Every option that an engine's own API carries has the effect that it has in buildx.

Each is built twice on the same engine. What an engine cannot do is refused with its version;
whether it can is read from the engine.
"""

import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.failure.errors import DockerError
from tests.engine.building import connected, failed, files_in, lay, must_build, try_build
from tests.engine.buildx import Buildx, buildx
from tests.left_out import leave_out
from tests.rig.engine import Engine
from tests.rig.processes import wait_until
from tests.rig.registry import Registry

__all__ = ["buildx"]

OURS, THEIRS = "bk/options:ours", "bk/options:theirs"
PLAIN = ("--provenance=false", "--no-cache")


def api_of(engine: Engine) -> tuple[int, ...]:
    return tuple(map(int, connected(engine).info().api_version.split(".")))


def must_refuse(engine: Engine, context: Path, **options: Any) -> None:
    """Check that the error names the option and the engine."""
    (name,) = options
    error = try_build(engine, context, **options).error
    assert isinstance(error, DockerError), error
    assert error.message.startswith(f"`{name}` requires ")
    assert connected(engine).info().title in error.message


@pytest.mark.parametrize(
    "row",
    [
        (
            {"add_hosts": {"db.example.org": "192.0.2.7", "six": "2001:db8::1"}},
            ("--add-host=db.example.org:192.0.2.7", "--add-host=six:2001:db8::1"),
            (1, 24),
        ),
        (
            {"ulimits": {"nofile": "100:200", "core": 0}},
            ("--ulimit=nofile=100:200", "--ulimit=core=0"),
            (1, 42),
        ),
        ({"shm_size": 7 << 20}, ("--shm-size=7m",), (1, 42)),
    ],
    ids=["add_hosts", "ulimits", "shm_size"],
)
def test_what_a_command_finds_around_it(
    docker_engine: Engine,
    buildx: Buildx,
    base: str,
    tmp_path: Path,
    row: tuple[dict[str, Any], tuple[str, ...], tuple[int, int]],
) -> None:
    options, words, since = row
    facts = "sort /etc/hosts > /f; (ulimit -Sa; ulimit -Ha; grep /dev/shm /proc/mounts) >> /f"
    lay(tmp_path, {"Dockerfile": f"{base}RUN {facts}\nFROM scratch\nCOPY --from=0 /f /f\n"})
    if api_of(docker_engine) < since:
        must_refuse(docker_engine, tmp_path, **options)
        return
    buildx.build(docker_engine, tmp_path, *PLAIN, "--tag", THEIRS, *words)
    must_build(docker_engine, tmp_path, tag=OURS, no_cache=True, **options)
    assert files_in(docker_engine, OURS)["f"][2] == files_in(docker_engine, THEIRS)["f"][2]
    must_build(docker_engine, tmp_path, tag=THEIRS, no_cache=True)
    assert files_in(docker_engine, OURS)["f"][2] != files_in(docker_engine, THEIRS)["f"][2]


def test_several_tags(docker_engine: Engine, buildx: Buildx, base: str, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\n"})
    ours, theirs = ["bk/one:1", "localhost:5000/bk/two:latest"], ["bk/three:1", "bk/four:1"]
    docker_engine.clean()
    buildx.build(docker_engine, tmp_path, *PLAIN, *(f"--tag={each}" for each in theirs))
    with docker_engine.api() as api:
        number = len(api.images())
        built = must_build(docker_engine, tmp_path, tag=ours, no_cache=True)
        assert len(api.images()) == number + 1, "no image without a name is left"
        ids = {api.inspect_image(each)["Id"] for each in ours}
        assert len({api.inspect_image(each)["Id"] for each in theirs}) == 1
    assert built.image is not None
    assert ids == {built.image.id}
    assert built.image.reference == ours[0]


@pytest.fixture
def tree(base: str, tmp_path: Path) -> Path:
    """A context whose result has every kind of entry."""
    make = (
        "mkdir -p /o/sub /o/empty && echo hi > /o/sub/f && ln -s sub/f /o/link && ln /o/sub/f "
        "/o/hard && ln -s /nowhere /o/dangling && chmod 4755 /o/sub/f && echo x > /o/données && "
        "mkfifo /o/pipe && chmod 700 /o/empty && dd if=/dev/urandom of=/o/big bs=1M count=9"
    )
    context = tmp_path / "context"
    return lay(context, {"Dockerfile": f"{base}RUN {make}\nFROM scratch\nCOPY --from=base /o /\n"})


def entries(root: Path) -> dict[str, tuple[object, ...]]:
    """Return what there is to compare of every entry below a directory."""
    found = {}
    for path in sorted(root.rglob("*")):
        stat = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        target = path.readlink() if path.is_symlink() else None
        facts = (oct(stat.st_mode), stat.st_mtime_ns, stat.st_uid, stat.st_nlink, target, content)
        found[str(path.relative_to(root))] = facts
    return found


def test_a_directory_as_the_output(
    docker_engine: Engine, buildx: Buildx, tree: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for each in (ours, theirs):
        lay(each, {"sub/f": "old", "kept": "kept"})
        (each / "kept").touch()
    buildx.build(docker_engine, tree, "--output", str(theirs))
    before = docker_engine.images()
    built = must_build(docker_engine, tree, output=ours)
    found, expected = entries(ours), entries(theirs)
    for each in (found, expected):
        # It was there, so buildx leaves the time at which the files in it were written.
        each["sub"] = each["sub"][:1]
    assert found.pop("kept")[-1] == expected.pop("kept")[-1] == b"kept"
    assert found == expected
    assert built.image is not None
    assert (built.image.id, built.image.reference) == ("", str(ours))
    assert built.image.size == 9 * 1024 * 1024 + len("hi\n") + len("x\n")
    assert docker_engine.images() == before


def test_an_archive_as_the_output(
    docker_engine: Engine, buildx: Buildx, tree: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours.tar", tmp_path / "theirs.tar"
    buildx.build(docker_engine, tree, "--output", f"type=tar,dest={theirs}")
    must_build(docker_engine, tree, output=ours)
    with tarfile.open(ours) as found, tarfile.open(theirs) as expected:
        assert found.getnames()
        assert found.getnames() == expected.getnames()
    assert ours.read_bytes() == theirs.read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted([ours, theirs, tree])


def test_a_directory_in_place_of_a_file_is_refused(
    docker_engine: Engine, tree: Path, tmp_path: Path
) -> None:
    ours = tmp_path / "ours"
    (ours / "hard").mkdir(parents=True)
    error = try_build(docker_engine, tree, output=ours).error
    assert isinstance(error, DockerError)
    assert f"`{ours / 'hard'}` is a directory" in error.message


def test_a_link_in_place_of_a_directory_is_replaced(
    docker_engine: Engine, tree: Path, tmp_path: Path
) -> None:
    ours, elsewhere = tmp_path / "ours", tmp_path / "elsewhere"
    ours.mkdir()
    elsewhere.mkdir()
    (ours / "sub").symlink_to(elsewhere)
    must_build(docker_engine, tree, output=ours)
    assert not list(elsewhere.iterdir())
    assert (ours / "sub").is_dir()
    assert not (ours / "sub").is_symlink()


def test_the_time_of_an_image(
    docker_engine: Engine,
    buildx: Buildx,
    base: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lay(tmp_path, {"Dockerfile": f'{base}RUN true\nCMD ["true"]\n'})
    if api_of(docker_engine) < (1, 43):
        must_refuse(docker_engine, tmp_path, source_date_epoch=0)
        return
    epoch = "--build-arg=SOURCE_DATE_EPOCH=1000000000"
    buildx.build(docker_engine, tmp_path, *PLAIN, "--tag", THEIRS, epoch)

    def times(name: str) -> tuple[object, list[object]]:
        with docker_engine.api() as api:
            history = [each["Created"] for each in api.history(name)]
            return api.inspect_image(name)["Created"], history

    expected = times(THEIRS)
    assert str(expected[0]).startswith("2001-09-09T01:46:40")
    must_build(docker_engine, tmp_path, tag=OURS, no_cache=True, source_date_epoch=1_000_000_000)
    assert times(OURS) == expected
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    must_build(docker_engine, tmp_path, tag=OURS, no_cache=True)
    assert times(OURS) == expected


@pytest.fixture(params=["imagewidget", "buildx", "nobody"])
def maker(request: pytest.FixtureRequest) -> str:
    """Who stores its cache in an image."""
    return str(request.param)


@pytest.fixture
def with_run(base: str, tmp_path: Path) -> Path:
    """A context with a command to take from the cache."""
    return lay(tmp_path, {"Dockerfile": f"{base}RUN echo first\n"})


def test_an_image_with_its_cache(
    docker_engine: Engine, buildx: Buildx, registry: Registry, with_run: Path, maker: str
) -> None:
    name = f"{registry.host}/bk/cache:{time.monotonic_ns()}"
    if maker == "buildx":
        buildx.build(docker_engine, with_run, *PLAIN, "--tag", name, "--cache-to=type=inline")
    else:
        cache_to = "inline" if maker == "imagewidget" else None
        must_build(docker_engine, with_run, tag=name, cache_to=cache_to)
    with docker_engine.api() as api:
        pushed = api.push(name)
        assert '"error"' not in pushed, pushed
    docker_engine.clean()
    built = must_build(docker_engine, with_run, cache_from=f"type=registry,ref={name}")
    # Its layer is downloaded from the registry, so the step counts as done; it did not run.
    assert ("first\n" in built.log) is (maker == "nobody")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Git repository, served on loopback."""
    git = shutil.which("git")
    if git is None:
        leave_out("builds of a Git repository", "git is not installed")
    root = tmp_path_factory.mktemp("git")
    work = lay(root / "repo.git", {"Dockerfile": "FROM scratch\nCOPY a /\n", "a": "first"})
    lay(work / "sub", {"other.Dockerfile": "FROM scratch\nCOPY b /\n", "b": "second"})
    own = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*own, "commit", "-qm", "first"]):
        subprocess.run([git, *words], cwd=work, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ["--listen=127.0.0.1", f"--port={port}", f"--base-path={root}"]
    server = subprocess.Popen([git, "daemon", "--reuseaddr", "--export-all", *where])
    try:
        assert wait_until(lambda: _listens(port), 10)
        yield f"git://127.0.0.1:{port}/repo.git"
    finally:
        server.terminate()
        server.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("part", "dockerfile"), [("", None), ("#main", None), ("#main:sub", "other.Dockerfile")]
)
def test_a_git_repository_as_the_context(
    docker_engine: Engine, buildx: Buildx, repository: str, part: str, dockerfile: str | None
) -> None:
    context: Any = repository + part
    if ":" in part and api_of(docker_engine) < (1, 42):
        error = try_build(docker_engine, context, dockerfile=dockerfile).error
        assert isinstance(error, DockerError)
        assert "requires Docker Engine 23.0" in error.message
        assert connected(docker_engine).info().title in error.message
        return
    built = try_build(docker_engine, context, tag=OURS, dockerfile=dockerfile)
    assert built.error is None, built.error
    named = () if dockerfile is None else (f"--file={dockerfile}",)
    buildx.build(docker_engine, context, *PLAIN, "--tag", THEIRS, *named)
    found = files_in(docker_engine, OURS)
    # The time of a file is that of the clone.
    assert {name: one[2] for name, one in found.items()} == {
        name: one[2] for name, one in files_in(docker_engine, THEIRS).items()
    }
    assert found["b" if dockerfile else "a"][2] == (b"second" if dockerfile else b"first")


def test_builds_of_one_tag_at_the_same_moment_each_return_their_own_image(
    engine: Engine, base: str, tmp_path: Path
) -> None:
    contexts = [
        lay(tmp_path / str(number), {"Dockerfile": f"{base}LABEL number={number}\n"})
        for number in range(4)
    ]
    with ThreadPoolExecutor(len(contexts)) as pool:
        built = list(pool.map(lambda each: must_build(engine, each, tag=OURS), contexts))
    with engine.api() as api:
        for number, one in enumerate(built):
            assert one.image is not None
            found = api.inspect_image(one.image.id)
            assert found["Config"]["Labels"]["number"] == str(number)
        named = api.inspect_image(OURS)["Id"].removeprefix("sha256:")
    assert named in {one.image.id.removeprefix("sha256:") for one in built if one.image}


def test_a_rule_that_is_an_error_has_its_line(
    docker_engine: Engine, base: str, tmp_path: Path
) -> None:
    lay(tmp_path, {"Dockerfile": f"# check=error=true\n{base}RUN true\nCMD echo hi\n"})
    if api_of(docker_engine) < (1, 46):  # its frontend takes the directive for a comment
        must_build(docker_engine, tmp_path)
        return
    error = failed(try_build(docker_engine, tmp_path))
    assert "JSONArgsRecommended" in error.message
    assert (error.step, error.dockerfile_line) == ("CMD echo hi", 5)
    assert "JSONArgsRecommended" in error.hint


def test_a_url_that_cannot_be_added_is_named(
    engine: Engine, base: str, registry: Registry, tmp_path: Path
) -> None:
    url = f"http://{registry.host}/v2/nothing"
    lay(tmp_path, {"Dockerfile": f"{base}RUN true\nADD {url} /x\n"})
    error = failed(try_build(engine, tmp_path))
    assert error.message == f"`{url}` cannot be downloaded: the server answered 404."
    assert "URL" in error.hint
    assert error.dockerfile_line == 4


def test_a_heredoc_is_built_or_refused(engine: Engine, base: str, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": f"{base}RUN <<EOF\necho written > /written\nEOF\n"})
    built = try_build(engine, tmp_path, tag=OURS, builder="classic")
    version = tuple(map(int, connected(engine).info().version.split(".")[:2]))
    if engine.store == "podman" and version >= (4, 8):
        assert files_in(engine, OURS)["written"][2] == b"written\n"
        return
    error = failed(built)
    assert "does not support heredocs" in error.message
    assert connected(engine).info().title in error.message
    assert error.dockerfile_line == 3


@pytest.mark.parametrize("name", ["output", "cache_to", "context"])
def test_what_podman_cannot_do_is_refused_with_its_version(
    podman: Engine, base: str, tmp_path: Path, name: str
) -> None:
    lay(tmp_path, {"Dockerfile": base})
    samples: dict[str, Any] = {"output": tmp_path / "o", "cache_to": "inline"}
    if name in samples:
        must_refuse(podman, tmp_path, **{name: samples[name]})
        return
    repository: Any = "https://127.0.0.1:1/x.git"
    error = try_build(podman, repository).error
    assert isinstance(error, DockerError)
    assert connected(podman).info().title in error.message
    assert "git clone" in error.hint


def test_a_file_that_is_missing_or_ignored_is_named_by_every_builder(
    engine: Engine, base: str, tmp_path: Path
) -> None:
    lay(tmp_path, {".dockerignore": "*.log\n", "a.log": "x", "Dockerfile": f"{base}COPY a.log /\n"})
    error = failed(try_build(engine, tmp_path, builder="classic"))
    assert error.message == "There is no `a.log` to copy."
    assert error.hint.startswith("Add `!a.log` to `.dockerignore`")
    assert error.dockerfile_line == 3
