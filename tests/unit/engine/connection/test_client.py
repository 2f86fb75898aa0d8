"""The wrapper around docker-py: its requests to an engine, and its errors when they fail."""

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client, new_client
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.engine_info import EngineVersion
from imagewidget.engine.failure.errors import (
    Cancelled,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
    Remedy,
    remedy_of,
)
from imagewidget.engine.failure.messages import explain
from tests.scripted import VERSION, Answer, ScriptedEngine, refusal

ID = "sha256:" + "deadbeef" * 8


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's configuration file, separate for each test."""
    directory = tmp_path / "config"
    directory.mkdir()
    path = directory / "config.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(directory))
    return path


def test_a_client_does_not_connect_before_it_is_used() -> None:
    assert repr(new_client("unix:///nowhere")) == "Client('unix:///nowhere')"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"7",
        {},
        {"errors": []},
        {"ApiVersion": "x"},
        {"ApiVersion": None},
        {"ApiVersion": f"1.{'9' * 5_000}"},
    ],
)
def test_an_answer_that_is_not_an_engines_is_reported(
    scripted: ScriptedEngine, answer: Any
) -> None:
    scripted.version = answer

    with pytest.raises(EngineUnavailable, match="not a Docker engine"):
        scripted.client.ping()


@pytest.mark.parametrize(
    ("newest", "oldest", "used"),
    [
        ("1.41", "1.12", "v1.41"),
        ("1.45", "1.24", "v1.45"),
        ("1.99", "1.44", "v1.51"),
        ("1.99", "1.60", "v1.60"),
        ("1.41", "", "v1.41"),
        ("1.41", None, "v1.41"),
    ],
)
def test_an_api_version_is_used_that_both_sides_support(
    scripted: ScriptedEngine,
    newest: str,
    oldest: str | None,
    used: str,
) -> None:
    scripted.version = {"ApiVersion": newest, "MinAPIVersion": oldest}

    scripted.client.ping()

    assert scripted.asked[-1].path == f"/{used}/_ping"


# The engine's images.


def inspected(**values: Any) -> dict[str, Any]:
    return {"Id": ID, "Size": 7, "RepoTags": [], "RepoDigests": [], **values}


def test_an_image_is_found_by_name_and_by_id(scripted: ScriptedEngine) -> None:
    digest = "sha256:" + "1" * 64
    found = inspected(RepoDigests=[f"other@{ID}", f"owner/env@{digest}"])
    scripted.images = dict.fromkeys(("owner/env:1", ID, ID[7:], "deadbee"), found)
    client = scripted.client

    image = client.image("owner/env:1")

    assert (image.id, image.size, image.source) == (ID, 7, "local")
    assert image.digest == digest
    assert image.reference == "owner/env:1"
    for name in (ID, ID[7:], "deadbee"):
        assert client.image_exists(name)
    assert not client.image_exists("owner/env:2")


def test_a_short_name_of_hex_digits_is_not_an_id(scripted: ScriptedEngine) -> None:
    scripted.images = {"dead": inspected(RepoTags=["python:3"])}
    assert not scripted.client.image_exists("dead")

    scripted.images = {"dead": inspected(RepoTags=["dead:latest"])}
    assert scripted.client.image_exists("dead")


def test_an_invalid_name_is_never_sent_to_the_engine(scripted: ScriptedEngine) -> None:
    client = scripted.client

    for name in ("Owner/Env", "", "../../../etc", "x?force=1", "x/json?a=b"):
        with pytest.raises(InvalidReference):
            client.image_exists(name)
    assert scripted.asked == []


def test_a_missing_image_is_named_in_the_error(scripted: ScriptedEngine) -> None:
    with pytest.raises(ImageNotFound, match="owner/env:1"):
        scripted.client.image("owner/env:1")


def test_an_image_is_tagged_with_the_full_name(scripted: ScriptedEngine) -> None:
    scripted.client.tag(ID, "owner/env:1")

    (asked,) = scripted.asked_for("/tag")
    assert asked.query == {"repo": "docker.io/owner/env", "tag": "1", "force": "1"}


def test_a_digest_cannot_be_used_as_a_tag(scripted: ScriptedEngine) -> None:
    with pytest.raises(InvalidReference, match="cannot be used to tag"):
        scripted.client.tag(ID, f"owner/env@{ID}")


# Concurrent and cancelled operations.


