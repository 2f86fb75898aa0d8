"""The request to the classic builder: query, headers, and files added to the context.

It follows the docker CLI (`cli/command/image/build.go`); the parameters are those
of `POST /build` in Docker's API, which Podman accepts, too.
"""

from __future__ import annotations

import hashlib
import json

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import login
from imagewidget.engine.connection.docker_config import DockerConfig, login_key
from imagewidget.engine.image.reference import parse
from imagewidget.engine.request.limits import as_words
from imagewidget.engine.request.query import Parameters, query
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import IGNORE_FILE


def files(request: BuildRequest) -> tuple[str, dict[str, bytes]]:
    """Return the path of the Dockerfile in the archive, and the files added to the context.

    A Dockerfile outside the context is added under an unused name, and that name is
    added to `.dockerignore`, so that `COPY .` does not copy it (docker CLI,
    `AddDockerfileToBuildContext`). The name is derived from the content, so that the
    same build finds its cache again. The Dockerfile's own `NAME.dockerignore` is sent
    as `.dockerignore`, because the engine reads only that.
    """
    sources = request.sources
    hidden: list[str] = []
    extra: dict[str, bytes] = {}
    path = sources.dockerfile_path
    if not path:
        path = f".dockerfile.{hashlib.sha256(sources.dockerfile).hexdigest()[:20]}"
        extra[path] = sources.dockerfile
        hidden.append(path)
    if hidden or sources.ignore_is_own:
        if sources.ignore_is_own or sources.ignore_text is None:
            hidden.append(IGNORE_FILE)
        lines = "\n".join((sources.ignore_text or "", *hidden, ""))
        extra[IGNORE_FILE] = lines.encode("utf-8", "surrogateescape")
    return path, extra


def parameters(
    request: BuildRequest,
    dockerfile: str,
    *,
    is_podman: bool = False,
) -> Parameters:
    """Return the query of `POST /build`."""
    given = query(request)
    if is_podman:
        given.pop("networkmode", None)
        given |= _podman_network(request.network) | _podman_forms(request)
        # Buildah looks its own image up by its tag, and finds that of another build
        # which has just got it. So the image is tagged afterwards.
        given.pop("t", None)
    elif request.tags:
        given["t"] = [parse(tag).canonical for tag in request.tags]
    # `forcerm`: remove the containers of steps even if the build fails.
    return given | {"dockerfile": dockerfile, "forcerm": "1", "version": "1"}


def _podman_forms(request: BuildRequest) -> Parameters:
    """Return the parameters that Podman takes in another form than Docker.

    See `pkg/api/handlers/compat/images_build.go` in Podman.
    """
    given: Parameters = {}
    if request.add_hosts:
        hosts = [f"{name}:{address}" for name, address in request.add_hosts.items()]
        given["extrahosts"] = json.dumps(hosts)
    if request.ulimits:
        given["ulimits"] = json.dumps(as_words(request.ulimits))
    if request.source_date_epoch is not None:
        given["sourcedateepoch"] = str(request.source_date_epoch)
    return given


def _podman_network(network: str | None) -> Parameters:
    """Return the network parameters for Podman, which takes any other value for the host network.

    See `parseNetworkConfigurationPolicy` in Podman's `compat/images_build.go`;
    the namespaces are Buildah's `NamespaceOptions`.
    """
    if network in (None, "host"):
        return {}
    policy = "NetworkDisabled" if network == "none" else "NetworkEnabled"
    name = "" if network in ("none", "bridge", "default") else network
    namespace = {"Name": "network", "Host": False, "Path": name}
    return {"networkmode": policy, "nsoptions": json.dumps([namespace])}


def headers(
    request: BuildRequest, config: DockerConfig, cancel: Cancellation
) -> tuple[dict[str, str], str]:
    """Return the headers, with all logins: only the engine knows which ones it needs.

    Args:
        request: Its `auth` takes precedence over Docker's configuration.
        config: Docker's configuration, with the saved logins of this user.
        cancel: Ends the wait for a credential helper.

    Returns:
        The headers, and a log line for each login that could not be read. That is
        not an error, because public base images need no login.
    """
    logins, notes = login.find_all(config, cancel)
    logins |= {login_key(host): credentials for host, credentials in request.auth.items()}
    found = {"Content-Type": "application/x-tar"}
    if logins:
        sent = {key: login.as_login(credentials, key) for key, credentials in logins.items()}
        found["X-Registry-Config"] = login.encoded(sent)
    return found, "".join(f"{note}\n" for note in notes)
