"""Starting jobs: what the functions that work on an engine share."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Literal

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.client import DockerClient, client_behind, connect
from imagewidget.engine.connection.client import Client
from imagewidget.engine.image.reference import registry_host
from imagewidget.engine.request.checks import check_texts
from imagewidget.engine.request.request import BuildRequest
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.jobs.run import Operation
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.events import Event, Image, LogWritten, Started

Events = Generator[Event, None, Image]


class RequestForRun:
    """The request to build: as checked the first time, re-read from disk on every retry."""

    def __init__(self, request: BuildRequest) -> None:
        self._request = request
        self._runs = 0

    def __call__(self) -> BuildRequest:
        """Return the request for the next run.

        Raises:
            InvalidContext: The Dockerfile was deleted or can no longer be built.
        """
        self._runs += 1
        return self._request if self._runs == 1 else self._request.refreshed()


def hosts(registries: Iterable[str] | None) -> tuple[str, ...] | None:
    """Materialise a one-shot iterable; accept a single host as a str.

    Raises:
        InvalidReference: One of them is not a valid registry name.
        TypeError: One of them is not a str.
    """
    if registries is None:
        return None
    given = check_texts(registries, "registries")
    for host in given:
        registry_host(host)
    return given


def engine_of(client: object) -> Client:
    """Return the engine to use: the caller's, or the default one.

    Raises:
        TypeError: `client` is not a client from :func:`connect`.
        EngineUnavailable: The default address is not valid.
    """
    return client_behind(check_client(client) or connect())


def check_client(client: object) -> DockerClient | None:
    """Check an argument that must be a client from :func:`connect`, or None.

    Raises:
        TypeError: It is something else; the message says what to write instead.
    """
    if client is None or isinstance(client, DockerClient):
        return client
    kind = client if isinstance(client, type) else type(client)
    is_docker_py = kind.__module__.partition(".")[0] == "docker"  # without importing it
    name = f"{kind.__module__}.{kind.__name__}" if is_docker_py else kind.__name__
    what = f"the class {name}" if isinstance(client, type) else name
    advice = "Write `client=imagewidget.connect()`."
    if isinstance(client, str):
        advice = 'Pass the address to it: `client=imagewidget.connect("ssh://user@host")`.'
    elif is_docker_py:
        advice = "Write `client=imagewidget.connect()`, which finds the same engine as docker-py."
    raise TypeError(f"`client` must come from `imagewidget.connect()`, not {what}. {advice}")


def start(operation: Operation, first: Started, display: DisplayArgument) -> Job:
    """Start a job, display it and return it."""
    chosen = showing.choose(display)
    job = Job(operation, first=(first,), displays=chosen, shown_in=showing.cell_of(chosen))
    showing.show(job, chosen)
    return job


def report_engine(
    client: Client,
    cancel: Cancellation,
    operation: Literal["pull", "build", "provision"],
    reference: str,
) -> Generator[Event, None, None]:
    """Yield the engine's name, and how it was found; raise if it cannot be reached."""
    version = client.version(cancel=cancel, refresh=True)
    yield Started(operation, reference, version.title)
    if client.endpoint.notice:
        yield LogWritten(f"{client.endpoint.notice}\n")
