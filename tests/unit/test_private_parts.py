"""Private parts of libraries still exist, and each is used in one module with a version bound.

If a test here fails after an upgrade, the internals of the library have changed: fix the
module named in the message, or lower the upper bound in `pyproject.toml`.
"""

import asyncio
import http.client
import inspect
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import docker
import grpclib.protocol
import paramiko.file
import pytest
import requests.adapters
import urllib3
from docker.transport.unixconn import UnixHTTPConnection
from grpclib.const import Cardinality
from grpclib.server import Server, Stream
from h2.connection import H2Connection
from packaging.requirements import Requirement

from imagewidget.jupyter import ipykernel_parts
from tests.unit.strayed import Homes, strayed
from tests.unit.tree import FILES, PACKAGE, PROJECT, ROOT, inside

# The objects that have the private parts.


def client() -> Any:
    return docker.APIClient("tcp://127.0.0.1:1", version="1.41")


def adapter() -> Any:
    return requests.adapters.HTTPAdapter()


def pool() -> Any:
    return urllib3.HTTPConnectionPool("localhost")


def connection() -> Any:
    return http.client.HTTPConnection("localhost")


def unix_connection() -> Any:
    return UnixHTTPConnection("http+unix:///engine.sock", "/engine.sock")


def answer() -> Any:
    near, far = socket.socketpair()
    with near, far:
        return http.client.HTTPResponse(near)


def file_of_socket() -> Any:
    with socket.socket() as connected:
        return socket.SocketIO(connected, "rb")


def protocol() -> Any:
    made = Server([])._protocol_factory()
    transport = MagicMock()
    transport.get_extra_info.return_value = None
    made.connection_made(transport)
    return made


def call() -> Any:
    return Stream(
        MagicMock(),
        "/a.Service/Method",
        Cardinality.UNARY_UNARY,
        object,
        object,
        codec=None,
        status_details_codec=None,
        dispatch=None,
    )


@dataclass(frozen=True)
class Part:
    """A private or undocumented name of a library.

    Attributes:
        owner: Makes an object that has it; None for a part of a running kernel.
        called: The arguments it is called with; None if it is not called.
        is_common: Whether other objects use the same name, so that the name alone
            does not identify it.
    """

    owner: Callable[[], Any] | None
    called: tuple[object, ...] | None = None
    is_common: bool = False


@dataclass(frozen=True)
class Library:
    """A library whose private parts are used.

    Attributes:
        home: The one module that may use them.
        parts: The private parts, by name.
        modules: Undocumented modules of the library.
        is_ours: Whether `pyproject.toml` declares which versions are allowed.
    """

    home: str
    parts: Mapping[str, Part]
    modules: tuple[str, ...] = field(default=())
    is_ours: bool = True


