"""This user's logins at registries, as stored by `docker login` or a credential helper.

docker-py reads Docker's configuration file and runs the helpers. A helper that is
missing, fails or hangs raises a :class:`DockerError`, so that the caller can continue
without it: a public image needs no login.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

import docker.errors

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_py
from imagewidget.engine.connection.docker_py import Logins
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.failure.messages import sentence
from imagewidget.engine.image.reference import DOCKER_HUB, registry_at

PATIENCE = 30.0
"""The number of seconds to wait for a credential helper."""

_HUB_KEY = "https://index.docker.io/v1/"
"""Docker Hub's name in Docker's configuration, and in logins sent to an engine."""

T = TypeVar("T")


def find(kept: Logins, host: str, cancel: Cancellation | None = None) -> dict[str, Any] | None:
    """Return the login for a registry.

    Args:
        kept: This user's logins.
        host: Such as `ghcr.io`; all hosts of Docker Hub count as one.
        cancel: Ends the wait for a credential helper.

    Returns:
        The login as docker-py's dictionary, or None if there is none.

    Raises:
        DockerError: The credential helper is missing, failed, or did not answer.
        Cancelled: The operation was cancelled.
    """
    registry = registry_at(host)

    def resolve() -> dict[str, Any] | None:
        return kept.find(registry)

    helper = kept.helper(registry)
    try:
        return _answer(helper, resolve, cancel) if helper else resolve()
    except (docker.errors.DockerException, OSError, ValueError, KeyError) as error:
        raise DockerError(
            f"The login for {host} could not be read: {sentence(str(error))}",
            hint=f"Run `docker login {host}` again.",
        ) from error


def find_all(kept: Logins, cancel: Cancellation) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the logins for all registries.

    Args:
        kept: This user's logins.
        cancel: Ends the wait for a credential helper.

    Returns:
        The logins as docker-py's dictionaries, by registry, and an error message for
        each that could not be read: one failing helper does not affect the others.

    Raises:
        Cancelled: The operation was cancelled.
    """
    found = {host: login for host, login in kept.written.items() if login}
    failures: dict[str, None] = {}
    hosts = kept.helped
    try:
        hosts = [*_listed(kept.common_helper, cancel), *hosts]
    except DockerError as error:
        cancel.check()
        failures[error.message] = None
    for host in hosts:
        login, failure = _tried(kept, host, cancel)
        found |= {host: login} if login else {}
        failures |= {failure: None} if failure else {}
    return found, tuple(failures)


def _tried(kept: Logins, host: str, cancel: Cancellation) -> tuple[dict[str, Any] | None, str]:
    """Return the login for a registry, and an error message if it could not be read."""
    try:
        return find(kept, host, cancel), ""
    except DockerError as error:
        cancel.check()
        return None, error.message


def _listed(helper: str | None, cancel: Cancellation) -> list[str]:
    """Return the registries for which a helper stores logins.

    Raises:
        DockerError: The helper is missing, failed, or did not answer.
    """
    if not helper:
        return []
    try:
        return _answer(helper, lambda: docker_py.hosts_known_to(helper), cancel)
    except (docker_py.HelperError, OSError, ValueError) as error:
        raise DockerError(
            f"The logins in {docker_py.helper_program(helper)} could not be read: "
            f"{sentence(str(error))}",
        ) from error


def _answer(helper: str, ask: Callable[[], T], cancel: Cancellation | None) -> T:
    """Run a helper with a time limit, as it may wait for a passphrase at a hidden prompt.

    A missing helper is reported here because docker-py would only print a warning to
    standard error.

    Raises:
        DockerError: The helper is missing, or did not answer.
    """
    program = docker_py.helper_program(helper)
    if shutil.which(program) is None:
        raise DockerError(
            f"The credential helper {program} is not installed.",
            hint="Install it, or remove it from `~/.docker/config.json` and log in again.",
        )
    if cancel is None:
        return ask()
    try:
        return cancel.wait_for(ask, patience=PATIENCE)
    except TimeoutError as error:
        raise DockerError(
            f"The credential helper {program} did not answer within {PATIENCE:g} s.",
            hint="Try `docker pull` in a terminal; the helper may be waiting for a passphrase.",
        ) from error


def headers(kept: Logins, host: str, cancel: Cancellation) -> dict[str, str]:
    """Return the header with the login for `host`; empty if there is none.

    Raises:
        DockerError: The login could not be read; see :func:`find`.
        Cancelled: The operation was cancelled.
    """
    found = find(kept, host, cancel)
    return _header(found) if found else {}


def headers_with(credentials: Credentials, host: str) -> dict[str, str]:
    """Return the header with the given credentials for `host`."""
    return _header(as_login(credentials, host))


def as_login(credentials: Credentials, host: str) -> dict[str, str]:
    """Return credentials for the registry at `host` as docker-py's dictionary."""
    address = login_key(host)
    if credentials.identity_token:
        return {"identitytoken": credentials.identity_token, "serveraddress": address}
    return {
        "username": credentials.username,
        "password": credentials.password,
        "serveraddress": address,
    }


def login_key(host: str) -> str:
    """Return the name under which Docker stores the login for the registry at `host`."""
    registry = registry_at(host)
    return _HUB_KEY if registry == DOCKER_HUB else registry


def _header(login: dict[str, Any]) -> dict[str, str]:
    return {"X-Registry-Auth": docker_py.login_header(login)}
