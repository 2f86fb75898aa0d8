"""Every option of a build does something: it changes the request, and what the engine gets."""

import asyncio
import contextlib
import io
import socket
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from google.protobuf.message import Message
from grpclib.client import UnaryUnaryMethod
from grpclib.exceptions import GRPCError

from imagewidget.engine.build import build, choose
from imagewidget.engine.buildkit.parameters import parameters
from imagewidget.engine.buildkit.proto.auth_pb2 import CredentialsRequest, CredentialsResponse
from imagewidget.engine.buildkit.proto.secrets_pb2 import GetSecretRequest, GetSecretResponse
from imagewidget.engine.buildkit.proto.ssh_pb2 import CheckAgentRequest, CheckAgentResponse
from imagewidget.engine.buildkit.services import Services
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic.parameters import parameters as classic_parameters
from imagewidget.engine.failure.errors import DockerError, InvalidContext
from imagewidget.engine.request.options import Option, described
from imagewidget.engine.request.request import BuildRequest
from tests.scripted import VERSION, ScriptedEngine
from tests.unit.engine.buildkit.peer import peer

ONLY_BUILDKIT = "BuildKit only."
PODMAN_TOO = ("source_date_epoch",)
"""The options that Podman has, but not Docker's classic builder."""
ASKED: list[tuple[str, Message, type[Message]]] = [
    ("/moby.buildkit.secrets.v1.Secrets/GetSecret", GetSecretRequest(ID="name"), GetSecretResponse),
    ("/moby.sshforward.v1.SSH/CheckAgent", CheckAgentRequest(ID="name"), CheckAgentResponse),
    ("/moby.filesync.v1.Auth/Credentials", CredentialsRequest(Host="name.io"), CredentialsResponse),
]
"""What an engine asks for in the session, with the names of the samples."""


@pytest.fixture
def scripted(scripted: ScriptedEngine) -> ScriptedEngine:
    scripted.version = {**VERSION, "BuilderVersion": "2"}
    return scripted


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Values for the options whose values have a form of their own."""
    agent = tmp_path / "agent"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(agent))
        yield {
            "dockerfile": "FROM other AS word\n",
            "secrets": {"name": "secret"},
            "ssh": f"name={agent}",
            "platform": "linux/arm64",
            "cache_to": "inline",
            "add_hosts": {"name": "192.0.2.1"},
            "ulimits": {"nofile": "1:2"},
            "output": str(tmp_path / "output"),
            "auth": {"name.io": ("me", "password")},
        }


def sample(name: str, kind: Any, option: Option, samples: Mapping[str, Any]) -> Any:
    """Return a value that is not the default: from the table, else one of the option's type."""
    if name in samples:
        return samples[name]
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    kinds = {get_origin(each) or each: get_args(each) for each in members}
    if Literal in kinds:
        return next(word for word in reversed(kinds[Literal]) if word != option.default)
    if bool in kinds:
        return not option.default
    for found, value in ((Mapping, {"word": "1"}), (Iterable, ["word"]), (str, "word"), (int, 5)):
        if found in kinds:
            return value
    assert float in kinds, f"Add a value for {name} to the table of samples."
    return 0.5


def request(**options: Any) -> BuildRequest:
    return BuildRequest.of(
        **{"dockerfile": "FROM base AS word\nFROM word\n", "environ": {}, **options}
    )


def sent_to_classic(scripted: ScriptedEngine, made: BuildRequest) -> tuple[object, ...]:
    """Return the query, the logins and the files that arrive at an engine."""
    running = build(scripted.client, made, cancel=Cancellation(), clock=lambda: 0.0)
    with contextlib.suppress(DockerError):  # the scripted engine builds nothing
        list(running)
    arrived = scripted.asked_for("/build").pop()
    with tarfile.open(fileobj=io.BytesIO(arrived.body)) as archive:
        files = {each.name: archive.extractfile(each) for each in archive}
        content = {name: file.read() for name, file in files.items() if file}
    return arrived.query, arrived.headers.get("X-Registry-Config"), content


def sent_to_buildkit(scripted: ScriptedEngine, made: BuildRequest) -> tuple[object, ...]:
    """Return the query, what the session answers, and the Dockerfile that it serves."""
    services = Services(scripted.client, made, Cancellation())
    tree = services._sync._trees["dockerfile"]
    dockerfile = b"".join(tree.pieces(made.sources.dockerfile_name))
    builder = choose(scripted.client, made)
    return (
        builder,
        parameters(made, "session", build_id="id"),
        asyncio.run(answers(services)),
        dockerfile,
    )


def parameters_of_podman(made: BuildRequest) -> object:
    return classic_parameters(made, "Dockerfile", is_podman=True)


async def answers(services: Services) -> list[Message | None]:
    found: list[Message | None] = []
    async with peer(services.all) as channel:
        for path, asked, answer in ASKED:
            method: Any = UnaryUnaryMethod(channel, path, type(asked), answer)
            try:
                found.append(await method(asked))
            except GRPCError:
                found.append(None)
    return found


@pytest.mark.parametrize("name", described())
def test_an_option_changes_the_request_and_what_buildkit_gets(
    name: str, samples: dict[str, Any], scripted: ScriptedEngine
) -> None:
    value = sample(name, *described()[name], samples)
    without, given = request(), request(**{name: value})
    assert getattr(given, name) != getattr(without, name)
    assert sent_to_buildkit(scripted, without) == sent_to_buildkit(scripted, request())
    assert sent_to_buildkit(scripted, given) != sent_to_buildkit(scripted, without)


@pytest.mark.parametrize("name", [name for name in described() if name != "builder"])
def test_an_option_changes_what_the_classic_builder_gets_or_is_refused(
    name: str, samples: dict[str, Any], scripted: ScriptedEngine
) -> None:
    kind, option = described()[name]
    options = {name: sample(name, kind, option, samples), "builder": "classic"}
    if ONLY_BUILDKIT in option.text:
        with pytest.raises(InvalidContext, match=f"does not support `{name}`"):
            request(**options)
        return
    if name in PODMAN_TOO:
        made = request(**options)
        with pytest.raises(DockerError, match=f"`{name}` requires BuildKit, or Podman 5.6"):
            list(build(scripted.client, made, cancel=Cancellation(), clock=lambda: 0.0))
        assert parameters_of_podman(made) != parameters_of_podman(request())
        return
    without = sent_to_classic(scripted, request(builder="classic"))
    assert without == sent_to_classic(scripted, request(builder="classic"))
    assert sent_to_classic(scripted, request(**options)) != without
