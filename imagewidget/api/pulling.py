"""`pull`: an image from a registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from imagewidget.api.starting import Events, engine_of, hosts, report_engine, start
from imagewidget.api.verbs import verb
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.client import DockerClient
from imagewidget.engine.credentials import check_auth
from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.platform import wanted_platform
from imagewidget.engine.pull.pull import pull as pull_events
from imagewidget.engine.pull.retry import RetryPolicy, check_tries
from imagewidget.jobs.job import Job
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Started


@verb
def pull(
    reference: str,
    *,
    registries: Iterable[str] | None = None,
    platform: str | None = None,
    retry: RetryPolicy | None = None,
    stall_timeout: float | None = None,
    auth: Mapping[str, tuple[str, str] | Mapping[str, str]] | None = None,
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
        platform: The platform, such as `linux/arm64`; None for that in the environment
            variable `DOCKER_DEFAULT_PLATFORM`, else the engine's own.
        retry: How many times to try each registry, and how long to wait in between.
            The default is 3 attempts, with waits of 1 and 2 seconds.
        stall_timeout: Fail an attempt after this many seconds without data; None waits forever.
        auth: Registry credentials, as in `{"ghcr.io": ("user", "password")}`; they take
            precedence over Docker's configuration.
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
        InvalidContext: `platform`, or `DOCKER_DEFAULT_PLATFORM`, is not a valid platform.
        TypeError, ValueError: Another argument has the wrong type or value.
    """
    asked = hosts(registries)
    if not references.candidates(references.parse(reference), asked):
        raise InvalidReference(
            f"There is no registry to try for {reference}: `registries` is empty.",
            hint="Name one with `registries=`, or in the reference, as in `ghcr.io/owner/env:1`.",
        )
    platform = wanted_platform(platform)
    check_tries(retry, stall_timeout)
    logins = check_auth(auth)
    engine = engine_of(client)

    def operation(cancel: Cancellation, _clock: Clock) -> Events:
        yield from report_engine(engine, cancel, "pull", reference)
        return (
            yield from pull_events(
                engine,
                reference,
                registries=asked,
                retry=retry,
                platform=platform,
                stall_timeout=stall_timeout,
                auth=logins,
                cancel=cancel,
            )
        )

    return start(operation, Started("pull", reference), display)
