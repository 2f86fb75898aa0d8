"""The public functions. Each checks its arguments, starts a job, displays it and returns it.

Errors that can be found before anything starts are raised here, in the caller's
cell. Later errors are shown in the panel and raised by `job.result()`.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from imagewidget.engine.build import build as build_events
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient, connect
from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.platform import check_platform
from imagewidget.engine.provision import provision as provision_events
from imagewidget.engine.pull.pull import pull as pull_events
from imagewidget.engine.pull.retry import RetryPolicy, check_tries
from imagewidget.engine.request.checks import Builder, check_texts
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import PathLike, Readable
from imagewidget.environment import default_tag
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.jobs.run import Operation
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Event, Image, Started
from imagewidget.replaying import replay

__all__ = ["build", "image_exists", "provision", "pull", "replay"]

PROVISION_REGISTRIES = ("ghcr.io", "docker.io")

_Events = Generator[Event, None, Image]


def pull(
    reference: str,
    *,
    registries: Iterable[str] | None = None,
    platform: str | None = None,
    retry: RetryPolicy | None = None,
    stall_timeout: float | None = None,
    client: DockerClient | None = None,
    display: DisplayArgument = None,
) -> Job:
    """Pull an image, showing the progress of every layer.

    Args:
        reference: The image, such as `python:3.13-slim` or `ghcr.io/owner/env:1`.
        registries: The registry hosts to try in order, such as
            `("ghcr.io", "docker.io")`, if `reference` does not name one; None
            leaves the choice to Docker. Whichever registry serves the image, it
            is tagged with the name you asked for.
        platform: The platform, such as `linux/arm64`; None for the engine's own.
        retry: How many times to try each registry, and how long to wait in between.
            The default is 3 attempts, with waits of 1 and 2 seconds.
        stall_timeout: Fail an attempt after this many seconds without data; None waits forever.
        client: The engine to use, from :func:`connect`; None for the default one.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

    Returns:
        The running job. A script waits for it before exiting, or cancels it if
        the script ends with an exception. If the only attempt fails, `result()` raises
        its error, such as :class:`ImageNotFound` or :class:`AccessDenied`; if
        several attempts fail, it raises :class:`PullFailed`, whose `attempts` lists
        them all.

    Raises:
        InvalidReference: `reference` or one of the `registries` is not a valid name,
            or there is no registry to try.
        InvalidContext: `platform` is not a valid platform.
        TypeError, ValueError: Another argument has the wrong type or value.
    """
    asked = _hosts(registries)
    if not references.candidates(references.parse(reference), asked):
        raise InvalidReference(
            f"There is no registry to try for {reference}: `registries` is empty.",
            hint="Name one with `registries=`, or in the reference, as in `ghcr.io/owner/env:1`.",
        )
    platform = check_platform(platform)
    check_tries(retry, stall_timeout)
    engine = _engine(client)

    def operation(cancel: Cancellation, _clock: Clock) -> _Events:
        yield from _report_engine(engine, cancel, "pull", reference)
        return (
            yield from pull_events(
                engine,
                reference,
                registries=asked,
                retry=retry,
                platform=platform,
                stall_timeout=stall_timeout,
                cancel=cancel,
            )
        )

    return _start(operation, Started("pull", reference), display)


def build(
    context: str | Path | None = None,
    *,
    tag: str | None = None,
    dockerfile: PathLike | Readable | None = None,
    build_args: Mapping[str, str | int | float | None] | None = None,
    secrets: Mapping[str, Path | str | bytes | None] | None = None,
    ssh: str | Iterable[str] | None = None,
    target: str | None = None,
    platform: str | None = None,
    cache_from: str | Iterable[str] = (),
    no_cache: bool = False,
    pull: bool = False,
    labels: Mapping[str, str] | None = None,
    network: str | None = None,
    builder: Builder = "auto",
    auth: Mapping[str, tuple[str, str] | Mapping[str, str]] | None = None,
    client: DockerClient | None = None,
    display: DisplayArgument = None,
) -> Job:
    """Build an image, showing every step and the log.

    Without `context` and `dockerfile`, the embedded data-science environment is built.

    Args:
        context: The directory to build from. The default is the Dockerfile's own
            directory, or no files at all if `dockerfile` is not a path.
        tag: The name and tag of the image, such as `owner/env:1`; None for no tag.
        dockerfile: A path, the content of a Dockerfile (a str that contains a line
            break), or a file-like object; None for `Dockerfile` in the context.
        build_args: Values for `ARG`, by name; a value of None is read from the
            environment variable of that name.
        secrets: Secrets for `RUN --mount=type=secret`, by id: a Path is a file to
            read, a str or bytes is the secret itself, and None reads the environment
            variable of that name. Never in a layer, log or recording. BuildKit only.
        ssh: SSH agents to forward to `RUN --mount=type=ssh`: `"default"`, or
            `"ID=PATH"` with the path of an agent's socket, or several. BuildKit only.
        target: The stage to build; None for the last.
        platform: The platform, such as `linux/arm64`; None for the engine's own.
        cache_from: Images whose layers may be reused as a cache.
        no_cache: Run every step instead of using the cache.
        pull: Check the registry for newer base images.
        labels: Labels to put on the image.
        network: The network for `RUN`: `"host"`, `"none"` or a network's name.
        builder: `"buildkit"`, `"classic"`, or `"auto"`: BuildKit where the engine has it.
        auth: Registry credentials, as in `{"ghcr.io": ("user", "password")}`; they
            take precedence over Docker's configuration.
        client: The engine to use, from :func:`connect`; None for the default one.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

    Returns:
        The running job. A script waits for it before exiting, or cancels it if
        the script ends with an exception. If the build fails, `result()` raises
        the error, such as :class:`BuildFailed`.

    Raises:
        InvalidContext: There is nothing to build, a file is missing or unreadable, or
            an argument has an invalid value.
        InvalidReference: `tag` is not a valid image name.
        TypeError: An argument has the wrong type.
    """
    request = BuildRequest.of(
        context,
        tag=tag,
        dockerfile=dockerfile,
        build_args=build_args,
        secrets=secrets,
        ssh=ssh,
        target=target,
        platform=platform,
        cache_from=cache_from,
        no_cache=no_cache,
        pull=pull,
        labels=labels,
        network=network,
        builder=builder,
        auth=auth,
    )
    asked = _RequestForRun(request)
    engine = _engine(client)

    def operation(cancel: Cancellation, clock: Clock) -> _Events:
        yield from _report_engine(engine, cancel, "build", tag or "")
        return (yield from build_events(engine, asked(), cancel=cancel, clock=clock))

    return _start(operation, Started("build", tag or ""), display)


def provision(
    reference: str | None = None,
    *,
    registries: Iterable[str] = PROVISION_REGISTRIES,
    context: str | Path | None = None,
    dockerfile: PathLike | Readable | None = None,
    retry: RetryPolicy | None = None,
    stall_timeout: float | None = None,
    client: DockerClient | None = None,
    display: DisplayArgument = None,
    **build_options: Any,
) -> Job:
    """Make an image available: use the local one, else pull it, else build it.

    Args:
        reference: The image; None for the embedded data-science environment, which
            is not in any registry and so is built if it is not in the local cache.
        registries: The registry hosts to try in order, if `reference` does not name
            one. The same name may belong to someone else in each registry, so list
            only hosts you trust.
        context: The directory to build from if no registry serves the image; see
            :func:`build`. Without `context` and `dockerfile`, the embedded
            environment is built.
        dockerfile: The Dockerfile to build; see :func:`build`.
        retry: How many times to try each registry; see :func:`pull`.
        stall_timeout: When to give up on a silent registry; see :func:`pull`.
        client: The engine to use, from :func:`connect`; None for the default one.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.
        **build_options: Any other option of :func:`build` except `tag`: the image
            gets `reference` as its tag.

    Returns:
        The running job: one job and one panel for all of it. A script waits for it,
        as for a :func:`pull`.

    Raises:
        InvalidContext: The image could not be built if that became necessary, for
            example because there is no Dockerfile.
        InvalidReference: `reference` or one of the `registries` is not a valid name, or
            `reference` contains a digest, and arguments for a build were passed.
        TypeError, ValueError: An option is unknown, or has the wrong type or value.
    """
    _check_build_options(build_options)
    check_tries(retry, stall_timeout)
    name = default_tag() if reference is None else reference
    parsed = references.parse(name)
    asked = _hosts(registries)
    references.candidates(parsed, asked)
    wanted = None
    if parsed.can_be_tagged:
        wanted = _RequestForRun(
            BuildRequest.of(context, tag=name, dockerfile=dockerfile, **build_options)
        )
    elif context is not None or dockerfile is not None or build_options:
        raise InvalidReference(
            f"{name} is a digest reference; a build cannot be made to produce a given digest.",
            hint="Use a tag instead of the digest, or leave out all arguments for a build.",
        )
    engine = _engine(client)

    def operation(cancel: Cancellation, clock: Clock) -> _Events:
        request = wanted() if wanted else None

        def pulled() -> _Events:
            return pull_events(
                engine,
                name,
                registries=asked,
                retry=retry,
                platform=request.platform if request else None,
                stall_timeout=stall_timeout,
                cancel=cancel,
            )

        def built() -> _Events:
            assert request is not None  # noqa: S101 - only called when there is one
            return build_events(engine, request, cancel=cancel, clock=clock)

        yield from _report_engine(engine, cancel, "provision", name)
        return (
            yield from provision_events(
                engine,
                name,
                pull=None if reference is None else pulled,
                build=built if request else None,
                cancel=cancel,
                platform=request.platform if request else None,
            )
        )

    return _start(operation, Started("provision", name), display)


def image_exists(reference: str, *, client: DockerClient | None = None) -> bool:
    """Return whether an image is in the engine's local cache.

    Args:
        reference: A name with a tag or digest, or an image id of 7 to 64 hex digits.
        client: The engine to use, from :func:`connect`; None for the default one.

    Raises:
        InvalidReference: `reference` is neither a valid image name nor an id.
        EngineUnavailable: The engine cannot be reached.
    """
    return _engine(client).image_exists(reference)


def _check_build_options(options: Iterable[str]) -> None:
    """Raise TypeError for an option that :func:`build` does not have, and for `tag`."""
    own = set(inspect.signature(provision).parameters) - {"build_options"}
    known = set(inspect.signature(build).parameters) - {"tag", *own}
    for name in options:
        if name in known:
            continue
        near = get_close_matches(name, {"tag", *own, *known}, n=1)
        if near == ["tag"]:
            raise TypeError(
                f"provision() has no option `{name}`: the image gets the reference as its tag."
            )
        meant = f" Did you mean `{near[0]}`?" if near else ""
        raise TypeError(f"provision() has no option `{name}`.{meant}")


class _RequestForRun:
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


def _hosts(registries: Iterable[str] | None) -> tuple[str, ...] | None:
    """Materialise a one-shot iterable; accept a single host as a str."""
    return None if registries is None else check_texts(registries, "registries")


def _engine(client: object) -> DockerClient:
    if client is None:
        return connect()
    if not isinstance(client, DockerClient):
        raise TypeError(f"`client` must come from `imagewidget.connect()`, not {client!r}.")
    return client


def _start(operation: Operation, first: Started, display: DisplayArgument) -> Job:
    chosen = showing.choose(display)
    job = Job(operation, first=(first,), displays=chosen, shown_in=showing.cell_of(chosen))
    showing.show(job, chosen)
    return job


def _report_engine(
    client: DockerClient,
    cancel: Cancellation,
    operation: Literal["pull", "build", "provision"],
    reference: str,
) -> Generator[Event, None, None]:
    """Yield the engine's name. If the engine cannot be reached, the job fails here."""
    info = client.info(cancel=cancel, refresh=True)
    yield Started(operation, reference, info.title)
