"""The services that a build offers to the engine through its session."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence

from imagewidget.engine.buildkit.files.filesend import FileSend
from imagewidget.engine.buildkit.files.filesync import FileSync
from imagewidget.engine.buildkit.files.shared_key import shared_key
from imagewidget.engine.buildkit.files.trees import MemoryTree, tree_of
from imagewidget.engine.buildkit.session.auth import Auth
from imagewidget.engine.buildkit.session.handlers import Service
from imagewidget.engine.buildkit.session.health import Health
from imagewidget.engine.buildkit.session.secrets import Secrets
from imagewidget.engine.buildkit.session.ssh import SshAgents
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.context.context import MemoryContext
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.image.reference import registry_at
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import Sources


class Services:
    """The services for one build.

    Args:
        client: The engine that builds, with the logins to offer.
        request: What to build.
        cancel: Ends a walk of the context, which closing the session waits for.

    Attributes:
        all: The services to pass to the session.
        shared_key: The key under which the engine keeps the files of this context.
    """

    def __init__(self, client: Client, request: BuildRequest, cancel: Cancellation) -> None:
        self._client = client
        self._auth = request.auth
        self._notes: deque[str] = deque()
        self._noted: set[str] = set()
        self._sync = FileSync(
            {
                "context": tree_of(request.context, cancel.check),
                "dockerfile": _dockerfile(request.sources),
            }
        )
        secrets = {name: secret.read() for name, secret in request.secrets.items()}
        agents = {name: os.fspath(path) for name, path in request.ssh.items()}
        # Each service must be present even if it has nothing to offer: see `Auth` for why.
        self.all: Sequence[Service] = (
            Health(),
            self._sync,
            Auth(self._look_up),
            Secrets(secrets),
            SshAgents(agents),
        )
        self._sent = FileSend(request.output.kind, request.output.path) if request.output else None
        if self._sent:
            self.all = (*self.all, self._sent)
        self.shared_key = shared_key(request.context)

    @property
    def problem(self) -> DockerError | None:
        """The reason why files could not be sent or received, if that made the build fail."""
        return self._sync.problem or (self._sent.problem if self._sent else None)

    @property
    def written(self) -> int:
        """The number of bytes that the build has written to its output."""
        return self._sent.size if self._sent else 0

    def notes(self) -> Iterator[str]:
        """Yield the log lines that were not yielded yet."""
        while self._notes:
            yield self._notes.popleft()

    def _look_up(self, host: str) -> Credentials | None:
        """Return the request's credentials for a registry, or those of `docker login`."""
        passed = self._auth.get(registry_at(host))
        if passed is not None:
            return passed
        found = self._client.login(host)
        self._notes.extend(note for note in found.notes if note not in self._noted)
        self._noted.update(found.notes)
        return found.credentials


def _dockerfile(sources: Sources) -> MemoryTree:
    """Return the Dockerfile as it was read and checked, with its own ignore file if it has one."""
    files = {sources.dockerfile_name: sources.dockerfile}
    if sources.ignore_is_own and sources.ignore_text is not None:
        files[sources.ignore_name] = sources.ignore_text.encode("utf-8", "surrogateescape")
    return MemoryTree(MemoryContext(files))
