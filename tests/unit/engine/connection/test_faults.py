"""The errors and hints for an engine that cannot be reached, on each system."""

import contextlib
import logging
import os
import socket
import ssl
import traceback
from pathlib import Path

import pytest
import requests.adapters

from imagewidget.engine.connection.client import new_client
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.faults import translate, translated
from imagewidget.engine.connection.hints import Fault, hint
from imagewidget.engine.failure.errors import EngineUnavailable
from tests.scripted import ScriptedEngine

DEFAULT = Endpoint("unix:///var/run/docker.sock")
PLATFORMS = ("linux", "darwin", "win32")


def test_a_missing_socket_a_dead_socket_and_a_denied_socket_are_three_faults(
    tmp_path: Path,
) -> None:
    dead = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dead))

    with pytest.raises(EngineUnavailable, match="There is no Docker engine") as missing:
        new_client(str(tmp_path / "nowhere.sock")).ping()
    with pytest.raises(EngineUnavailable, match="No Docker engine is listening") as refused:
        new_client(str(dead)).ping()
    denied = translate(PermissionError(13, "Permission denied"), DEFAULT, platform="linux")

    assert "not allowed" in denied.message
    assert len({missing.value.hint, refused.value.hint, denied.hint}) == 3


def test_an_engine_that_accepts_no_more_connections_does_not_answer(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        busy = stack.enter_context(socket.socket(socket.AF_UNIX))
        busy.bind(str(tmp_path / "busy.sock"))
        busy.listen(0)
        waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
        waiting.connect(str(tmp_path / "busy.sock"))

        with pytest.raises(EngineUnavailable, match="does not answer"):
            new_client(str(tmp_path / "busy.sock")).ping()


def test_error_numbers_of_tls_and_dns_are_not_taken_for_errno() -> None:
    untrusted = translate(ssl.SSLError(1, "certificate verify failed"), DEFAULT)
    unknown = translate(socket.gaierror(2, "Name or service not known"), DEFAULT)

    assert "trust" in untrusted.message
    assert "cannot be resolved" in unknown.message


@pytest.mark.parametrize("fault", [Fault.MISSING, Fault.DEAD, Fault.DENIED])
def test_each_system_has_a_different_hint(fault: Fault) -> None:
    hints = {name: hint(fault, DEFAULT, platform=name, in_container=False) for name in PLATFORMS}

    assert len(set(hints.values())) == 3
    assert all("`" in text or "Docker Desktop" in text for text in hints.values())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_fault_has_a_hint_on_every_system(platform: str) -> None:
    for endpoint in (DEFAULT, Endpoint("tcp://host:2375"), Endpoint("ssh://host")):
        for fault in Fault:
            assert hint(fault, endpoint, platform=platform, in_container=False)


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        ("linux", {"MISSING": "systemctl start", "DEAD": "journalctl", "DENIED": "usermod"}),
        ("darwin", {"MISSING": "open -a Docker", "DEAD": "restart", "DENIED": "Settings"}),
        ("win32", {"MISSING": "Start menu", "DEAD": "wsl --shutdown", "DENIED": "docker-users"}),
    ],
)
def test_the_hint_names_a_command_or_a_place(platform: str, words: dict[str, str]) -> None:
    for name, text in words.items():
        assert text in hint(Fault[name], DEFAULT, platform=platform, in_container=False)


def test_the_hint_in_a_container_is_to_mount_the_socket() -> None:
    assert "-v /var/run/docker.sock" in hint(
        Fault.MISSING,
        DEFAULT,
        platform="linux",
        in_container=True,
    )


def test_a_port_where_nothing_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(EngineUnavailable, match="No Docker engine is listening") as caught:
        new_client(f"tcp://127.0.0.1:{port}").ping()
    assert "port" in caught.value.hint


def test_a_request_with_build_arguments_is_in_no_traceback_and_no_log(
    scripted: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """urllib3 quotes the whole query, also of a connection that fails."""
    caplog.set_level(logging.DEBUG)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    query = {"buildargs": '{"TOKEN": "swordfish"}', "remote": "https://swordfish@x.example/a.git"}

    with scripted.client.operation() as api:
        list(api.post_stream("/build", query, {}, None))
    with scripted.client.operation() as api:
        api.base_url = nowhere.replace("tcp", "http")
        api.mount(api.base_url, requests.adapters.HTTPAdapter())
        with (
            pytest.raises(EngineUnavailable) as caught,
            translated(Endpoint(nowhere)),
        ):
            list(api.post_stream("/build", query, {}, None))

    assert "/build?…" in caplog.text
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    shown = "".join(traceback.format_exception(caught.value))
    assert "swordfish" not in shown + caplog.text


def test_ssh_without_paramiko_hints_at_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import docker.api.client  # noqa: PLC0415

    monkeypatch.delattr(docker.api.client, "SSHHTTPAdapter", raising=False)

    with pytest.raises(EngineUnavailable) as caught:
        new_client("ssh://host").ping()
    assert "pip install 'imagewidget[ssh]'" in caught.value.hint


@pytest.mark.skipif(os.name == "nt", reason="named pipes work on Windows")
def test_a_named_pipe_needs_windows() -> None:
    with pytest.raises(EngineUnavailable, match="Windows"):
        new_client("npipe:////./pipe/docker_engine").ping()
