"""What is known of an operation at one moment: an immutable snapshot.

:class:`imagewidget.progress.tracker.Tracker` makes them out of events; every
display only looks at them. Bytes are in bytes, times in seconds.
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
    """What the whole operation is doing; each value is a word to show."""

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
        """Give the word itself, on every Python alike."""
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True)
class LayerState:
    """One layer of the image, in image order.

    Attributes:
        id: The 12 hex digits that the engine shows.
        phase: Where it stands.
        current: Compressed bytes downloaded.
        total: Compressed size; None until its download starts.
        extracted: Bytes unpacked, counted as the engine does.
        extract_total: How many there are to unpack; None if the engine is silent.
        speed: Bytes a second while it downloads, else None.
    """

    id: str
    phase: LayerPhase
    current: int = 0
    total: int | None = None
    extracted: int = 0
    extract_total: int | None = None
    speed: float | None = None


@dataclass(frozen=True)
class TransferState:
    """Bytes moving inside a build step: a layer of its base image, the context."""

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
        id: What log lines and warnings name it by.
        name: `RUN pip install numpy`, without the `[stage 3/7]` prefix.
        status: Where it stands.
        stage, number, count: The parts of `[stage 3/7]`; "" and None without.
        started: Seconds after the job began; None before.
        duration: Seconds it has run so far, or ran; None before it starts.
        error: The engine's words if it failed.
        transfers: What moves bytes inside it.
        warnings: How many warnings name it.
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
    """One try at one registry: `number` of `limit`; `error` None while it runs."""

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
        reference: What was asked for; empty for a build without a tag.
        engine: What serves it, such as `Docker Engine 26.1.5`; may be empty.
        builder: `"buildkit"` or `"classic"` once a build began, else "".
        source: Where the image comes from as far as known: a registry's host,
            `"build"`, `"local"`, or "".
        phase: What it is doing.
        fraction: How much is done, 0 to 1; never falls; None while unknown.
        bytes_done: Compressed bytes of the image's layers that are here.
        bytes_total: Their known sizes together; a lower bound
            unless `total_is_final`.
        total_is_final: Whether every layer's size is known.
        speed: Bytes a second, smoothed; None when nothing moves bytes.
        eta: Seconds left, smoothed; None while it cannot be told.
        elapsed: Seconds since the job began; stands still when it ends.
        retry_in: Seconds until the next try, None unless `phase` is retrying.
        stalled_for: Seconds without a word from the engine, None below 5.
        attempts: Every try at a registry, in order.
        layers: In image order; empty for a build.
        steps: In the order in which the builder first named them.
        warnings: What the builder found to mend, of many the first.
        more_warnings: How many there were besides these.
        log_length: How many lines the log has.
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
