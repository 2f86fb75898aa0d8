"""Who this user is at a registry: what `docker login` or a credential helper keeps.

docker-py reads Docker's configuration file and runs the helpers. A helper that
is missing, fails or hangs is an error of its own here, so that the caller can go
on without: a public image needs no login.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

import docker.errors

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import docker_py
from imagewidget.engine.connection.docker_py import Logins
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.failure.messages import sentence
from imagewidget.engine.image.reference import registry_at

PATIENCE = 30.0
"""Seconds after which a credential helper has no login."""

T = TypeVar("T")


def find(kept: Logins, host: str, cancel: Cancellation | None = None) -> dict[str, Any] | None:
    """Look up the login for a registry.

    Args:
        kept: What this user has.
        host: Such as `ghcr.io`; all hosts of Docker Hub are one.
        cancel: Ends the wait for a credential helper.

    Returns:
        docker-py's dictionary, or None where there is none.

    Raises:
        DockerError: The credential helper is missing, failed, or says nothing.
        Cancelled: It was asked for.
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
            hint=f"Try `docker login {host}` again.",
        ) from error


def find_all(kept: Logins, cancel: Cancellation) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Look up every login there is.

    Args:
        kept: What this user has.
        cancel: Ends the wait for a credential helper.

    Returns:
        docker-py's dictionaries by registry, and a sentence for each that could
        not be read: one helper that fails takes no other's logins along.

    Raises:
        Cancelled: It was asked for.
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
    """Give the login for a registry, or why it could not be read."""
    try:
        return find(kept, host, cancel), ""
    except DockerError as error:
        cancel.check()
        return None, error.message


def _listed(helper: str | None, cancel: Cancellation) -> list[str]:
    """List the registries that a helper keeps logins for.

    Raises:
        DockerError: It is missing, failed, or says nothing.
    """
    if not helper:
        return []
    try:
        return _answer(helper, lambda: docker_py.hosts_known_to(helper), cancel)
    except (docker_py.HelperError, OSError, ValueError) as error:
        raise DockerError(
            f"The logins of {docker_py.helper_program(helper)} could not be read: "
            f"{sentence(str(error))}",
        ) from error


def _answer(helper: str, ask: Callable[[], T], cancel: Cancellation | None) -> T:
    """Wait for a helper, but not for ever: it may wait itself, for a passphrase that nobody sees.

    docker-py would warn on standard error of one that is not there.

    Raises:
        DockerError: It is missing, or says nothing.
    """
    program = docker_py.helper_program(helper)
    if shutil.which(program) is None:
        raise DockerError(
            f"The credential helper {program} is not installed here.",
            hint="Install it, or take it out of `~/.docker/config.json` and log in again.",
        )
    if cancel is None:
        return ask()
    try:
        return cancel.wait_for(ask, patience=PATIENCE)
    except TimeoutError as error:
        raise DockerError(
            f"The credential helper {program} said nothing for {PATIENCE:g} s.",
            hint="It may wait for a passphrase: try `docker pull` in a terminal.",
        ) from error


def headers(kept: Logins, host: str, cancel: Cancellation) -> dict[str, str]:
    """Give the header that tells an engine the login for `host`; empty without one.

    Raises:
        DockerError: As :func:`find`.
    """
    found = find(kept, host, cancel)
    if not found:
        return {}
    return {"X-Registry-Auth": docker_py.login_header(found)}
