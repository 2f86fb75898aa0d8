"""The state of an operation at one moment, as an immutable snapshot.

:class:`imagewidget.progress.tracker.Tracker` builds states from events; displays
only read them. Sizes are in bytes, times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    ErrorInfo,
    Image,
    LayerPhase,
    StepStatus,
)


class Phase(str, Enum):
    """What the whole operation is doing; each value is a word that displays can show."""

    QUEUED = "queued"
    CHECKING = "checking"
    PULLING = "pulling"
    EXTRACTING = "extracting"
    BUILDING = "building"
    RETRYING = "retrying"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        """Return the value, on every version of Python."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True)
class LayerState:
    """One layer of the image.

    Attributes:
        id: The 12 hex digits that the engine shows.
        phase: What is happening to it.
        current: Compressed bytes downloaded.
        total: Compressed size; None until its download starts.
        extracted: Bytes unpacked, as the engine counts them.
        extract_total: Bytes to unpack; None if the engine does not report it.
        extract_seconds: Seconds of unpacking, if the engine reports them instead.
        speed: Bytes per second while it downloads, else None.
    """

    id: str
    phase: LayerPhase
    current: int = 0
    total: int | None = None
    extracted: int = 0
    extract_total: int | None = None
    extract_seconds: int | None = None
    speed: float | None = None


@dataclass(frozen=True)
class TransferState:
    """A transfer within a build step: a layer of its base image, or the context.

    Attributes:
        id: Its id within the step.
        name: What is transferred, in the builder's words.
        current: How much of it has been transferred, in bytes or a count.
        total: How much there is; None while unknown.
        is_complete: Whether it has ended.
        in_bytes: Whether `current` and `total` are bytes.
    """

    id: str
    name: str
    current: int
    total: int | None
    is_complete: bool
    in_bytes: bool


@dataclass(frozen=True)
class StepState:
    """One step of a build.

    Attributes:
        id: The id by which log lines and warnings refer to it.
        name: Such as `RUN pip install numpy`, without the `[stage 3/7]` prefix.
        status: Its status.
        stage, number, count: The parts of `[stage 3/7]`; "" and None without it.
        started: Seconds from the start of the job to its own start; None before.
        duration: Seconds it has run so far, or ran; None before it starts.
        error: Why it failed, in the engine's words.
        transfers: The transfers within it.
        warnings: The number of warnings about it.
    """

    id: str
    name: str
    status: StepStatus
    stage: str = ""
    number: int | None = None
    count: int | None = None
    started: float | None = None
    duration: float | None = None
    error: str | None = None
    transfers: tuple[TransferState, ...] = ()
    warnings: int = 0


@dataclass(frozen=True)
class Attempt:
    """One attempt at one registry.

    Attributes:
        registry: The registry's host, such as `ghcr.io`.
        reference: The full reference that was requested.
        number: The number of the attempt at this registry, from 1.
        limit: How many attempts there can be at this registry.
        error: Why it failed; None unless it did.
    """

    registry: str
    reference: str
    number: int
    limit: int
    error: AttemptError | None = None


@dataclass(frozen=True)
class State:
    """Everything a display may show of one operation.

    Attributes:
        operation: `"pull"`, `"build"` or `"provision"`.
        reference: The requested reference; empty for a build without a tag.
        engine: The engine, such as `Docker Engine 26.1.5`; may be empty.
        builder: `"buildkit"` or `"classic"` once a build has started, else "".
        source: Where the image comes from, as far as known: a registry's host,
            `"build"`, `"local"`, or "".
        phase: What it is doing.
        fraction: How much is done, 0 to 1; never decreases; None while unknown.
        bytes_done: Bytes transferred: compressed layers, and the build context.
        bytes_total: The sum of their known sizes; a lower bound
            unless `total_is_final`.
        total_is_final: Whether every size is known: of every layer that is not cached.
        speed: Bytes per second, smoothed; None while nothing is transferred.
        eta: Seconds left, smoothed; None if there is no estimate.
        elapsed: Seconds since the job started; constant once it has ended.
        retry_in: Seconds until the next attempt; None unless `phase` is retrying.
        stalled_for: Seconds without a message from the engine; None below 5.
        attempts: Every attempt at a registry, in order.
        layers: In the image's order as far as the engine reports it; empty for a build.
        steps: In the order in which the builder first named them.
        warnings: The warnings of a builder or a pull; only the first ones if there are many.
        more_warnings: The number of further warnings.
        log_length: The number of lines in the log.
        image: The result, once there is one.
        error: Why it failed, once it has.
    """

    operation: str = "pull"
    reference: str = ""
    engine: str = ""
    builder: str = ""
    source: str = ""
    phase: Phase = Phase.QUEUED
    fraction: float | None = None
    bytes_done: int = 0
    bytes_total: int = 0
    total_is_final: bool = False
    speed: float | None = None
    eta: float | None = None
    elapsed: float = 0.0
    retry_in: float | None = None
    stalled_for: float | None = None
    attempts: tuple[Attempt, ...] = ()
    layers: tuple[LayerState, ...] = ()
    steps: tuple[StepState, ...] = ()
    warnings: tuple[BuildWarned, ...] = ()
    more_warnings: int = 0
    log_length: int = 0
    image: Image | None = None
    error: ErrorInfo | None = None