def test_two_operations_share_no_connection(scripted: ScriptedEngine) -> None:
    client = scripted.client
    with client.operation() as first, client.operation() as second:
        assert first is not second
        assert first.ping()
        first.cut()
        assert second.ping()
        with pytest.raises(requests.exceptions.ConnectionError):
            first.ping()


def test_a_cancelled_operation_ends_as_cancelled(scripted: ScriptedEngine) -> None:
    cancel = Cancellation()
    cancel.request()

    with pytest.raises(Cancelled), scripted.client.operation(cancel) as api:
        api.ping()
    assert scripted.asked == []


@pytest.fixture
def unanswered() -> Iterator[int]:
    """A port whose queue of connections is full, so that another one waits for an answer."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{}", "ssh://somebody@127.0.0.1:{}"])
def test_a_cancel_does_not_wait_for_a_host_that_does_not_answer(
    unanswered: int, address: str
) -> None:
    cancel, asked_at = Cancellation(), queue.SimpleQueue[float]()

    def ask() -> None:
        asked_at.put(time.monotonic())
        cancel.request()

    threading.Timer(0.3, ask).start()
    with pytest.raises(Cancelled):
        new_client(address.format(unanswered)).info(cancel=cancel)

    # Connecting to such a host takes 10 s, or minutes over ssh.
    assert time.monotonic() - asked_at.get() < 5.0


def test_a_connection_made_after_cancelling_is_closed() -> None:
    cancel, discarded, may_answer = Cancellation(), queue.SimpleQueue[str](), threading.Event()

    def connection() -> str:
        cancel.request()
        may_answer.wait(10)
        return "late"

    with pytest.raises(Cancelled):
        cancel.wait_for(connection, discarded.put)
    assert discarded.empty()

    may_answer.set()
    assert discarded.get(timeout=10) == "late"


def test_a_closed_connection_is_worth_another_try(tmp_path: Path) -> None:
    path = tmp_path / "short.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def hang_up() -> None:
            listener.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()

        with pytest.raises(EngineUnavailable, match="lost") as caught:
            new_client(str(path)).ping()

    assert remedy_of(caught.value) is Remedy.AGAIN


def test_an_engine_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        client = Client(Endpoint(f"unix://{path}"))
        client._version = EngineVersion("Docker", "26.1", "1.45", True, "linux", "amd64", False)

        with (
            pytest.raises(EngineUnavailable, match="does not answer"),
            client.operation(timeout=0.05) as api,
        ):
            api.ping()


@pytest.mark.parametrize(("refused", "has_bridge"), [({"/networks"}, True), (set(), False)])
def test_an_engine_may_refuse_to_list_its_networks(
    scripted: ScriptedEngine, refused: set[str], *, has_bridge: bool
) -> None:
    scripted.refused = refused
    assert scripted.client.info().has_bridge is has_bridge


def test_an_engine_may_refuse_to_describe_itself(scripted: ScriptedEngine) -> None:
    scripted.refused = {"/info", "/networks"}
    info = scripted.client.info()
    assert (info.version, info.store, info.has_bridge) == ("26.1.5", "graphdriver", True)


def test_a_client_notices_that_its_engine_was_replaced(scripted: ScriptedEngine) -> None:
    client = scripted.client
    assert client.info().api_version == "1.45"
    scripted.version = {**VERSION, "ApiVersion": "1.41", "Version": "20.10.24"}
    too_new = "client version 1.45 is too new. Maximum supported API version is 1.41"

    error = explain(too_new, status=400)
    assert isinstance(error, EngineUnavailable)
    assert remedy_of(error) is Remedy.AGAIN
    scripted.pulls = [refusal(400, too_new)]
    with pytest.raises(EngineUnavailable, match="too new"), client.operation() as api:
        list(api.post_stream("/images/create", {}, {}, None))
    assert client.info().api_version == "1.41"

    scripted.version = VERSION
    assert client.info().api_version == "1.41"
    assert client.info(refresh=True).api_version == "1.45"


def test_one_request_describes_an_engine_to_a_job(scripted: ScriptedEngine) -> None:
    client = scripted.client

    version = client.version(refresh=True)

    assert scripted.asked == []  # nothing but `/version`
    assert (version.title, version.has_buildkit) == ("Docker Engine 26.1.5", True)
    assert client.info().title == version.title
    assert [each.route for each in scripted.asked] == ["/info", "/networks"]
    scripted.asked.clear()
    assert client.has_bridge() is client.has_bridge() is False
    assert scripted.asked == []


def test_the_platforms_of_an_image_are_asked_for_where_the_engine_lists_them(
    scripted: ScriptedEngine,
) -> None:
    scripted.images["a/b:1"] = {"Id": ID}
    assert scripted.client.image_exists("a/b:1")
    assert scripted.asked[-1].query == {}
    scripted.version = {**VERSION, "ApiVersion": "1.48"}
    assert scripted.client.image_exists("a/b:1")
    assert scripted.asked[-1].query == {"manifests": "1"}


def test_the_proxies_of_dockers_configuration_are_read(config: Path) -> None:
    own = {"httpProxy": "http://own:1", "noProxy": ".corp"}
    for given, expected in (
        ({"default": {"httpsProxy": "http://all:2"}}, {"https_proxy": "http://all:2"}),
        (
            {"default": {"allProxy": "x"}, "tcp://lab:2375": own},
            {"http_proxy": "http://own:1", "no_proxy": ".corp"},
        ),
        ("nonsense", {}),
        ({"default": "nonsense"}, {}),
    ):
        config.write_text(json.dumps({"proxies": given}), encoding="utf-8")
        both = expected | {name.upper(): value for name, value in expected.items()}
        assert new_client("tcp://lab:2375").proxies() == both
    config.unlink()
    assert new_client("tcp://lab:2375").proxies() == {}


def test_a_cancelled_operation_keeps_what_is_known_about_the_engine(
    scripted: ScriptedEngine,
) -> None:
    scripted.pulls = [Answer(is_silent=True)]
    client, cancel = scripted.client, Cancellation()
    known = client.info()

    def cancel_then() -> None:
        scripted.is_waiting.wait(10)
        cancel.request()

    threading.Thread(target=cancel_then, daemon=True).start()
    with pytest.raises(Cancelled), client.operation(cancel) as api:
        list(api.post_stream("/images/create", {}, {}, None))

    assert client.info() is known


def test_an_error_that_the_caller_is_handling_is_not_taken_for_the_cause(tmp_path: Path) -> None:
    client = new_client(str(tmp_path / "nowhere.sock"))
    try:
        client.image_exists("Bad/Name")
    except InvalidReference:
        with pytest.raises(EngineUnavailable, match="There is no Docker engine"):
            client.ping()


def test_sending_a_body_has_no_time_limit(scripted: ScriptedEngine) -> None:
    limits = []

    def body(api: Transport) -> Iterator[bytes]:
        limits.append(api._sockets[-1].gettimeout())
        yield b"a chunk"

    with scripted.client.operation(timeout=7.0) as api:
        assert list(api.post_stream("/build", {}, {}, None, body(api))) == []

    assert limits == [None]


@pytest.mark.parametrize(("own", "used"), [("/own/ca.pem", "/own/ca.pem"), (True, "/all/ca.pem")])
def test_the_engines_ca_overrides_the_machines(
    monkeypatch: pytest.MonkeyPatch, own: str | bool, used: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/all/ca.pem")
    api = Transport("tcp://engine.example:2376", version="1.41")
    api.verify = own
    settings = api.merge_environment_settings("https://engine.example:2376", {}, None, None, None)
    api.close()
    assert settings["verify"] == used


@pytest.mark.parametrize(
    ("platform", "is_there"),
    [
        ("linux/arm/v7", True),
        ("linux/arm", True),
        ("linux/armhf", True),
        ("linux", True),
        ("linux/arm/v6", False),
        ("linux/arm64", False),
        ("windows/arm", False),
    ],
)
def test_an_image_for_another_platform_is_not_found(
    scripted: ScriptedEngine, platform: str, *, is_there: bool
) -> None:
    scripted.images["a/b:1"] = {"Id": ID, "Os": "linux", "Architecture": "arm", "Variant": "v7"}
    assert scripted.client.image_exists("a/b:1")
    if is_there:
        assert scripted.client.image("a/b:1", platform=platform).id == ID
        return
    with pytest.raises(ImageNotFound, match=f"not for {platform}"):
        scripted.client.image("a/b:1", platform=platform)


def test_a_configuration_file_that_is_nested_too_deeply_is_a_docker_error(
    scripted: ScriptedEngine, tmp_path: Path
) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    (tmp_path / "config.json").write_text(f'{{"x": {deep}}}', encoding="utf-8")
    with pytest.raises(DockerError, match="nested too deeply") as caught:
        scripted.client.version()
    assert str(tmp_path / "config.json") in caught.value.hint