LIBRARIES = {
    "docker": Library(
        "engine/connection/docker_py.py",
        {
            "_general_configs": Part(client),
            "_get_raw_response_socket": Part(client, (None,)),
            "_get": Part(client, ("http://localhost/",)),
            "_post": Part(client, ("http://localhost/",)),
            "_result": Part(client, (requests.Response(), True)),
            "_set_request_timeout": Part(client, ({},)),
            "_url": Part(client, ("/session",)),
            "unix_socket": Part(unix_connection),
        },
        # Importing the home module shows that these modules still have what is used of them.
        modules=(
            "docker.api",
            "docker.auth",
            "docker.constants",
            "docker.credentials",
            "docker.transport",
            "docker.utils",
        ),
    ),
    "requests": Library(
        "engine/connection/http_wire.py",
        {
            "get_connection_with_tls_context": Part(adapter, (None, True)),
        },
    ),
    "urllib3": Library(
        "engine/connection/http_wire.py",
        {
            "_fp": Part(lambda: urllib3.HTTPResponse(b"")),
            "_new_conn": Part(pool, ()),
        },
        modules=("urllib3.connection", "urllib3.connectionpool", "urllib3.response"),
    ),
    "http.client": Library(
        "engine/connection/http_wire.py",
        {
            "connect": Part(connection, (), is_common=True),
            "fp": Part(answer, is_common=True),
            "sock": Part(connection, is_common=True),
            "timeout": Part(connection, is_common=True),
        },
        is_ours=False,  # Python's
    ),
    "socket": Library(
        "engine/connection/http_wire.py", {"_sock": Part(file_of_socket)}, is_ours=False
    ),
    "paramiko": Library(
        "engine/connection/http_wire.py", {"_rbuffer": Part(paramiko.file.BufferedFile)}
    ),
    "grpclib": Library(
        "engine/buildkit/session/grpclib_parts.py",
        {
            "_connection": Part(lambda: protocol().connection),
            "_h2_config": Part(lambda: Server([])),
            "_protocol_factory": Part(lambda: Server([]), ()),
            "_stream": Part(call),
            "connection": Part(protocol, is_common=True),
            "flush": Part(lambda: protocol().connection, (), is_common=True),
            "send_data": Part(lambda: grpclib.protocol.Stream, (None, b"")),
        },
        modules=("grpclib.protocol", "grpclib.stream"),
    ),
    "h2": Library(
        "engine/buildkit/session/grpclib_parts.py",
        {
            "decoder": Part(H2Connection),
            "max_header_list_size": Part(lambda: H2Connection().decoder),
            "update_settings": Part(H2Connection, ({},)),
        },
        modules=("h2.connection", "h2.config"),
    ),
    "ipykernel": Library(
        "jupyter/ipykernel_parts.py",
        {
            "_allow_stdin": Part(None),
            "_reply_subshell_for": Part(None),
            "comm_manager": Part(None),
            "comm_msg": Part(None),
            "control_handlers": Part(None),
            "kernel": Part(None, is_common=True),
        },
        modules=("ipykernel",),
        is_ours=False,  # installed wherever there is a kernel
    ),
}
HOMES = {library.home for library in LIBRARIES.values()}
WHERE = Homes(
    names={
        name: library.home
        for library in LIBRARIES.values()
        for name, part in library.parts.items()
        if not part.is_common
    },
    modules={module: library.home for library in LIBRARIES.values() for module in library.modules},
)

# They still exist.


@pytest.mark.parametrize(
    ("library", "name"),
    [
        (library, name)
        for library, about in LIBRARIES.items()
        for name, part in about.parts.items()
        if part.owner is not None
    ],
)
def test_a_private_part_still_exists(library: str, name: str) -> None:
    part = LIBRARIES[library].parts[name]

    async def make_owner() -> Any:
        """Make the owner inside an event loop, which grpclib's classes need."""
        assert part.owner is not None
        return part.owner()

    owner = asyncio.run(make_owner())
    where = f"{library} {version(library)}" if LIBRARIES[library].is_ours else library
    assert hasattr(owner, name), f"{where} has no {name}: see {LIBRARIES[library].home}"
    if part.called is not None:
        inspect.signature(getattr(owner, name)).bind(*part.called)


_IN_A_KERNEL = """
import json
import comm as comms
from ipykernel.ipkernel import IPythonKernel
from imagewidget.jupyter import ipykernel_parts as parts

kernel = IPythonKernel()
comm = comms.create_comm(target_name="test")
there = hasattr(comm, "_reply_subshell_for")
comm._reply_subshell_id = "another"
parts.handle_where_sent(comm)
print(json.dumps({
    "_allow_stdin": parts.allows_input(kernel) is False and hasattr(kernel, "_allow_stdin"),
    "_reply_subshell_for": there and comm._reply_subshell_for({}, "the asking") == "the asking",
    "comm_manager": hasattr(kernel, "comm_manager"),
    "comm_msg": parts.take_on_control(kernel) and "comm_msg" in kernel.control_handlers,
    "control_handlers": isinstance(kernel.control_handlers, dict),
    "kernel": parts.kernel_of(kernel.shell) is kernel,
}))
"""


