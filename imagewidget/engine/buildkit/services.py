"""What one build offers the engine through its session."""

from __future__ import annotations

import os
from collections.abc import Sequence

from imagewidget.engine.buildkit.files.filesync import FileSync
from imagewidget.engine.buildkit.files.shared_key import shared_key
from imagewidget.engine.buildkit.files.trees import MemoryTree, tree_of
from imagewidget.engine.buildkit.session.auth import Auth, Lookup
from imagewidget.engine.buildkit.session.handlers import Service
from imagewidget.engine.buildkit.session.health import Health
from imagewidget.engine.buildkit.session.secrets import Secrets
from imagewidget.engine.buildkit.session.ssh import SshAgents
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.context.context import MemoryContext
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.image.reference import registry_at
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import Sources


class Services:
    """The services for one build.

    Args:
        client: The engine that builds; its logins are offered.
        request: What to build.
        cancel: Ends a walk through the context, which the session's end waits for.

    Attributes:
        all: For the session.
        shared_key: Under which the engine keeps what this context sends.
    """

    def __init__(self, client: DockerClient, request: BuildRequest, cancel: Cancellation) -> None:
        self._sync = FileSync(
            {
                "context": tree_of(request.context, cancel.check),
                "dockerfile": _dockerfile(request.sources),
            }
        )
        secrets = {name: secret.read() for name, secret in request.secrets.items()}
        agents = {name: os.fspath(path) for name, path in request.ssh.items()}
        # Each must be there even with nothing to give: see `Auth` for why.
        self.all: Sequence[Service] = (
            Health(),
            self._sync,
            Auth(_lookup(client, request)),
            Secrets(secrets),
            SshAgents(agents),
        )
        self.shared_key = shared_key(request.context)

    @property
    def problem(self) -> DockerError | None:
        """What could not be sent, if that is why a build failed."""
        return self._sync.problem


def _dockerfile(sources: Sources) -> MemoryTree:
    """Serve the Dockerfile as it was read and checked, and its own ignore file."""
    files = {sources.dockerfile_name: sources.dockerfile}
    if sources.ignore_is_own and sources.ignore_text is not None:
        files[sources.ignore_name] = sources.ignore_text.encode("utf-8", "surrogateescape")
    return MemoryTree(MemoryContext(files))


def _lookup(client: DockerClient, request: BuildRequest) -> Lookup:
    """Look in what the caller gave, then where `docker login` keeps it."""

    def lookup(host: str) -> Credentials | None:
        return request.auth.get(registry_at(host)) or client.credentials(host)

    return lookup
