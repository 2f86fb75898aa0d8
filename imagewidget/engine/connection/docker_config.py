"""Docker's configuration file, read as the docker CLI reads it.

The rules are those of docker/cli `cli/config` (`config.go`, `configfile/file.go`,
`credentials/file_store.go`, `credentials/default_store.go`) and of Go's JSON reader:
names are compared without case, the values of an object that occurs twice are joined, what
follows the first JSON value is ignored, and null is the same as nothing.

A value of a wrong type is left out, and kept as a message, while the rest is used. The docker
CLI goes on with a warning, too, but reads no `auth` after such a value, and nothing of a
`DOCKER_AUTH_CONFIG` with a field that it does not know.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imagewidget.engine.connection import docker_py
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.image.reference import DOCKER_HUB, registry_at

_HUB_KEY = "https://index.docker.io/v1/"
"""Docker Hub's name in Docker's configuration, and in logins sent to an engine."""

_FILE = "Docker's configuration file"
_LOGINS_IN_ENVIRONMENT = "DOCKER_AUTH_CONFIG"
_LARGEST = 16_000_000
_PROXIES = {
    "httpProxy": "http_proxy",
    "httpsProxy": "https_proxy",
    "ftpProxy": "ftp_proxy",
    "noProxy": "no_proxy",
    "allProxy": "all_proxy",
}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\0-\x08\x0a-\x1f\x7f]*")
_OWN_HEADERS = frozenset({"content-length", "host", "trailer", "transfer-encoding", "user-agent"})
"""Headers that Go writes itself, whatever is configured (`net/http`), in lower case."""


@dataclass(frozen=True)
class Entry:
    """A login that is written to the file itself.

    Attributes:
        credentials: None if the entry has none, as after `docker logout`.
        problem: Why a part of the entry is ignored; else empty.
    """

    credentials: Credentials | None = None
    problem: str = ""


@dataclass(frozen=True)
class DockerConfig:
    """What Docker's configuration file contains.

    Attributes:
        entries: The logins in the file itself, by the name that Docker stores them under.
        passed: The logins in `DOCKER_AUTH_CONFIG` that can be used; they take precedence.
        helpers: The registries that have a separate credential helper.
        common_helper: The credential helper for all other registries; else empty.
        headers: Sent with every request to an engine; one character per byte in UTF-8.
        proxies: The proxies for builds, by engine address.
        context: The current docker context; else empty.
        problems: What cannot be read, one sentence each.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    passed: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    helpers: Mapping[str, str] = field(default_factory=dict)
    common_helper: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxies: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    context: str = ""
    problems: tuple[str, ...] = ()

    def helper(self, host: str) -> str:
        """Return the credential helper for a registry; empty if the file has the logins."""
        return self.helpers.get(login_key(host), self.common_helper)

    def entry(self, host: str) -> Entry:
        """Return what the file itself has for a registry (`fileStore.Get`)."""
        name = login_key(host)
        found = self.entries.get(name)
        if found is None:
            older = (entry for key, entry in self.entries.items() if _hostname(key) == name)
            found = next(older, Entry())
        return found

    def build_proxies(self, url: str) -> dict[str, str]:
        """Return the proxies for builds as build arguments, each in lower and upper case.

        See https://docs.docker.com/engine/cli/proxy/ and `ParseProxyConfig`.

        Args:
            url: The engine's address. The file may have proxies for this address;
                otherwise those of `default` apply.
        """
        own = self.proxies.get(url, self.proxies.get("default", {}))
        return {form: value for name, value in own.items() for form in (name, name.upper())}


def login_key(host: str) -> str:
    """Return the name under which Docker stores the login for the registry at `host`."""
    registry = registry_at(host)
    return _HUB_KEY if registry == DOCKER_HUB else registry


def directory() -> Path:
    """Return the directory of Docker's configuration file and contexts."""
    return Path(os.environ.get("DOCKER_CONFIG") or Path(docker_py.home()) / ".docker")


def read() -> DockerConfig:
    """Read Docker's configuration file; one that cannot be read is the same as an empty one."""
    path = directory() / "config.json"
    problems: list[str] = []
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except FileNotFoundError:
        content = b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its path is not valid"
        problems.append(f"{_FILE} {path} cannot be read: {reason}.")
        content = b""
    found = _Values(_parsed(content, f"{_FILE} {path}", problems), _FILE, problems)
    entries = {key: _entry(value) for key, value in found.mapping("auths").items()}
    helpers, common = found.strings("credHelpers"), found.string("credsStore")
    if not (entries or helpers or common):
        common = _default_helper()
    return DockerConfig(
        entries=entries,
        passed=_passed(problems),
        helpers=helpers,
        common_helper=common,
        headers={
            name: value.strip(" \t").encode().decode("latin-1")
            for name, value in found.strings("HttpHeaders").items()
            if _HEADER_NAME.fullmatch(name)
            and _HEADER_VALUE.fullmatch(value)
            and name.lower() not in _OWN_HEADERS
        },
        proxies={address: _proxies(value) for address, value in found.objects("proxies").items()},
        context=found.string("currentContext"),
        problems=tuple(dict.fromkeys(problems)),
    )


class _Object(list[tuple[str, Any]]):
    """A JSON object: its names and values as written, each name perhaps several times."""


