"""The services besides files: health, credentials, secrets, the ssh agent."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from grpclib.client import StreamStreamMethod, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from imagewidget.engine.buildkit.proto.auth_pb2 import CredentialsRequest, CredentialsResponse
from imagewidget.engine.buildkit.proto.health_pb2 import HealthCheckRequest, HealthCheckResponse
from imagewidget.engine.buildkit.proto.secrets_pb2 import GetSecretRequest, GetSecretResponse
from imagewidget.engine.buildkit.proto.ssh_pb2 import (
    BytesMessage,
    CheckAgentRequest,
    CheckAgentResponse,
)
from imagewidget.engine.buildkit.session.auth import Auth
from imagewidget.engine.buildkit.session.handlers import Service
from imagewidget.engine.buildkit.session.health import Health
from imagewidget.engine.buildkit.session.secrets import Secrets
from imagewidget.engine.buildkit.session.ssh import SshAgents
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import DockerError
from tests.unit.engine.buildkit.peer import peer


def call(service: Service, path: str, request: Message, answer: type) -> Message:
    """Call a method as the engine would."""

    async def run() -> Message:
        async with peer([service]) as channel:
            method = UnaryUnaryMethod(channel, path, type(request), answer)
            return await method(request)

    return asyncio.run(run())


def test_a_health_check_reports_serving() -> None:
    path = "/grpc.health.v1.Health/Check"
    answer = call(Health(), path, HealthCheckRequest(), HealthCheckResponse)
    assert answer == HealthCheckResponse(status=HealthCheckResponse.SERVING)


def ask_credentials(auth: Auth, host: str) -> tuple[str, str]:
    request = CredentialsRequest(Host=host)
    answer = call(auth, "/moby.filesync.v1.Auth/Credentials", request, CredentialsResponse)
    return answer.Username, answer.Secret  # type: ignore[attr-defined]


def test_credentials_are_looked_up_by_host() -> None:
    kept = {"ghcr.io": Credentials("me", "pass"), "other": Credentials(identity_token="token")}  # noqa: S106
    auth = Auth(kept.get)
    assert ask_credentials(auth, "ghcr.io") == ("me", "pass")
    assert ask_credentials(auth, "other") == ("", "token")
    assert ask_credentials(auth, "public.example") == ("", "")


def test_a_broken_credential_helper_does_not_prevent_builds_from_public_images() -> None:
    def broken(_: str) -> Credentials:
        raise DockerError("the helper is not installed")

    assert ask_credentials(Auth(broken), "ghcr.io") == ("", "")


def test_a_credential_helper_that_hangs_times_out() -> None:
    """Nothing waits for its thread, not even the interpreter when it exits."""
    may_finish = threading.Event()
    threads: list[threading.Thread] = []

    def hanging(_: str) -> None:
        threads.append(threading.current_thread())
        may_finish.wait(5)

    try:
        assert ask_credentials(Auth(hanging, patience=0.01), "ghcr.io") == ("", "")
        assert [thread.is_alive() and thread.daemon for thread in threads] == [True]
    finally:
        may_finish.set()


@pytest.mark.parametrize("method", ["FetchToken", "GetTokenAuthority", "VerifyTokenAuthority"])
def test_tokens_are_left_to_the_engine(method: str) -> None:
    with pytest.raises(GRPCError) as caught:
        call(
            Auth(lambda _: None),
            f"/moby.filesync.v1.Auth/{method}",
            CredentialsRequest(),
            CredentialsResponse,
        )
    assert caught.value.status is Status.UNIMPLEMENTED


def test_a_secret_is_served_by_its_id() -> None:
    path = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
    secrets = Secrets({"pip": b"\x00index"})
    answer = call(secrets, path, GetSecretRequest(ID="pip"), GetSecretResponse)
    assert answer == GetSecretResponse(data=b"\x00index")
    with pytest.raises(GRPCError) as caught:
        call(secrets, path, GetSecretRequest(ID="other"), GetSecretResponse)
    assert caught.value.status is Status.NOT_FOUND


def test_a_secret_is_not_in_a_repr() -> None:
    assert "index" not in repr(Secrets({"pip": b"index"}))


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """Yield the socket of an agent that repeats everything it receives."""
    path = tmp_path / "agent.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data * 2)

    thread = threading.Thread(target=serve)
    thread.start()
    yield path
    thread.join(5)
    listener.close()


def test_bytes_are_carried_to_the_ssh_agent_and_back(agent: Path) -> None:
    async def run() -> bytes:
        async with peer([SshAgents({"default": str(agent)})]) as channel:
            method = StreamStreamMethod(
                channel, "/moby.sshforward.v1.SSH/ForwardAgent", BytesMessage, BytesMessage
            )
            async with method.open(metadata={"buildkit.ssh.id": "default"}) as stream:
                await stream.send_message(BytesMessage(data=b"sign "))
                first = await stream.recv_message()
                await stream.send_message(BytesMessage(data=b"this"), end=True)
                rest = [message async for message in stream]
            return b"".join(message.data for message in [first, *rest] if message)

    assert asyncio.run(run()) == b"sign sign thisthis"


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_agent_that_exits_ends_the_stream(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_killed: bool
) -> None:
    path = str(tmp_path / "agent.sock")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not is_killed:
            await reader.read(100)
        # Closing with unread bytes resets the connection, as a killed agent does.
        writer.close()

    async def run() -> list[BytesMessage]:
        agent = await asyncio.start_unix_server(hang_up, path)
        async with agent, peer([SshAgents({"default": path})]) as channel:
            method = StreamStreamMethod(
                channel, "/moby.sshforward.v1.SSH/ForwardAgent", BytesMessage, BytesMessage
            )
            async with method.open() as stream:
                await stream.send_message(BytesMessage(data=b"sign this"))
                received = await asyncio.wait_for(rest_of(stream), 5)
                await stream.end()
            await no_task_is_left()
            return received

    async def rest_of(stream: AsyncIterator[BytesMessage]) -> list[BytesMessage]:
        return [message async for message in stream]

    async def no_task_is_left() -> None:
        for _ in range(100):
            names = {task.get_coro().__name__ for task in asyncio.all_tasks()}
            if not names & {"_carry_back", "_carry_forth", "request_handler"}:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"still running: {names}")

    assert asyncio.run(run()) == []
    assert caplog.text == ""


def test_an_agent_that_was_not_passed_is_refused() -> None:
    agents = SshAgents({"default": "/nowhere"})
    path = "/moby.sshforward.v1.SSH/CheckAgent"
    call(agents, path, CheckAgentRequest(ID="default"), CheckAgentResponse)
    call(agents, path, CheckAgentRequest(), CheckAgentResponse)
    with pytest.raises(GRPCError, match="unset ssh forward key other"):
        call(agents, path, CheckAgentRequest(ID="other"), CheckAgentResponse)


def test_an_agent_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    async def run() -> None:
        async with peer([SshAgents({"default": str(tmp_path / "gone")})]) as channel:
            method = StreamStreamMethod(
                channel, "/moby.sshforward.v1.SSH/ForwardAgent", BytesMessage, BytesMessage
            )
            async with method.open() as stream:
                await stream.send_request()
                await stream.recv_message()
                await stream.end()

    with pytest.raises(GRPCError) as caught:
        asyncio.run(run())
    assert caught.value.status is Status.UNAVAILABLE
