"""The verbs. Each checks its arguments, starts a job, shows it and returns it.

What can be found wrong before anything starts is raised here, in the caller's
cell; what goes wrong later is shown by the panel and raised by `job.result()`.
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
from imagewidget.engine.request.checks import Builder
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import PathLike, Readable
from imagewidget.environment import default_tag
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.jobs.replay import Replay
from imagewidget.jobs.run import Operation
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Event, Image, Started

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
    """Pull an image, showing every layer.

    Args:
        reference: Such as `python:3.13-slim` or `ghcr.io/owner/env:1`.
        registries: Hosts to ask for a name without one, in order; None for what
            Docker itself would ask. The image bears the name asked for,
            whichever served it.
        platform: Such as `linux/arm64`; None for the engine's own.
        retry: How often to try each registry: by default 3 times, after waits
            of 1 and 2 seconds.
        stall_timeout: Seconds without a byte after which a try has failed.
        client: The engine, from :func:`connect`; None for the usual one.
        display: None for what suits the place, False for nothing.

    Returns:
        The job, which has begun. A script waits for it before it ends, and
        cancels it if an exception ends the script. Its `result()` raises what the
        one try met, such as :class:`ImageNotFound` or :class:`AccessDenied`; after
        several, :class:`PullFailed`, whose `attempts` have each.

    Raises:
        InvalidReference: `reference` or a registry is not a name; nothing was started.
        InvalidContext: `platform` is not one, such as `linux/arm64`.
        TypeError, ValueError: Another argument cannot be.
    """
    asked = _hosts(registries)
    if not references.candidates(references.parse(reference), asked):
        raise InvalidReference(
            f"No registry may be asked for {reference}.",
            hint="Name one with `registries=`, or in the reference: `ghcr.io/owner/env:1`.",
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

    Args:
        context: A folder; None with neither context nor Dockerfile for the
            embedded environment.
        tag: The name the image gets.
        dockerfile: A path, or the text itself (which has a line break in it), or
            a file-like object; None for `Dockerfile` in the context.
        build_args: Values for `ARG`; None takes a value from the environment.
        secrets: By id, for `RUN --mount=type=secret`: a Path is a file, a str or
            bytes the secret itself, and None takes the variable of that name from the
            environment. BuildKit only. Never in a layer, log or recording.
        ssh: `"default"` or `"ID=PATH"` of an ssh agent's socket. BuildKit only.
        target: The stage to build; None for the last.
        platform: Such as `linux/arm64`; None for the engine's own.
        cache_from: Images whose layers may be reused.
        no_cache: Run every step.
        pull: Look for newer base images.
        labels: Put on the image.
        network: For `RUN`: `"host"`, `"none"` or a network's name.
        builder: `"auto"` takes BuildKit where the engine has it.
        auth: `{"registry": ("user", "password")}`, before docker's own configuration.
        client: The engine, from :func:`connect`; None for the usual one.
        display: None for what suits the place, False for nothing.

    Returns:
        The job, which has begun. A script waits for it before it ends, and
        cancels it if an exception ends the script.

    Raises:
        InvalidContext: There is nothing to build, or a file is missing; nothing was started.
        InvalidReference: `tag` is not the name of an image.
        TypeError: An argument is of the wrong type.
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
    """Make sure an image is here: from the local cache, else a registry, else a build.

    Args:
        reference: The name; None for the embedded environment, for which no
            registry is asked, because this package publishes no image.
        registries: Hosts to ask for a name without one, in order. A name may
            belong to different people on each: name those you trust.
        context: What to build if no registry has it; see :func:`build`. With
            neither context nor Dockerfile: the embedded environment.
        dockerfile: Likewise.
        retry: See :func:`pull`.
        stall_timeout: See :func:`pull`.
        client: The engine, from :func:`connect`; None for the usual one.
        display: None for what suits the place, False for nothing.
        **build_options: Whatever else :func:`build` takes but for `tag`, which is
            the reference.

    Returns:
        The job, which has begun: one job and one panel for all of it. A script
        waits for it as for a :func:`pull`.

    Raises:
        InvalidContext: What may have to be built cannot be.
        InvalidReference: `reference` or a registry is not a name.
        TypeError, ValueError: An option is unknown, or cannot be.
    """
    _check_build_options(build_options)
    check_tries(retry, stall_timeout)
    name = reference or default_tag()
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
            f"{name} names an image by its digest, which a build cannot promise.",
            hint="Give it a tag, or leave out what to build.",
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
                pull=pulled if reference else None,
                build=built if request else None,
                cancel=cancel,
                platform=request.platform if request else None,
            )
        )

    return _start(operation, Started("provision", name), display)


def image_exists(reference: str, *, client: DockerClient | None = None) -> bool:
    """Tell whether an image is in the engine's local cache.

    Args:
        reference: A name with tag or digest, or an image id, long or short.
        client: The engine, from :func:`connect`; None for the usual one.

    Raises:
        InvalidReference: That is neither a name nor an id.
        EngineUnavailable: No engine answers.
    """
    return _engine(client).image_exists(reference)


def replay(
    recording: str | Path,
    *,
    speed: float = 1.0,
    until: float | None = None,
    display: DisplayArgument = None,
) -> Job:
    """Show a recorded run again, in the same panel. Needs no Docker.

    Args:
        recording: A file that `job.record()` wrote.
        speed: How many times as fast; `float("inf")` does not wait at all.
        until: Stop the time after so many of its seconds, to look at that moment.
        display: None for what suits the place, False for nothing.

    Returns:
        The job; it ends as the recorded one did, unless it is held by `until`.

    Raises:
        InvalidRecording: That is not a recording, or it breaks off.
        OSError: The file cannot be read.
        ValueError: `speed` is not positive, or `until` no time.
    """
    played = Replay(recording, speed, until)
    chosen = showing.choose(display)
    shown_in = showing.cell_of(chosen)
    job = Job(played.play, displays=chosen, make_clock=played.make_clock, shown_in=shown_in)
    played.settle()
    showing.show(job, chosen, may_outlive=until is not None)
    return job


def _check_build_options(options: Iterable[str]) -> None:
    """Refuse what :func:`build` does not take, or what `provision` gives it by itself."""
    own = {"tag", *inspect.signature(provision).parameters}
    known = set(inspect.signature(build).parameters) - own
    for name in options:
        if name == "tag":
            raise TypeError("provision() has no option `tag`: the image gets the reference.")
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise TypeError(f"provision() has no option `{name}`.{meant}")


class _RequestForRun:
    """What is to be built: at first as it was checked, in a retry with the Dockerfile of then."""

    def __init__(self, request: BuildRequest) -> None:
        self._request = request
        self._runs = 0

    def __call__(self) -> BuildRequest:
        """Give it for one more run.

        Raises:
            InvalidContext: The Dockerfile is gone, or cannot be built any more.
        """
        self._runs += 1
        return self._request if self._runs == 1 else self._request.refreshed()


def _hosts(registries: Iterable[str] | None) -> tuple[str, ...] | None:
    """Keep what may be looked at only once, and take a single host as one."""
    if registries is None:
        return None
    return (registries,) if isinstance(registries, str) else tuple(registries)


def _engine(client: object) -> DockerClient:
    if client is None:
        return connect()
    if not isinstance(client, DockerClient):
        raise TypeError(f"`client` is what `connect(…)` gives, not {client!r}.")
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
    """Say which engine it is. No engine: this is where it shows."""
    info = client.info(cancel=cancel, refresh=True)
    yield Started(operation, reference, info.title)
