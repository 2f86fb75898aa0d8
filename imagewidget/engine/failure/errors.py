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
└─ Cancelled
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Any

from imagewidget.progress.events import AttemptError, ErrorInfo, SourceLine
from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import visible, visible_block

_PASSWORD = re.compile(r"(://[^\s/:@\"']*):[^\s/@\"']*@")


class Remedy(Enum):
    """What may still give a pull its image after an error."""

    AGAIN = "the same registry, a little later"
    ELSEWHERE = "another registry"
    NONE = "nothing that a pull can do"


class DockerError(Exception):
    """Something about Docker went wrong.

    A traceback prints it as it is, so whatever text comes from outside is made
    safe to show here, and the password of a URL is left out.

    Attributes:
        message: What failed, in one sentence.
        hint: What to do next; may be empty.
        remedy: What a pull does after it.
    """

    default_hint = ""
    default_remedy = Remedy.ELSEWHERE
    in_short = "failed"
    """What a summary of several registries says of one that ended with it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        remedy: Remedy | None = None,
    ) -> None:
        self.message = _shown(message)
        super().__init__(self.message)
        self.hint = self.default_hint if hint is None else _shown(hint)
        self.remedy = self.default_remedy if remedy is None else remedy

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.hint}" if self.hint else self.message

    def info(self) -> ErrorInfo:
        """Give the error as the plain data that displays and recordings hold."""
        return ErrorInfo(kind=type(self).__name__, message=self.message, hint=self.hint)


class EngineUnavailable(DockerError):
    """No Docker engine answers."""

    default_remedy = Remedy.NONE


class ImageNotFound(DockerError):
    """No such image in the registry, or in the local cache."""

    in_short = "does not have it"
    default_hint = "Check the name and the tag; a private image needs `docker login` first."


class AccessDenied(DockerError):
    """The registry does not let this user have the image."""

    in_short = "refuses access"
    default_hint = (
        "Log in with `docker login REGISTRY`, or ask the image's owner for access. "
        "Many registries answer like this for a name that does not exist."
    )


class RateLimited(DockerError):
    """The registry's pull limit is reached."""

    in_short = "has reached its limit"
    default_hint = "Wait for the limit to reset, or log in with `docker login` for a higher one."


class RegistryUnavailable(DockerError):
    """The registry does not answer, or answers with a fault of its own."""

    in_short = "does not answer as it should"
    default_remedy = Remedy.AGAIN
    default_hint = "Check the network and the registry's status page, then try again."


class DiskFull(DockerError):
    """The engine's disk has no room left."""

    default_remedy = Remedy.NONE
    default_hint = "Free some with `docker system prune`, or give Docker a larger disk."


class PullFailed(DockerError):
    """Every registry and every try failed, and there were several.

    After a single try its own error is raised, such as :class:`ImageNotFound`.

    Attributes:
        attempts: Each try with its own error, in order.
    """

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
        """Give the error with its attempts."""
        return ErrorInfo(
            kind=type(self).__name__,
            message=self.message,
            hint=self.hint,
            attempts=self.attempts,
        )


class BuildFailed(DockerError):
    """The builder could not make the image.

    Attributes:
        step: The name of the step that failed, None if none had begun.
        exit_code: The exit code of its command, None if it ran none.
        dockerfile_line: The line of the Dockerfile it stands on, from 1.
        source_lines: That line and those around it.
        log_tail: The last lines of the step's log.
    """

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
    ) -> None:
        super().__init__(message, hint=hint)
        self.step = visible(step) if step else step
        self.exit_code = exit_code
        self.dockerfile_line = dockerfile_line
        self.source_lines = tuple(replace(one, text=visible(one.text)) for one in source_lines)
        self.log_tail = tuple(map(collapse, log_tail))

    def info(self) -> ErrorInfo:
        """Give the error with its place and its log."""
        return ErrorInfo(
            kind=type(self).__name__,
            message=self.message,
            hint=self.hint,
            log_tail=self.log_tail,
            step=self.step,
            exit_code=self.exit_code,
            dockerfile_line=self.dockerfile_line,
            source_lines=self.source_lines,
        )


class InvalidReference(DockerError, ValueError):
    """That is not the name of an image."""

    default_remedy = Remedy.NONE


class InvalidContext(DockerError, ValueError):
    """That cannot be built: a file is missing, outside, or unreadable."""


class Stalled(DockerError):
    """No byte came for as long as the caller was ready to wait."""

    in_short = "went silent"
    default_remedy = Remedy.AGAIN
    default_hint = "Check the network, then run it again: what was downloaded is kept."


class Cancelled(DockerError):
    """The operation was cancelled."""

    default_remedy = Remedy.NONE


def from_info(info: ErrorInfo, *, remedy: Remedy | None = None) -> DockerError:
    """Make the exception again that :meth:`DockerError.info` described.

    Args:
        info: The description.
        remedy: What it does not tell; None for the usual one of its kind.
    """
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
        }
    else:
        extra = {"remedy": remedy}
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
    )
    return from_info(shown, remedy=error.remedy)


def _shown(text: str) -> str:
    return visible_block(_PASSWORD.sub(r"\1@", text))


def _kinds(base: type[DockerError]) -> Iterator[type[DockerError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


_KINDS = {kind.__name__: kind for kind in _kinds(DockerError)}
