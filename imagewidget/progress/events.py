"""The events of an operation while it runs.

An engine's messages become these events; :mod:`imagewidget.progress.tracker` folds
them into a state; a recording is just these events with their times.
Every event is immutable and made of plain values, so that it can be written as
one line of JSON and read back.

Sizes are in bytes, durations in seconds, and instants (`started`, `completed`)
in seconds on the clock of the job, never on the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from imagewidget.progress.text.image_card import image_card


class LayerPhase(str, Enum):
    """What is happening to one layer of a pull.

    The names follow the status words of moby's `distribution/xfer` and
    `pkg/jsonmessage`; a layer is `stopped` if its pull ended before it was complete.
    """

    QUEUED = "queued"
    DOWNLOADING = "downloading"
    VERIFYING = "verifying"
    DOWNLOADED = "downloaded"
    EXTRACTING = "extracting"
    DONE = "done"
    CACHED = "cached"
    RETRYING = "retrying"
    STOPPED = "stopped"

    def __str__(self) -> str:
        """Return the value, on every version of Python."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to do for the layer."""
        return self in (LayerPhase.DONE, LayerPhase.CACHED)


class StepStatus(str, Enum):
    """The status of one step of a build, in BuildKit's words."""

    PENDING = "pending"
    RUNNING = "running"
    CACHED = "cached"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        """Return the value, on every version of Python."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether the step has ended."""
        return self not in (StepStatus.PENDING, StepStatus.RUNNING)


@dataclass(frozen=True)
class Image:
    """An image in the engine's local cache.

    Attributes:
        id: The image id, `sha256:` and 64 hex digits; empty for a build with an `output`.
        reference: The name it was requested by, such as `owner/env:1`.
        digest: The manifest digest in the registry, None for a local build.
        size: Bytes on the engine's disk, as `docker images` shows them.
        source: `"local"`, the host of the registry that served it, or `"build"`.
        download_size: Bytes of its compressed layers, as in the registry; None if the
            engine does not keep them.
    """

    id: str
    reference: str
    digest: str | None
    size: int
    source: str
    download_size: int | None = None

    @property
    def short_id(self) -> str:
        """The first 12 hex digits of the id, as `docker images` shows them."""
        return self.id.removeprefix("sha256:")[:12]

    def _repr_html_(self) -> str:
        """Return the image as a small card, which a notebook shows for the value of a cell."""
        return image_card(self.reference, self.id, self.size, self.source, self.digest)


@dataclass(frozen=True)
class SourceLine:
    """One line of a Dockerfile.

    Attributes:
        number: Its number, from 1.
        text: The line, without its line feed.
        is_failing: Whether the step that failed is in this line.
    """

    number: int
    text: str
    is_failing: bool = False


@dataclass(frozen=True)
class AttemptError:
    """Why one attempt at one registry failed.

    Attributes:
        registry: The registry's host, such as `ghcr.io`.
        reference: The full reference that was requested.
        number: The number of the attempt at this registry, from 1.
        kind: The name of the error's class, such as `RegistryUnavailable`.
        message: What failed, in one sentence.
    """

    registry: str
    reference: str
    number: int
    kind: str
    message: str


@dataclass(frozen=True)
class Diagnosis:
    """The cause of a failed step, as the last lines of its log name it.

    Attributes:
        name: The kind of cause, such as `pip-no-package`; the same in every version.
        summary: What went wrong, as the end of a sentence, without a full stop.
        advice: What to do.
        because: The line of the log that names it, at most 300 characters.
    """

    name: str
    summary: str
    advice: str
    because: str


@dataclass(frozen=True)
class ErrorInfo:
    """An error as plain data, for displays and recordings.

    Attributes:
        kind: The name of the error's class, such as `PullFailed`.
        message: What failed, in one sentence.
        hint: What to do next; may be empty.
        log_tail: The last lines of the log, for builds.
        step: The name of the build step that failed.
        exit_code: The exit code of the command in that step.
        dockerfile_line: Its line in the Dockerfile, from 1.
        source_lines: That line with the lines around it.
        attempts: Every failed attempt, for pulls.
        diagnosis: What the step's log says of the cause; None if that is not known.
    """

    kind: str
    message: str
    hint: str = ""
    log_tail: tuple[str, ...] = ()
    step: str | None = None
    exit_code: int | None = None
    dockerfile_line: int | None = None
    source_lines: tuple[SourceLine, ...] = ()
    attempts: tuple[AttemptError, ...] = ()
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True)
class Started:
    """The operation started.

    Attributes:
        operation: The function that was called.
        reference: The requested reference; empty for a build without a tag.
        engine: The engine, such as `Docker Engine 26.1.5`; empty if not known yet.
    """

    operation: Literal["pull", "build", "provision"]
    reference: str
    engine: str = ""


@dataclass(frozen=True)
class CheckingLocal:
    """The local cache is being checked for the image."""

    reference: str


