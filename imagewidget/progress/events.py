"""What an operation says while it runs.

An engine's words become these events; :mod:`imagewidget.progress.tracker` folds
them into a state; a recording is nothing but these events with their times.
Every event is immutable and made of plain values, so that it can be written as
one line of JSON and read back.

Bytes are counted in bytes, durations in seconds, and instants (`started`,
`completed`) in seconds on the clock of the job, never of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal


class LayerPhase(str, Enum):
    """Where one layer of a pull stands.

    The names follow the status words of moby's `distribution/xfer` and
    `pkg/jsonmessage`; `stopped` is where a layer was when its pull ended without it.
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
        """Give the word itself, on every Python alike."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether the layer needs nothing more."""
        return self in (LayerPhase.DONE, LayerPhase.CACHED)


class StepStatus(str, Enum):
    """Where one step of a build stands, in BuildKit's words."""

    PENDING = "pending"
    RUNNING = "running"
    CACHED = "cached"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        """Give the word itself, on every Python alike."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether the step will not run on."""
        return self not in (StepStatus.PENDING, StepStatus.RUNNING)


@dataclass(frozen=True)
class Image:
    """An image in the engine's local cache.

    Attributes:
        id: The image id, `sha256:` and 64 hex digits.
        reference: The name it was asked for by, such as `owner/env:1`.
        digest: The manifest digest in the registry, None for a local build.
        size: Bytes on the engine's disk, as the engine counts them.
        source: `"local"`, the host of the registry that served it, or `"build"`.
    """

    id: str
    reference: str
    digest: str | None
    size: int
    source: str

    @property
    def short_id(self) -> str:
        """The first 12 hex digits of the id, as `docker images` shows them."""
        return self.id.removeprefix("sha256:")[:12]


@dataclass(frozen=True)
class SourceLine:
    """One line of a Dockerfile; `number` counts from 1."""

    number: int
    text: str
    is_failing: bool = False


@dataclass(frozen=True)
class AttemptError:
    """How one try at one registry ended.

    Attributes:
        registry: The host that was asked, such as `ghcr.io`.
        reference: The full reference that was asked for.
        number: Which try at this registry it was, from 1.
        kind: The name of the error's class, such as `RegistryUnavailable`.
        message: One sentence.
    """

    registry: str
    reference: str
    number: int
    kind: str
    message: str


@dataclass(frozen=True)
class ErrorInfo:
    """An error as plain data: what every display shows and a recording keeps.

    Attributes:
        kind: The name of the class in :mod:`imagewidget.engine.failure.errors`.
        message: What failed, in one sentence.
        hint: What to do next; may be empty.
        log_tail: The last lines of the log, for builds.
        step: The name of the build step that failed.
        exit_code: The exit code of the command in that step.
        dockerfile_line: Its line in the Dockerfile, from 1.
        source_lines: That line with its surroundings.
        attempts: Every try that came before, for pulls.
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


@dataclass(frozen=True)
class Started:
    """The operation began.

    Attributes:
        operation: Which verb.
        reference: What was asked for; empty for a build without a tag.
        engine: What serves it, such as `Docker Engine 26.1.5`; may come later.
    """

    operation: Literal["pull", "build", "provision"]
    reference: str
    engine: str = ""


@dataclass(frozen=True)
class CheckingLocal:
    """The local cache is being asked for the image."""

    reference: str


@dataclass(frozen=True)
class AttemptStarted:
    """A registry is about to be asked: try `number` of `limit`."""

    registry: str
    reference: str
    number: int
    limit: int


@dataclass(frozen=True)
class AttemptFailed:
    """That try failed; a :class:`RetryScheduled` or another registry may follow."""

    error: AttemptError


@dataclass(frozen=True)
class RetryScheduled:
    """The next try at the same registry comes in `delay` seconds."""

    delay: float


@dataclass(frozen=True)
class LayerChanged:
    """A layer of the image moved.

    `current` and `total` count the bytes of the phase they come with:
    compressed bytes while downloading, unpacked input bytes while extracting.
    None means that the engine does not say, and leaves what was known as it is.
    """

    id: str
    phase: LayerPhase
    current: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class BuildStarted:
    """The build itself begins on `builder`; pulling may have come before it."""

    builder: Literal["buildkit", "classic"]


@dataclass(frozen=True)
class ContextSent:
    """Bytes of the build context sent so far; `total` None while unknown."""

    current: int
    total: int | None = None
    is_complete: bool = False


@dataclass(frozen=True)
class StepChanged:
    """A build step appeared or moved; every event carries all that is known.

    Attributes:
        id: The vertex digest on BuildKit, `step-n` on the classic builder.
        name: As the engine shows it, without the `[stage 3/7]` prefix.
        status: Where it stands.
        stage: The stage's name, if the builder tells.
        number: `3` of `[stage 3/7]`; None for the builder's own steps.
        count: `7` of `[stage 3/7]`.
        started: When it first began; None before.
        completed: When it ended; None before.
        duration: Seconds it really ran (intervals merged); None while unknown.
        error: Why it failed, in the engine's words.
        position: Which step of the whole build it is, from 1, where stages follow
            one another as on the classic builder; None where they run side by side.
        positions: How many steps the whole build has, with `position`.
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
    """Something inside a step moves bytes: a base image's layer, the context.

    `total` is None while unknown; `current` counts bytes when `in_bytes`,
    else nothing a person could read.
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
    """A piece of output, as it came: not whole lines, carriage returns and colours in it.

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
    """The builder found something to mend; `detail` may have several lines."""

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
    """Somebody asked to cancel; the engine has not yet let go."""


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
"""The events after which nothing more happens."""
