"""Every error that this package raises about Docker.

```
DockerError
├─ EngineUnavailable
├─ ImageNotFound
├─ AccessDenied
├─ RateLimited
├─ RegistryUnavailable
├─ DiskFull
├─ PullFailed
├─ BuildFailed
├─ InvalidReference    (also ValueError)
├─ InvalidContext      (also ValueError)
├─ Stalled
└─ Cancelled           (also concurrent.futures.CancelledError)
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from imagewidget.engine.failure.urls import without_logins
from imagewidget.progress.events import AttemptError, Diagnosis, ErrorInfo, SourceLine
from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import visible, visible_block

_LONGEST = 2000


class Remedy(Enum):
    """What a pull can still try after an error."""

    AGAIN = "the same registry, a little later"
    ELSEWHERE = "another registry"
    NONE = "nothing"


class DockerError(Exception):
    """The base class of all errors about Docker.

    A traceback prints the message unchanged, so text from outside is made safe
    to display here: it is bounded, and logins in URLs are removed.

    Attributes:
        message: What failed, in one sentence.
        hint: What to do next; may be empty.
    """

    message: str
    hint: str

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = _shown(message)
        super().__init__(self.message)
        self.hint = default_hint(type(self)) if hint is None else _shown(hint)

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.hint}" if self.hint else self.message

    def info(self) -> ErrorInfo:
        """Return the error as plain data, for displays and recordings."""
        return ErrorInfo(kind=type(self).__name__, message=self.message, hint=self.hint)


class EngineUnavailable(DockerError):
    """The Docker engine cannot be reached, or does not answer."""


class ImageNotFound(DockerError):
    """The image is not in the registry, or not in the local cache."""


class AccessDenied(DockerError):
    """The registry denies this user access to the image."""


class RateLimited(DockerError):
    """The registry's rate limit was reached."""


class RegistryUnavailable(DockerError):
    """The registry cannot be reached, or failed to serve the image."""


class DiskFull(DockerError):
    """The engine's disk is full."""


