"""This user's logins at registries, as stored by `docker login` or a credential helper.

Like the docker CLI (`credentials/native_store.go`), a helper that is missing, fails or
hangs does not end an operation: it continues with the login in the file, or without one.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.docker_config import DockerConfig, Entry, login_key
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.failure.messages import sentence

PATIENCE = 30.0
"""The number of seconds to wait for a credential helper."""

_USER_OF_TOKENS = "<token>"
_NOT_STORED = "credentials not found in native keychain"

T = TypeVar("T")


@dataclass(frozen=True)
class Login:
    """What is known about the login for a registry.

    Attributes:
        credentials: None if there are none.
        notes: One line each: which part of the configuration is ignored, and why.
    """

    credentials: Credentials | None
    notes: tuple[str, ...] = ()


def find(config: DockerConfig, host: str, cancel: Cancellation | None = None) -> Login:
    """Return the login for a registry.

    Args:
        config: Docker's configuration file.
        host: Such as `ghcr.io`; all hosts of Docker Hub count as one.
        cancel: Ends the wait for a credential helper.

    Raises:
        Cancelled: The operation was cancelled.
    """
    passed = config.passed.get(login_key(host))
    if passed is not None:
        return Login(passed.credentials, config.problems)
    entry, problem = config.entry(host), ""
    credentials = entry.credentials
    helper = config.helper(host)
    if helper:
        try:
            stored = _answer(helper, "get", login_key(host), cancel)
            credentials = _of_helper(stored, entry)
            entry = Entry()
        except DockerError as error:
            if cancel is not None:
                cancel.check()
            problem = error.message
    reason = " ".join(filter(None, (problem, entry.problem)))
    start = (
        "Continuing without a login for" if credentials is None else "Using the file's login for"
    )
    notes = (*config.problems, *([f"{start} {host}. {reason}"] if reason else []))
    return Login(credentials, notes)


def find_all(
    config: DockerConfig, cancel: Cancellation
) -> tuple[dict[str, Credentials], tuple[str, ...]]:
    """Return the logins for all registries.

    Args:
        config: Docker's configuration file.
        cancel: Ends the wait for a credential helper.

    Returns:
        The logins by registry, and a line for each that could not be read: one failing
        helper does not affect the others.

    Raises:
        Cancelled: The operation was cancelled.
    """
    written = {**config.entries, **config.passed}
    found = {name: entry.credentials for name, entry in written.items() if entry.credentials}
    notes = dict.fromkeys(config.problems)
    if config.common_helper:
        try:
            names = _answer(config.common_helper, "list", "unused", cancel)
            hosts = [name for name in names if isinstance(name, str)]
        except DockerError as error:
            cancel.check()
            notes[f"Continuing without a login. {error.message}"] = None
            hosts = []
    else:
        hosts = []
    for name in (*hosts, *config.helpers):
        if name in config.passed:
            continue
        try:
            helper = config.helpers.get(name, config.common_helper)
            credentials = (
                _of_helper(_answer(helper, "get", name, cancel), Entry()) if helper else None
            )
        except DockerError as error:
            cancel.check()
            notes[f"Continuing without a login. {error.message}"] = None
            continue
        if credentials is not None:
            found[name] = credentials
    return found, tuple(notes)


def _of_helper(stored: Mapping[str, Any], entry: Entry) -> Credentials | None:
    """Return the login that a helper stores; the file may add a registry's token to it."""
    named = {key.lower(): value for key, value in stored.items() if isinstance(value, str)}
    username, secret = named.get("username", ""), named.get("secret", "")
    written = entry.credentials or Credentials()
    found = Credentials(registry_token=written.registry_token)
    if username == _USER_OF_TOKENS:
        found = replace(found, identity_token=secret)
    else:
        found = replace(found, username=username, password=secret)
    return found if found != Credentials() else None


def _answer(helper: str, verb: str, asked: str, cancel: Cancellation | None) -> Mapping[str, Any]:
    """Run a helper with a time limit, as it may wait for a passphrase at a hidden prompt.

    Returns:
        Its answer; empty if it has no login for this registry.

    Raises:
        DockerError: The helper is missing, failed, or did not answer.
        Cancelled: The operation was cancelled.
    """
    program = f"docker-credential-{helper}"
    path = shutil.which(program) if helper == os.path.basename(helper) else None  # noqa: PTH119
    if path is None:
        raise DockerError(
            f"The credential helper {program} is not installed.",
            hint="Install it, or remove it from `~/.docker/config.json` and log in again.",
        )

    def run() -> Mapping[str, Any]:
        done = subprocess.run(
            [path, verb],
            input=asked.encode("utf-8", "replace"),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            if said.strip() == _NOT_STORED:
                return {}
            reason = said.strip() or done.stderr.decode("utf-8", "replace").strip()
            raise DockerError(
                f"The credential helper {program} failed: "
                f"{sentence(reason or f'exit code {done.returncode}')}"
            )
        answer = json.loads(said)
        if not isinstance(answer, dict):
            raise TypeError("not a JSON object")
        return answer

    try:
        return _within(run, cancel)
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise DockerError(
            f"The credential helper {program} did not answer within {PATIENCE:g} s.",
            hint="Try `docker pull` in a terminal; the helper may be waiting for a passphrase.",
        ) from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its answer is not valid"
        raise DockerError(f"The credential helper {program} failed: {reason}.") from error


def _within(run: Callable[[], T], cancel: Cancellation | None) -> T:
    return run() if cancel is None else cancel.wait_for(run, patience=PATIENCE)


def header(credentials: Credentials, host: str) -> dict[str, str]:
    """Return the header with credentials for the registry at `host`."""
    return {"X-Registry-Auth": encoded(as_login(credentials, login_key(host)))}


def as_login(credentials: Credentials, key: str) -> dict[str, str]:
    """Return credentials as an engine reads them.

    Args:
        credentials: The credentials.
        key: The name under which Docker stores them.
    """
    login = {
        "username": credentials.username,
        "password": credentials.password,
        "identitytoken": credentials.identity_token,
        "registrytoken": credentials.registry_token,
    }
    return {name: value for name, value in login.items() if value} | {"serveraddress": key}


def encoded(logins: Mapping[str, Any]) -> str:
    """Encode a login, or all logins, for a header."""
    return base64.urlsafe_b64encode(json.dumps(logins).encode()).decode()