class _Values:
    """The values of a JSON object, read into Go's types.

    Args:
        content: The object; null and values of other types are the same as an empty one.
        place: Where it is from, for the messages.
        problems: Gets a message for each value of a wrong type.
    """

    def __init__(self, content: Any, place: str, problems: list[str]) -> None:
        self._values: dict[str, list[Any]] = defaultdict(list)
        for name, value in content if isinstance(content, _Object) else ():
            self._values[name.lower()].append(value)
        self._place = place
        self._problems = problems

    def string(self, name: str) -> str:
        values = self._of_type(name, str, "a string")
        return next((_text(value) for value in reversed(values) if value is not None), "")

    def mapping(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for value in self._of_type(name, _Object, "an object"):
            if value is None:
                found.clear()
            else:
                found |= {_text(key): each for key, each in value}
        return found

    def strings(self, name: str) -> dict[str, str]:
        found = self.mapping(name)
        if any(not isinstance(value, (str, type(None))) for value in found.values()):
            self._report(f"The values of `{name}`", "are not all strings")
        return {key: _text(value) for key, value in found.items() if isinstance(value, str)}

    def objects(self, name: str) -> dict[str, _Values]:
        found = self.mapping(name)
        if any(not isinstance(value, (_Object, type(None))) for value in found.values()):
            self._report(f"The values of `{name}`", "are not all objects")
        return {key: _Values(value, self._place, self._problems) for key, value in found.items()}

    def _of_type(self, name: str, kind: type, described: str) -> list[Any]:
        values = self._values[name.lower()]
        fitting = [value for value in values if value is None or isinstance(value, kind)]
        if len(fitting) < len(values):
            self._report(f"`{name}`", f"is not {described}")
        return fitting

    def _report(self, name: str, what: str) -> None:
        self._problems.append(f"{name} in {self._place} {what}.")


def _parsed(content: bytes, name: str, problems: list[str]) -> Any:
    """Return the first JSON value of a file; None if there is none."""
    text = content.decode("utf-8", "replace").lstrip(" \t\r\n")
    if not text:
        return None
    try:
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        problems.append(f"{name} is not valid JSON{line}.")
        return None
    if not isinstance(value, (_Object, type(None))):
        problems.append(f"{name} is not a JSON object.")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object,
    parse_constant=_refuse,
    parse_int=float,  # Python's int has a limit, and no number is used
)


def _entry(written: Any) -> Entry:
    """Return the login in one entry of `auths`."""
    if not isinstance(written, (_Object, type(None))):
        return Entry(problem="Its entry is not an object.")
    problems: list[str] = []
    string = _Values(written, "", problems).string
    username, password, problem = string("username"), string("password"), ""
    encoded = string("auth")
    if encoded:
        decoded = _decoded(encoded)
        if decoded is None:
            problem = "Its `auth` is not base64 of `user:password`."
        else:
            username, password = decoded
    elif problems:
        problem = "Its entry has values that are not strings."
    found = Credentials(username, password, string("identitytoken"), string("registrytoken"))
    return Entry(found if found != Credentials() else None, problem)


def _decoded(encoded: str) -> tuple[str, str] | None:
    """Return the user name and password in `auth`, or None if it is not valid (`decodeAuth`)."""
    try:
        decoded = base64.b64decode(re.sub(r"[\r\n]", "", encoded), validate=True)
    except (binascii.Error, ValueError):
        return None
    username, colon, password = decoded.decode("utf-8", "replace").partition(":")
    return (username, password.strip("\0")) if colon and username else None


def _passed(problems: list[str]) -> dict[str, Entry]:
    """Return the logins in the environment (`parseEnvConfig`)."""
    name = f"`{_LOGINS_IN_ENVIRONMENT}`"
    content = os.environ.get(_LOGINS_IN_ENVIRONMENT, "").encode("utf-8", "replace")
    values = _Values(_parsed(content, name, problems), name, problems)
    found = {}
    for key, value in values.mapping("auths").items():
        entry = _entry(value)
        if entry.credentials is None:
            reason = entry.problem or "Its entry is empty."
            problems.append(f"Ignoring the login for {key} in {name}. {reason}")
        else:
            found[key] = entry
    return found


def _proxies(values: _Values) -> dict[str, str]:
    found = {name: values.string(key) for key, name in _PROXIES.items()}
    return {name: value for name, value in found.items() if value}


def _default_helper() -> str:
    """Return the helper of this platform, if it is installed (`DetectDefaultStore`)."""
    usual = {"darwin": "osxkeychain", "win32": "wincred"}
    common = "pass" if shutil.which("pass") else "secretservice"
    helper = usual.get(sys.platform, common)
    return helper if shutil.which(f"docker-credential-{helper}") else ""


def _text(text: str) -> str:
    """Replace halves of surrogate pairs, which cannot be encoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _hostname(key: str) -> str:
    """Return the host in a name such as `https://ghcr.io/v1/` (`ConvertToHostname`)."""
    if "://" in key:
        try:
            url = urlsplit(key)
            if url.hostname:
                return url.netloc.rpartition("@")[2]
        except ValueError:
            key = key.partition("://")[2]
    return key.partition("/")[0]
