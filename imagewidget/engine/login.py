"""Who this user is at a registry: what `docker login` or a credential helper keeps.

docker-py reads Docker's configuration file and runs the helpers. A helper that
is missing or fails is an error of its own here, so that the caller can go on
without: a public image needs no login.
"""

from __future__ import annotations

import shutil
from typing import Any

import docker.auth
import docker.errors
from docker.credentials import Store
from docker.credentials.constants import PROGRAM_PREFIX
from docker.credentials.errors import StoreError

from imagewidget.engine.errors import DockerError
from imagewidget.engine.messages import sentence
from imagewidget.engine.reference import DOCKER_HUB

_HUB_HOSTS = ("registry-1.docker.io", "index.docker.io", "")


def find(config: Any, host: str) -> dict[str, Any] | None:
    """Look up the login for a registry.

    Args:
        config: docker-py's `AuthConfig`.
        host: Such as `ghcr.io`; all hosts of Docker Hub are one.

    Returns:
        docker-py's dictionary, or None where there is none.

    Raises:
        DockerError: The credential helper is missing, or failed.
    """
    registry = DOCKER_HUB if host in _HUB_HOSTS else host
    helper = config.get_credential_store(registry)
    if helper:
        _check_installed(helper)
    try:
        found: dict[str, Any] | None = config.resolve_authconfig(registry)
    except (docker.errors.DockerException, OSError, ValueError, KeyError) as error:
        raise DockerError(
            f"The login for {host} could not be read: {sentence(str(error))}",
            hint=f"Try `docker login {host}` again.",
        ) from error
    return found


def find_all(config: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Look up every login there is.

    Args:
        config: docker-py's `AuthConfig`.

    Returns:
        docker-py's dictionaries by registry, and a sentence for each that could
        not be read: one helper that fails takes no other's logins along.
    """
    found = {host: login for host, login in (config.auths or {}).items() if login}
    failures: dict[str, None] = {}
    hosts = list(config.cred_helpers or {})
    try:
        hosts = [*_listed(config.creds_store), *hosts]
    except DockerError as error:
        failures[error.message] = None
    for host in hosts:
        login, failure = _tried(config, host)
        found |= {host: login} if login else {}
        failures |= {failure: None} if failure else {}
    return found, tuple(failures)


def _tried(config: Any, host: str) -> tuple[dict[str, Any] | None, str]:
    """Give the login for a registry, or why it could not be read."""
    try:
        return find(config, host), ""
    except DockerError as error:
        return None, error.message


def _listed(helper: str | None) -> list[str]:
    """List the registries that a helper keeps logins for.

    Raises:
        DockerError: It is missing, or failed.
    """
    if not helper:
        return []
    _check_installed(helper)
    try:
        store: Any = Store(helper)
        return list(store.list())
    except (StoreError, OSError, ValueError) as error:
        raise DockerError(
            f"The logins of {PROGRAM_PREFIX}{helper} could not be read: {sentence(str(error))}",
        ) from error


def _check_installed(helper: str) -> None:
    """Make sure of it: docker-py would warn on standard error, from whatever thread this is."""
    if shutil.which(PROGRAM_PREFIX + helper) is None:
        raise DockerError(
            f"The credential helper {PROGRAM_PREFIX}{helper} is not installed here.",
            hint="Install it, or take it out of `~/.docker/config.json` and log in again.",
        )


def headers(config: Any, host: str) -> dict[str, str]:
    """Give the header that tells an engine the login for `host`; empty without one.

    Raises:
        DockerError: As :func:`find`.
    """
    found = find(config, host)
    if not found:
        return {}
    encoded = docker.auth.encode_header(found)
    return {"X-Registry-Auth": encoded.decode() if isinstance(encoded, bytes) else encoded}