class PullFailed(DockerError):
    """Every attempt at every registry failed, and there was more than one attempt.

    If there was only one, its own error is raised, such as :class:`ImageNotFound`.

    Attributes:
        attempts: Every attempt with its error, in order.
    """

    attempts: tuple[AttemptError, ...]

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        attempts: tuple[AttemptError, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.attempts = attempts

    def info(self) -> ErrorInfo:
        """Return the error with its attempts as plain data."""
        return ErrorInfo(
            kind=type(self).__name__,
            message=self.message,
            hint=self.hint,
            attempts=self.attempts,
        )


class BuildFailed(DockerError):
    """The builder could not make the image.

    Attributes:
        step: The name of the step that failed; None if no step had begun.
        exit_code: The exit code of the step's command; None if it has none.
        dockerfile_line: The number of the step's line in the Dockerfile, from 1.
        source_lines: That line and the lines around it.
        log_tail: The last lines of the step's log.
        diagnosis: What that log says of the cause; None if that is not known.
    """

    step: str | None
    exit_code: int | None
    dockerfile_line: int | None
    source_lines: tuple[SourceLine, ...]
    log_tail: tuple[str, ...]
    diagnosis: Diagnosis | None

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        step: str | None = None,
        exit_code: int | None = None,
        dockerfile_line: int | None = None,
        source_lines: tuple[SourceLine, ...] = (),
        log_tail: tuple[str, ...] = (),
        diagnosis: Diagnosis | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.step = _bounded(visible(step)) if step else step
        self.exit_code = exit_code
        self.dockerfile_line = dockerfile_line
        self.source_lines = tuple(
            replace(one, text=_bounded(visible(one.text))) for one in source_lines
        )
        self.log_tail = tuple(map(collapse, log_tail))
        self.diagnosis = _each_text(diagnosis, _shown)

    def info(self) -> ErrorInfo:
        """Return the error with its place in the Dockerfile and its log as plain data."""
        return ErrorInfo(
            kind=type(self).__name__,
            message=self.message,
            hint=self.hint,
            log_tail=self.log_tail,
            step=self.step,
            exit_code=self.exit_code,
            dockerfile_line=self.dockerfile_line,
            source_lines=self.source_lines,
            diagnosis=self.diagnosis,
        )


class InvalidReference(DockerError, ValueError):
    """The reference is not valid."""


class InvalidContext(DockerError, ValueError):
    """The input of a build is not valid, such as a missing or unreadable file."""


class Stalled(DockerError):
    """The engine sent nothing for longer than `stall_timeout`."""


class Cancelled(DockerError, CancelledError):
    """The operation was cancelled; code written for `concurrent.futures` catches it too."""


@dataclass(frozen=True)
class _Traits:
    """What is the same for all errors of a class, unless it is known better.

    Attributes:
        hint: What to do next.
        remedy: What a pull can still try.
        in_short: What a summary of several registries says of one that ended with it.
    """

    hint: str = ""
    remedy: Remedy = Remedy.ELSEWHERE
    in_short: str = "failed"


_TRAITS: dict[type[DockerError], _Traits] = {
    DockerError: _Traits(),
    EngineUnavailable: _Traits(remedy=Remedy.NONE),
    ImageNotFound: _Traits(
        "Check the name and tag; for a private image, run `docker login` first, or pass `auth=`.",
        in_short="does not have it",
    ),
    AccessDenied: _Traits(
        "Log in with `docker login REGISTRY`, or pass "
        "`auth={'REGISTRY': ('USER', 'PASSWORD')}`; "
        "if you are logged in, ask the image's owner for access. "
        "Many registries answer the same way when the image does not exist.",
        in_short="denied access",
    ),
    RateLimited: _Traits(
        "Wait for the limit to reset, or log in for a higher limit, with `docker login` "
        "or `auth=`.",
        in_short="rate-limited the pull",
    ),
    RegistryUnavailable: _Traits(
        "Check the network and the registry's status page, then try again.", Remedy.AGAIN
    ),
    DiskFull: _Traits(
        "Free up space with `docker system prune`, or give Docker a larger disk.", Remedy.NONE
    ),
    InvalidReference: _Traits(remedy=Remedy.NONE),
    Stalled: _Traits(
        "Check the network, then try again.",
        Remedy.AGAIN,
        "stopped responding",
    ),
    Cancelled: _Traits(remedy=Remedy.NONE),
}

# The remedies of errors for which it is not that of the class.
_REMEDIES: WeakKeyDictionary[DockerError, Remedy] = WeakKeyDictionary()
_Error = TypeVar("_Error", bound=DockerError)


def default_hint(kind: type[DockerError]) -> str:
    """Return the hint of errors of this class that were created without one."""
    return _traits(kind).hint


def in_short(error: DockerError) -> str:
    """Return what a summary of several registries says of one that ended with `error`."""
    return _traits(type(error)).in_short


def remedy_of(error: DockerError) -> Remedy:
    """Return what a pull can still try after an error."""
    return _REMEDIES.get(error) or _traits(type(error)).remedy


def with_remedy(error: _Error, remedy: Remedy) -> _Error:
    """Decide what a pull can still try after an error, and return the error."""
    _REMEDIES[error] = remedy
    return error


def _traits(kind: type[DockerError]) -> _Traits:
    return next(_TRAITS[each] for each in kind.__mro__ if each in _TRAITS)


def from_info(info: ErrorInfo) -> DockerError:
    """Return the exception that :meth:`DockerError.info` described."""
    kind: type[DockerError] = _KINDS.get(info.kind, DockerError)
    extra: dict[str, Any] = {}
    if kind is PullFailed:
        extra = {"attempts": info.attempts}
    elif kind is BuildFailed:
        extra = {
            "step": info.step,
            "exit_code": info.exit_code,
            "dockerfile_line": info.dockerfile_line,
            "source_lines": info.source_lines,
            "log_tail": info.log_tail,
            "diagnosis": info.diagnosis,
        }
    return kind(info.message, hint=info.hint, **extra)


def masked(error: DockerError, mask: Callable[[str], str]) -> DockerError:
    """Return a new error like `error`, without its cause, with every text passed through `mask`."""
    info = error.info()
    shown = replace(
        info,
        message=mask(info.message),
        hint=mask(info.hint),
        step=mask(info.step) if info.step else info.step,
        log_tail=tuple(map(mask, info.log_tail)),
        source_lines=tuple(replace(one, text=mask(one.text)) for one in info.source_lines),
        attempts=tuple(replace(one, message=mask(one.message)) for one in info.attempts),
        diagnosis=_each_text(info.diagnosis, mask),
    )
    return with_remedy(from_info(shown), remedy_of(error))


def _each_text(diagnosis: Diagnosis | None, change: Callable[[str], str]) -> Diagnosis | None:
    if diagnosis is None:
        return None
    texts = (diagnosis.summary, diagnosis.advice, diagnosis.because)
    return Diagnosis(diagnosis.name, *map(change, texts))


def _shown(text: str) -> str:
    # A little more than is shown: a secret at the end could be cut short of its `@`.
    return _bounded(visible_block(without_logins(text[: 8 * _LONGEST])))


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _kinds(base: type[DockerError]) -> Iterator[type[DockerError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


_KINDS = {kind.__name__: kind for kind in _kinds(DockerError)}
