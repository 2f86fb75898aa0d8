"""Pull an image: try registries in turn, each several times, and report every layer's progress."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import (
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    PullFailed,
    Remedy,
    Stalled,
    in_short,
    remedy_of,
    with_remedy,
)
from imagewidget.engine.finish import finished
from imagewidget.engine.image import reference as references
from imagewidget.engine.image.inspected import LocalImage
from imagewidget.engine.image.platform import Platform
from imagewidget.engine.image.reference import Reference
from imagewidget.engine.pull.disk import DiskWatch
from imagewidget.engine.pull.logins import Logins
from imagewidget.engine.pull.retry import RetryPolicy, tries
from imagewidget.engine.pull.stream import digest_in, events_of
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildWarned,
    Event,
    Image,
    LogWritten,
    RetryScheduled,
)

_Failure = tuple[AttemptError, DockerError]


def pull(
    client: Client,
    reference: str,
    *,
    registries: Iterable[str] | None = None,
    retry: RetryPolicy | None = None,
    platform: str | None = None,
    stall_timeout: float | None = None,
    auth: Mapping[str, Credentials] = {},
    cancel: Cancellation | None = None,
) -> Generator[Event, None, Image]:
    """Pull an image, and tag it with the requested name.

    Each registry is tried several times. After a temporary error the same registry
    is tried again, after a permanent one the next registry at once, and an error of
    the engine's machine (no engine, disk full) ends the pull.

    If a registry other than Docker's default served the image, it has two names
    afterwards: the requested one, and the one with the registry, which shows where
    it came from. An image requested by digest has only the latter, because a digest
    cannot be assigned.

    Args:
        client: The engine that pulls.
        reference: The image's name.
        registries: Hosts to try, in order; None for Docker's default. Ignored if
            `reference` names its registry.
        retry: How many times to try, and when; three attempts by default.
        platform: `os[/arch[/variant]]`, if the image has several.
        stall_timeout: Seconds without data from the engine before an attempt fails; None
            to wait forever. An engine sends nothing while it unpacks (containerd
            store) or downloads (Podman), so be generous.
        auth: Credentials by registry, from
            :func:`imagewidget.engine.credentials.check_auth`. They take precedence over
            Docker's configuration, and are never shown.
        cancel: Stops the pull.

    Yields:
        The events of the pull.

    Returns:
        The image; its `source` is the host of the registry that served it.

    Raises:
        InvalidReference: The name of the image or of a registry is not valid.
        PullFailed: Several attempts were made, and all failed; its `attempts` lists them.
        ImageNotFound, AccessDenied, RateLimited, RegistryUnavailable, Stalled: The
            only attempt failed.
        EngineUnavailable, DiskFull: The engine itself failed; earlier attempts are
            reported only in the events.
        Cancelled: The pull was cancelled.
    """
    asked = references.parse(reference)
    attempt = _Pull(client, platform, stall_timeout, auth, cancel or Cancellation())
    failures: list[_Failure] = []
    with contextlib.closing(attempt.disk):
        for candidate in references.candidates(asked, registries):
            try:
                digest = yield from _from_one(attempt, candidate, retry or RetryPolicy(), failures)
            except DockerError as error:
                if remedy_of(error) is Remedy.NONE or isinstance(error, EngineUnavailable):
                    raise
                continue
            return (yield from _tagged(attempt, candidate, asked, reference, digest))
    if len(failures) == 1:
        raise failures[0][1]  # there is nothing to sum up
    raise _summary(reference, failures) from (failures[-1][1] if failures else None)


def _from_one(
    attempt: _Pull,
    candidate: Reference,
    retry: RetryPolicy,
    failures: list[_Failure],
) -> Generator[Event, None, str | None]:
    """Try one registry as many times as the policy allows; return the image's digest."""
    waits: list[float] = []
    digest: str | None = None
    for number, trial in enumerate(tries(retry, waits.append), start=1):
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
    """What all attempts of one pull share."""

    def __init__(
        self,
        client: Client,
        platform: str | None,
        stall_timeout: float | None,
        auth: Mapping[str, Credentials],
        cancel: Cancellation,
    ) -> None:
        self.client = client
        self.platform = platform
        self.stall_timeout = stall_timeout
        self.cancel = cancel
        self.logins = Logins(auth, cancel)
        self.disk = DiskWatch(client)

    def run(self, candidate: Reference, *, is_first: bool) -> Generator[Event, None, str | None]:
        """Try once; return the digest that the engine reported."""
        self.cancel.check()
        ended, cause = None, None
        try:
            digest = yield from self._events(candidate)
        except DockerError as error:
            ended, cause = self.logins.explained(error, candidate.host), error.__cause__
            if isinstance(ended, Stalled):
                ended = Stalled(ended.message, hint=self.disk.hint())
            # The engine served an earlier attempt, so it is probably restarting.
            if isinstance(ended, EngineUnavailable) and not is_first:
                ended = EngineUnavailable(ended.message, hint=ended.hint)
                ended = with_remedy(ended, Remedy.AGAIN)
            if ended is error:
                raise
        if ended is not None:
            # Raised outside the `except` block: the original error may contain a password,
            # and would become the `__context__` of this one.
            raise ended from cause
        self.cancel.check()
        return digest

    def _events(self, candidate: Reference) -> Generator[Event, None, str | None]:
        """Yield the engine's events; return the digest that it reported."""
        parameters = {"fromImage": candidate.name, "tag": candidate.version}
        if self.platform:
            parameters["platform"] = self.platform
        digest: str | None = None
        self.disk.restart()
        with self.client.operation(self.cancel) as api:
            headers = yield from self.logins.headers(self.client, candidate.host)
            messages = api.post_stream("/images/create", parameters, headers, self.stall_timeout)
            for event in events_of(messages):
                if isinstance(event, LogWritten):
                    digest = digest_in(event.text) or digest
                yield self.logins.shown(event)
                yield from self.disk.follow(event)
        return digest


