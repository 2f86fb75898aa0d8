"""Pull an image: registries in turn, several tries at each, every layer's progress."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import DockerClient
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.failure.errors import (
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    PullFailed,
    Remedy,
)
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.reference import Reference
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.engine.pull.stream import digest_in, events_of
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    Event,
    Image,
    LogWritten,
    RetryScheduled,
)

_Failure = tuple[AttemptError, DockerError]


def pull(
    client: DockerClient,
    reference: str,
    *,
    registries: Iterable[str] | None = None,
    retry: RetryPolicy | None = None,
    platform: str | None = None,
    stall_timeout: float | None = None,
    cancel: Cancellation | None = None,
) -> Generator[Event, None, Image]:
    """Pull an image, and give it the name that was asked for.

    Each registry gets its own tries. An error that a later try may mend leads
    to one, a lasting error to the next registry at once, and an error of the
    engine's own machine (no engine, no room) ends it all.

    Where another registry than Docker's own choice served the image, it bears
    two names afterwards: the one that was asked for, and the one with the
    registry, which tells where it came from. An image asked for by digest keeps
    the latter only, for a digest cannot be given away.

    Args:
        client: The engine that pulls.
        reference: The image's name.
        registries: Hosts to ask, in order; None for Docker's own choice. Not
            looked at where `reference` names its registry.
        retry: How often and when to try again; three tries by default.
        platform: `os[/arch[/variant]]`, where the image has several.
        stall_timeout: Seconds without a word from the engine that end a try;
            None waits for ever. An engine is silent for as long as it unpacks
            (containerd store) or downloads (Podman), so be generous.
        cancel: How to stop it.

    Yields:
        What happens, as events.

    Returns:
        The image; its `source` is the host of the registry that served it.

    Raises:
        InvalidReference: That is no image's name, or no registry's.
        PullFailed: Several tries were made, and all failed; it has them all.
        ImageNotFound, AccessDenied, RateLimited, RegistryUnavailable, Stalled: The
            one try that was made failed.
        EngineUnavailable, DiskFull: The engine itself cannot; tries before that
            are told by the events only.
        Cancelled: It was asked for.
    """
    asked = references.parse(reference)
    attempt = _Pull(client, platform, stall_timeout, cancel or Cancellation())
    failures: list[_Failure] = []
    for candidate in references.candidates(asked, registries):
        try:
            digest = yield from _from_one(attempt, candidate, retry or RetryPolicy(), failures)
        except DockerError as error:
            if error.remedy is Remedy.NONE or isinstance(error, EngineUnavailable):
                raise
            continue
        return (yield from _named(attempt, candidate, asked, reference, digest))
    if len(failures) == 1:
        raise failures[0][1]  # a single try speaks for itself
    raise _summary(reference, failures) from (failures[-1][1] if failures else None)


def _from_one(
    attempt: _Pull,
    candidate: Reference,
    retry: RetryPolicy,
    failures: list[_Failure],
) -> Generator[Event, None, str | None]:
    """Try one registry as often as the policy says; returns the image's digest."""
    waits: list[float] = []
    digest: str | None = None
    for number, trial in enumerate(retry.tries(waits.append), start=1):
        while waits:
            delay = waits.pop()
            yield RetryScheduled(delay)
            attempt.cancel.sleep(delay)
        yield AttemptStarted(candidate.host, candidate.canonical, number, retry.attempts)
        with trial:
            try:
                digest = yield from attempt.run(candidate, is_first=not failures)
            except DockerError as error:
                if not attempt.cancel.is_requested:
                    failed = AttemptError(
                        registry=candidate.host,
                        reference=candidate.canonical,
                        number=number,
                        kind=type(error).__name__,
                        message=error.message,
                    )
                    failures.append((failed, error))
                    yield AttemptFailed(failed)
                raise
    return digest


class _Pull:
    """What is the same for every try of one pull."""

    def __init__(
        self,
        client: DockerClient,
        platform: str | None,
        stall_timeout: float | None,
        cancel: Cancellation,
    ) -> None:
        self.client = client
        self.platform = platform
        self.stall_timeout = stall_timeout
        self.cancel = cancel
        self._logins: dict[str, dict[str, str]] = {}

    def run(self, candidate: Reference, *, is_first: bool) -> Generator[Event, None, str | None]:
        """Make one try; returns the digest that the engine named."""
        self.cancel.check()
        parameters = {"fromImage": candidate.name, "tag": candidate.version}
        if self.platform:
            parameters["platform"] = self.platform
        digest: str | None = None
        try:
            with self.client.operation(self.cancel) as api:
                headers = yield from self._login(api, candidate.host)
                messages = api.post_stream(
                    "/images/create",
                    parameters,
                    headers,
                    self.stall_timeout,
                )
                for event in events_of(messages):
                    if isinstance(event, LogWritten):
                        digest = digest_in(event.text) or digest
                    yield event
        except EngineUnavailable as error:
            # An engine that served a try before this one is restarting.
            if is_first:
                raise
            raise EngineUnavailable(
                error.message, hint=error.hint, remedy=Remedy.AGAIN
            ) from error.__cause__
        self.cancel.check()
        return digest

    def _login(self, api: Transport, host: str) -> Generator[Event, None, dict[str, str]]:
        """Look the login for a registry up, once for all tries."""
        if host not in self._logins:
            try:
                self._logins[host] = api.login_headers(host, self.cancel)
            except DockerError as error:
                self.cancel.check()
                # A public image needs none; a refusal will say the rest.
                self._logins[host] = {}
                yield LogWritten(f"Going on without a login for {host}. {error.message}\n")
        return self._logins[host]


def _named(
    attempt: _Pull,
    served: Reference,
    asked: Reference,
    text: str,
    digest: str | None,
) -> Generator[Event, None, Image]:
    """Give the image the name that was asked for, and look it up."""
    if served.canonical != asked.canonical:
        if asked.can_be_tagged:
            attempt.client.tag(served.canonical, asked.canonical, cancel=attempt.cancel)
            yield LogWritten(f"Tagged {served.familiar} as {asked.familiar}\n")
        else:
            yield LogWritten(f"A digest cannot be given away: the image is {served.familiar}\n")
    image = attempt.client.image(served.canonical, cancel=attempt.cancel)
    return replace(
        image,
        reference=text,
        digest=served.digest or digest or image.digest,
        source=served.host,
    )


def _summary(text: str, failures: list[_Failure]) -> DockerError:
    """Sum up what every registry said."""
    if not failures:
        return ImageNotFound(
            f"No registry may be asked for {text}.",
            hint="Name one with `registries=`, or in the reference: `ghcr.io/owner/env:1`.",
        )
    last: dict[str, DockerError] = {attempt.registry: error for attempt, error in failures}
    said = []
    for registry, error in last.items():
        tries = sum(attempt.registry == registry for attempt, _ in failures)
        said.append(f"{registry} {error.in_short}" + (f" ({tries} tries)" if tries > 1 else ""))
    hints = dict.fromkeys(error.hint for error in last.values() if error.hint)
    return PullFailed(
        f"{text} could not be pulled: {', '.join(said)}.",
        hint=" ".join(hints),
        attempts=tuple(attempt for attempt, _ in failures),
    )
