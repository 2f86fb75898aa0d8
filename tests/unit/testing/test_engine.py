"""The scripted engine begins, ends and is found as documented."""

import gc
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import docker.errors
import pytest

import imagewidget as iw
import imagewidget.testing
from imagewidget.engine.client import client_behind
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.testing import ScriptedEngine
from imagewidget.testing.answers import Answers
from imagewidget.testing.server import Server
from imagewidget.testing.state import State
from tests.unit.tree import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def test_the_page_names_everything_that_is_public() -> None:
    public = {name for name in dir(ScriptedEngine) if not name.startswith("_")}

    assert {name for name in public | {"url", "client"} if f"`{name}" not in PAGE} == set()


def test_it_works_without_pytest() -> None:
    code = """
import sys
sys.modules["pytest"] = None
import imagewidget as iw
from imagewidget.testing import ScriptedEngine
with ScriptedEngine() as engine:
    engine.serve("owner/env:1")
    print(iw.pull("owner/env:1", client=engine.client, display=False).result(10).source)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("docker.io\n", "")


def open_sockets() -> list[str]:
    """Return the descriptions of all sockets of this process, with both addresses."""
    found = [each for each in gc.get_objects() if isinstance(each, socket.socket)]
    return [repr(each) for each in found if each.fileno() >= 0]


def test_stopping_leaves_no_thread_socket_or_file() -> None:
    threads = set(threading.enumerate())
    engine = ScriptedEngine()
    folder = Path(engine.environment["DOCKER_CONFIG"])
    engine.stall("owner/env:1")
    engine.stall_build()
    jobs = [
        iw.pull("owner/env:1", client=engine.client, display=False),
        iw.build(dockerfile="FROM a\nRUN b\n", client=engine.client, display=False),
    ]
    engine.wait_until(lambda: engine.pulls and engine.builds)
    assert folder.exists()
    assert [each for each in open_sockets() if str(folder) in each]

    engine.stop()

    for job in jobs:
        with pytest.raises(iw.EngineUnavailable):
            job.result(10)
    left = {each.name for each in set(threading.enumerate()) - threads}
    assert not {name for name in left if "testing" in name}
    assert not [each for each in open_sockets() if str(folder) in each]
    assert not folder.exists()
    assert engine.pulls == ["docker.io/owner/env:1"]
    assert engine.hung_up == []
    with pytest.raises(iw.EngineUnavailable):
        iw.image_exists("owner/env:1", client=engine.client)
    engine.stop()


def test_an_idle_connection_does_not_hold_up_the_end() -> None:
    with ScriptedEngine() as engine:
        api = client_behind(engine.client).new_api()
        assert api.ping()
        engine.stop()
        api.close()


def test_the_environment_makes_it_the_default_engine_without_logins(engine: ScriptedEngine) -> None:
    assert iw.connect().address == engine.url
    assert repr(engine) == f"ScriptedEngine({engine.url!r})"
    assert client_behind(engine.client).login("ghcr.io").credentials is None


def test_it_looks_like_an_engine_with_the_classic_builder(engine: ScriptedEngine) -> None:
    info = engine.client.info()

    assert info.title == "Docker Engine 18.06.3-scripted"
    assert (info.store, info.has_buildkit, info.has_bridge) == ("graphdriver", False, True)
    assert (info.os, info.arch, info.is_remote) == ("linux", "amd64", False)


def test_where_there_are_no_unix_sockets_it_listens_on_the_loopback_address(tmp_path: Path) -> None:
    answers = Answers(State())
    server = Server(answers.respond, tmp_path, platform="win32")
    try:
        assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", server.url)
        client = iw.connect(server.url)
        assert not iw.image_exists("owner/env:1", client=client)
        job = iw.build(dockerfile="FROM a\n", tag="env:1", client=client, display=False)
        assert job.result(10).source == "build"
    finally:
        server.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_path_too_long_for_a_socket_is_not_used(tmp_path: Path) -> None:
    server = Server(Answers(State()).respond, tmp_path / ("x" * 100))
    server.stop()

    assert Endpoint(server.url).scheme == "tcp"


def test_a_condition_that_does_not_come_true_is_reported_with_the_record() -> None:
    with ScriptedEngine() as engine:
        engine.add_image("owner/env:1")
        with pytest.raises(TimeoutError, match=r"after 0 s.*Images: \['docker.io/owner/env:1'\]"):
            engine.wait_until(lambda: engine.pulls, timeout=0)


def test_what_it_does_not_have_is_refused_as_by_an_engine(engine: ScriptedEngine) -> None:
    api = docker.APIClient(base_url=engine.url, version="1.38")
    try:
        with pytest.raises(docker.errors.NotFound, match="page not found"):
            api.containers()
        with pytest.raises(docker.errors.NotFound, match="No such image: a"):
            api.tag("a", "b")
        with pytest.raises(docker.errors.APIError, match="invalid reference format"):
            api.pull("Owner/Env")
        engine.add_image("a:1")
        with pytest.raises(docker.errors.APIError, match="invalid reference format"):
            api.tag("a:1", "Owner/Env")
        with pytest.raises(docker.errors.APIError, match="Cannot locate specified Dockerfile"):
            list(api.build(path=str(ROOT / "docs"), dockerfile="missing"))
        with pytest.raises(docker.errors.APIError, match="The context is not a tar archive"):
            list(api.build(path="https://example.com/context"))
    finally:
        api.close()