def _tagged(
    attempt: _Pull,
    served: Reference,
    asked: Reference,
    text: str,
    digest: str | None,
) -> Generator[Event, None, Image]:
    """Tag the image with the requested name, and return it."""
    tags: tuple[str, ...] = ()
    if served.canonical != asked.canonical:
        if asked.can_be_tagged:
            tags = (asked.canonical,)
        else:
            yield LogWritten(f"A digest cannot be used as a tag; the image is {served.familiar}\n")
    found = finished(attempt.client, served.canonical, attempt.cancel, tags=tags)
    if tags:
        yield LogWritten(f"Tagged {served.familiar} as {asked.familiar}\n")
    own = attempt.client.platform(cancel=attempt.cancel)
    yield from _warned(found, attempt.platform, own)
    return replace(
        found.described(attempt.platform, own),
        reference=text,
        digest=served.digest or digest or found.digest,
        source=served.host,
    )


def _warned(found: LocalImage, asked: str | None, own: Platform) -> Iterator[Event]:
    """Yield a warning if the image is not for the requested platform.

    An engine pulls an image that is for a single platform, whatever platform it is asked for.
    """
    there = [one.platform for one in found.variants if one.platform.is_known]
    if asked is None or not there or any(Platform.of(asked).runs(one) for one in there):
        return
    if not found.is_complete and own.runs(there[0]):
        return  # the engine describes this one even if it has the other too
    yield BuildWarned(
        f"The image is for {', '.join(map(str, there))}, not for {asked}.",
        detail="The registry has it for no other platform.",
    )


def _summary(text: str, failures: list[_Failure]) -> DockerError:
    """Return an error that sums up the failures at every registry."""
    if not failures:
        return ImageNotFound(
            f"There is no registry to try for {text}: `registries` is empty.",
            hint="Name one with `registries=`, or in the reference, as in `ghcr.io/owner/env:1`.",
        )
    last: dict[str, DockerError] = {attempt.registry: error for attempt, error in failures}
    outcomes = []
    for registry, error in last.items():
        times = sum(attempt.registry == registry for attempt, _ in failures)
        count = f" ({times} attempts)" if times > 1 else ""
        outcomes.append(f"{registry} {in_short(error)}{count}")
    hints = dict.fromkeys(error.hint for error in last.values() if error.hint)
    return PullFailed(
        f"{text} could not be pulled: {', '.join(outcomes)}.",
        hint=" ".join(hints),
        attempts=tuple(attempt for attempt, _ in failures),
    )
