"""Who this user is at a registry: what `docker login` or a credential helper keeps.

docker-py reads Docker's configuration file and runs the helpers. A helper that
is missing, fails or hangs is an error of its own here, so that the caller can go
on without: a public image needs no login.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

import docker.auth
import docker.errors
from docker.credentials import Store
from docker.credentials.constants import PROGRAM_PREFIX
from docker.credentials.errors import StoreError

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.failure.messages import sentence
from imagewidget.engine.image.reference import registry_at

PATIENCE = 30.0
"""Seconds after which a credential helper has no login."""

T = TypeVar("T")


def find(config: Any, host: str, cancel: Cancellation | None = None) -> dict[str, Any] | None:
    """Look up the login for a registry.

    Args:
        config: docker-py's `AuthConfig`.
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
        found: dict[str, Any] | None = config.resolve_authconfig(registry)
        return found

    helper = config.get_credential_store(registry)
    try:
        return _answer(helper, resolve, cancel) if helper else resolve()
    except (docker.errors.DockerException, OSError, ValueError, KeyError) as error:
        raise DockerError(
            f"The login for {host} could not be read: {sentence(str(error))}",
            hint=f"Try `docker login {host}` again.",
        ) from error


def find_all(config: Any, cancel: Cancellation) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Look up every login there is.

    Args:
        config: docker-py's `AuthConfig`.
        cancel: Ends the wait for a credential helper.

    Returns:
        docker-py's dictionaries by registry, and a sentence for each that could
        not be read: one helper that fails takes no other's logins along.

    Raises:
        Cancelled: It was asked for.
    """
    found = {host: login for host, login in (config.auths or {}).items() if login}
    failures: dict[str, None] = {}
    hosts = list(config.cred_helpers or {})
    try:
        hosts = [*_listed(config.creds_store, cancel), *hosts]
    except DockerError as error:
        cancel.check()
        failures[error.message] = None
    for host in hosts:
        login, failure = _tried(config, host, cancel)
        found |= {host: login} if login else {}
        failures |= {failure: None} if failure else {}
    return found, tuple(failures)


def _tried(config: Any, host: str, cancel: Cancellation) -> tuple[dict[str, Any] | None, str]:
    """Give the login for a registry, or why it could not be read."""
    try:
        return find(config, host, cancel), ""
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
    new_store: Any = Store
    try:
        return list(_answer(helper, lambda: new_store(helper).list(), cancel))
    except (StoreError, OSError, ValueError) as error:
        raise DockerError(
            f"The logins of {PROGRAM_PREFIX}{helper} could not be read: {sentence(str(error))}",
        ) from error


def _answer(helper: str, ask: Callable[[], T], cancel: Cancellation | None) -> T:
    """Wait for a helper, but not for ever: it may wait itself, for a passphrase that nobody sees.

    docker-py would warn on standard error of one that is not there.

    Raises:
        DockerError: It is missing, or says nothing.
    """
    if shutil.which(PROGRAM_PREFIX + helper) is None:
        raise DockerError(
            f"The credential helper {PROGRAM_PREFIX}{helper} is not installed here.",
            hint="Install it, or take it out of `~/.docker/config.json` and log in again.",
        )
    if cancel is None:
        return ask()
    try:
        return cancel.wait_for(ask, patience=PATIENCE)
    except TimeoutError as error:
        raise DockerError(
            f"The credential helper {PROGRAM_PREFIX}{helper} said nothing for {PATIENCE:g} s.",
            hint="It may wait for a passphrase: try `docker pull` in a terminal.",
        ) from error


def headers(config: Any, host: str, cancel: Cancellation) -> dict[str, str]:
    """Give the header that tells an engine the login for `host`; empty without one.

    Raises:
        DockerError: As :func:`find`.
    """
    found = find(config, host, cancel)
    if not found:
        return {}
    encoded = docker.auth.encode_header(found)
    return {"X-Registry-Auth": encoded.decode() if isinstance(encoded, bytes) else encoded}