@dataclass(frozen=True)
class AttemptStarted:
    """A registry is about to be tried: attempt `number` of `limit`."""

    registry: str
    reference: str
    number: int
    limit: int


@dataclass(frozen=True)
class AttemptFailed:
    """The attempt failed; a :class:`RetryScheduled` or another registry may follow."""

    error: AttemptError


@dataclass(frozen=True)
class RetryScheduled:
    """The next attempt at the same registry starts in `delay` seconds."""

    delay: float


@dataclass(frozen=True)
class LayerChanged:
    """A layer of the image changed its phase or made progress.

    `current` and `total` count the bytes of that phase: compressed bytes while
    downloading, unpacked input bytes while extracting. None means that the engine
    did not report the value; the previous one is kept.

    Attributes:
        id: The 12 hex digits that the engine shows.
        phase: What is happening to it.
        current: Bytes done.
        total: Bytes in total.
        seconds: How long it has been extracted, by engines that count no bytes then.
        position: Its place among the layers that are unpacked, from 1, on engines that
            announce the layers in another order than the image's. It may change until the
            layer is complete.
    """

    id: str
    phase: LayerPhase
    current: int | None = None
    total: int | None = None
    seconds: int | None = None
    position: int | None = None


@dataclass(frozen=True)
class BuildStarted:
    """The build itself starts on `builder`; pulls may have come before it."""

    builder: Literal["buildkit", "classic"]


@dataclass(frozen=True)
class ContextSent:
    """Bytes of the build context sent so far; `total` is None while unknown."""

    current: int
    total: int | None = None
    is_complete: bool = False


@dataclass(frozen=True)
class StepChanged:
    """A build step appeared or changed; every event has everything known about the step.

    Attributes:
        id: The vertex digest on BuildKit, `step-n` on the classic builder.
        name: Its name as the engine shows it, without the `[stage 3/7]` prefix.
        status: Its status.
        stage: The stage's name, if the builder reports it.
        number: `3` of `[stage 3/7]`; None for the builder's own steps.
        count: `7` of `[stage 3/7]`.
        started: When it first started; None before.
        completed: When it ended; None before.
        duration: Seconds it actually ran (intervals merged); None while unknown.
        error: Why it failed, in the engine's words.
        position: Its number in the whole build, from 1, if stages follow one
            another, as on the classic builder; None if they run side by side.
        positions: The number of steps in the whole build, if `position` is set.
    """

    id: str
    name: str
    status: StepStatus
    stage: str = ""
    number: int | None = None
    count: int | None = None
    started: float | None = None
    completed: float | None = None
    duration: float | None = None
    error: str | None = None
    position: int | None = None
    positions: int | None = None


@dataclass(frozen=True)
class TransferChanged:
    """Progress of a transfer within a step: a layer of a base image, or the context.

    `total` is None while unknown; `current` counts bytes if `in_bytes`,
    otherwise something that means nothing to a reader.
    """

    step: str
    id: str
    name: str
    current: int
    total: int | None = None
    is_complete: bool = False
    in_bytes: bool = True


@dataclass(frozen=True)
class LogWritten:
    """A piece of output as received: not split into lines, with carriage returns and colours.

    Attributes:
        text: Decoded text; a character is never split between two events.
        step: The id of the step that wrote it, None for the operation itself.
        stream: 1 for standard output, 2 for standard error.
    """

    text: str
    step: str | None = None
    stream: int = 1


@dataclass(frozen=True)
class BuildWarned:
    """Something is not as it should be, although nothing has failed.

    It comes from the builder, or is about the platform or the disk of a pull.

    Attributes:
        message: The warning, in one line.
        detail: More about it; may have several lines, or be empty.
        url: Where it is documented; may be empty.
        step: The id of the build step it is about; None if it is not about one.
        dockerfile_line: The line it is about, from 1; None if there is no such line.
    """

    message: str
    detail: str = ""
    url: str = ""
    step: str | None = None
    dockerfile_line: int | None = None


@dataclass(frozen=True)
class Finished:
    """The operation succeeded."""

    image: Image


@dataclass(frozen=True)
class Failed:
    """The operation ended with an error."""

    error: ErrorInfo


@dataclass(frozen=True)
class CancelRequested:
    """Cancellation was requested; the engine has not stopped yet."""


@dataclass(frozen=True)
class RunCancelled:
    """The operation was cancelled and the engine has stopped."""


Event = (
    Started
    | CheckingLocal
    | AttemptStarted
    | AttemptFailed
    | RetryScheduled
    | LayerChanged
    | BuildStarted
    | ContextSent
    | StepChanged
    | TransferChanged
    | LogWritten
    | BuildWarned
    | Finished
    | Failed
    | CancelRequested
    | RunCancelled
)

ENDS = (Finished, Failed, RunCancelled)
"""The final events: no event follows one of these."""
