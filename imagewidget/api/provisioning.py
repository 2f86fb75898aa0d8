"""`provision`: an image from wherever it is: the local cache, a registry or a build."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import Unpack

from imagewidget.api.starting import Events, RequestForRun, engine_of, hosts, report_engine, start
from imagewidget.api.verbs import verb
from imagewidget.engine.build import build as build_events
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.client import DockerClient
from imagewidget.engine.credentials import check_auth
from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.platform import wanted_platform
from imagewidget.engine.provision import provision as provision_events
from imagewidget.engine.pull.pull import pull as pull_events
from imagewidget.engine.pull.retry import RetryPolicy, check_tries
from imagewidget.engine.request.options import BuildOptions
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import PathLike
from imagewidget.environment import default_tag
from imagewidget.jobs.job import Job
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Started

PROVISION_REGISTRIES = ("ghcr.io", "docker.io")

_FOR_PULLS = {"platform", "auth"}


@verb
def provision(
    reference: str | None = None,
    *,
    registries: Iterable[str] = PROVISION_REGISTRIES,
    context: PathLike | None = None,
    retry: RetryPolicy | None = None,
    stall_timeout: float | None = None,
    client: DockerClient | None = None,
    display: DisplayArgument = None,
    **options: Unpack[BuildOptions],
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
        retry: How many times to try each registry; see :func:`pull`.
        stall_timeout: When to give up on a silent registry; see :func:`pull`.
        **options: The options of the build, described in :class:`BuildOptions`. The
            image gets `reference` as its tag.
        client: The engine to use, from :func:`connect`; None for the default one.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

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
    check_tries(retry, stall_timeout)
    if options.get("output") is not None:
        raise InvalidContext(
            "`provision` makes an image available; it has no other output.",
            hint="Use `imagewidget.build` with `output=`.",
        )
    platform = wanted_platform(options.get("platform"))
    logins = check_auth(options.get("auth"))
    name = default_tag() if reference is None else reference
    parsed = references.parse(name)
    asked = hosts(registries)
    references.candidates(parsed, asked)
    wanted = None
    if parsed.can_be_tagged:
        wanted = RequestForRun(BuildRequest.of(context, tag=name, **options))
    elif context is not None or options.keys() - _FOR_PULLS:
        raise InvalidReference(
            f"{name} is a digest reference; a build cannot be made to produce a given digest.",
            hint="Use a tag instead of the digest, or leave out all arguments for a build.",
        )
    engine = engine_of(client)

    def operation(cancel: Cancellation, clock: Clock) -> Events:
        request = wanted() if wanted else None

        def pulled() -> Events:
            return pull_events(
                engine,
                name,
                registries=asked,
                retry=retry,
                platform=platform,
                stall_timeout=stall_timeout,
                auth=logins,
                cancel=cancel,
            )

        def built() -> Events:
            assert request is not None  # noqa: S101 - only called when there is one
            return build_events(engine, request, cancel=cancel, clock=clock)

        yield from report_engine(engine, cancel, "provision", name)
        return (
            yield from provision_events(
                engine,
                name,
                pull=None if reference is None else pulled,
                build=built if request else None,
                cancel=cancel,
                platform=platform,
            )
        )

    return start(operation, Started("provision", name), display)