def test_the_private_parts_of_a_kernel_still_exist(tmp_path: Path) -> None:
    """Run in a separate process, because a kernel changes global state."""
    ran = subprocess.run(
        [sys.executable, "-c", _IN_A_KERNEL],
        capture_output=True,
        check=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
    )
    there = json.loads(ran.stdout)
    assert set(there) == set(LIBRARIES["ipykernel"].parts)
    installed = version("ipykernel")
    since_7_4 = tuple(map(int, installed.split(".")[:2])) >= (7, 4)
    for name, is_there in there.items():
        if name == "_reply_subshell_for" and not since_7_4:
            continue  # the problem that it works around came with 7.4
        assert is_there, f"ipykernel {installed} has no {name}: see jupyter/ipykernel_parts.py"


def test_a_kernel_without_the_private_parts_is_left_alone() -> None:
    other = object()
    assert ipykernel_parts.kernel_of(other) is None
    assert ipykernel_parts.allows_input(other)
    assert not ipykernel_parts.take_on_control(other)
    ipykernel_parts.handle_where_sent(other)
    ipykernel_parts.handle_where_sent(None)


# Their versions are bounded.


@pytest.mark.parametrize("library", [name for name, each in LIBRARIES.items() if each.is_ours])
def test_a_library_has_an_upper_bound(library: str) -> None:
    project = PROJECT["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = [Requirement(each) for some in lists for each in some]
    found = [each for each in asked if each.name == library]
    assert found, f"{library} is not a dependency in pyproject.toml"
    for each in found:
        assert any(bound.operator == "<" for bound in each.specifier), f"{each} has no upper bound"
        assert version(library) in each.specifier


# They are used nowhere else.


def test_only_the_home_modules_may_access_private_members() -> None:
    exempt = PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    found = {path for path, rules in exempt.items() if "SLF001" in rules and path != "tests/**"}
    assert found == {f"imagewidget/{home}" for home in HOMES}
    for path in FILES:
        assert "SLF001" not in path.read_text(encoding="utf-8"), path.relative_to(PACKAGE)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_part_in_the_table_is_used(library: str) -> None:
    text = (PACKAGE / LIBRARIES[library].home).read_text(encoding="utf-8")
    for name in LIBRARIES[library].parts:
        assert re.search(rf"\b{name}\b", text), name


def test_a_part_is_used_only_in_its_home_module() -> None:
    for path in FILES:
        assert [*strayed(path.read_text(encoding="utf-8"), inside(path), WHERE)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("api._general_configs", "engine/connection/docker_py.py"),
        ("class C:\n def f(self): return self._general_configs", "engine/connection/docker_py.py"),
        ("class C(B):\n def _set_request_timeout(self): ...", "engine/connection/docker_py.py"),
        ("from docker.utils.config import home_dir", "engine/connection/docker_py.py"),
        ("import docker.auth", "engine/connection/docker_py.py"),
        ("from docker import auth", "engine/connection/docker_py.py"),
        ("import docker.errors\nx = docker.auth.load_config()", "engine/connection/docker_py.py"),
        ("import docker\nx = docker.utils.parse_host", "engine/connection/docker_py.py"),
        ("setattr(pool, '_new_conn', f)", "engine/connection/http_wire.py"),
        ("for name in ('control_handlers',): pass", "jupyter/ipykernel_parts.py"),
        ("class C:\n def f(self): self.stream._stream", "engine/buildkit/session/grpclib_parts.py"),
        ("import ipykernel.kernelbase", "jupyter/ipykernel_parts.py"),
        ("thing._new", "of its library"),
        ("hasattr(thing, '_new')", "of its library"),
        ("from thing import _new", "of its library"),
    ],
)
def test_a_private_part_outside_its_home_is_detected(text: str, found: str) -> None:
    (message,) = strayed(text, "some/module.py", WHERE)
    assert found in message


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n def f(self): self._stream = self._own(self._stream)",
        "class C:\n def _own(self, other): return other._own",
        "super()._repr_mimebundle_()",
        "thing.__class__._replace(a=1)",
        "import docker.errors\nfrom docker.tls import TLSConfig\nfrom docker import APIClient",
        "from __future__ import annotations",
    ],
)
def test_own_and_documented_names_are_allowed_anywhere(text: str) -> None:
    assert [*strayed(text, "some/module.py", WHERE)] == []
