"""The steps of one build while it is running."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from imagewidget.progress.events import (
    BuildWarned,
    ContextSent,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from imagewidget.progress.layers import Moved
from imagewidget.progress.state import StepState, TransferState
from imagewidget.progress.text.safe_text import visible

CONTEXT_STEP = "context"
"""The id of the step that represents sending the context to the classic builder."""


@dataclass
class _Step:
    """The state of one step as the builder last reported it, and what changes separately."""

    known: StepState
    transfers: dict[str, TransferState] = field(default_factory=dict)
    duration: float | None = None
    warnings: int = 0


class BuildProgress:
    """The progress of every step, and of the whole build."""

    def __init__(self) -> None:
        self._steps: dict[str, _Step] = {}
        self._positions = 0
        self._is_over = False

    def change(self, event: StepChanged) -> None:
        """Apply an event about one step."""
        if event.position is not None:
            self._positions = max(self._positions, event.positions or 0)
        step = self._step(event.id)
        step.duration = event.duration
        if step.duration is None and event.completed is not None and event.started is not None:
            step.duration = max(0.0, event.completed - event.started)
        step.known = StepState(
            id=event.id,
            name=visible(event.name),
            status=event.status,
            stage=visible(event.stage),
            number=event.number,
            count=event.count,
            started=event.started,
            error=visible(event.error) if event.error else None,
        )

    def transfer(self, event: TransferChanged) -> None:
        """Apply an event about a transfer within a step."""
        current = event.current
        if event.is_complete and event.total is not None:
            current = event.total
        self._step(event.step).transfers[event.id] = TransferState(
            id=visible(event.id),
            name=visible(event.name),
            current=current,
            total=current if event.is_complete and event.total is None else event.total,
            is_complete=event.is_complete,
            in_bytes=event.in_bytes,
        )

    def send_context(self, event: ContextSent, now: float) -> None:
        """Represent the sending of the context as a step with one transfer."""
        step = self._step(CONTEXT_STEP)
        started = now if step.known.started is None else step.known.started
        step.known = replace(
            step.known,
            name="send build context",
            status=StepStatus.DONE if event.is_complete else StepStatus.RUNNING,
            started=started,
        )
        step.duration = now - started if event.is_complete else None
        total = event.current if event.is_complete else event.total
        step.transfers["context"] = TransferState(
            "context", "context", event.current, total, event.is_complete, in_bytes=True
        )

    def warn(self, event: BuildWarned) -> None:
        """Add a warning to the count of its step."""
        if event.step is not None and event.step in self._steps:
            self._steps[event.step].warnings += 1

    def finish(self, now: float) -> None:
        """Mark running steps as done: the image is there."""
        self._is_over = True
        self._settle(now, StepStatus.DONE)

    def stop(self, now: float) -> None:
        """Mark unfinished steps as cancelled: the build ended without an image."""
        self._is_over = True
        self._settle(now, StepStatus.CANCELLED)

    def steps(self, now: float) -> tuple[StepState, ...]:
        """Return every step, with the time that running ones have taken so far."""
        return tuple(_snapshot(step, now) for step in self._steps.values())

    @property
    def is_moving(self) -> bool:
        """Whether a transfer is under way."""
        return any(not transfer.is_complete for transfer in self._transfers())

    @property
    def moved(self) -> Moved:
        """Bytes of base images and of the context together.

        A build requests more as it goes on, so the total is final only when the build is over.
        """
        transfers = self._transfers()
        total = sum(transfer.total or transfer.current for transfer in transfers)
        return Moved(sum(t.current for t in transfers), total, bool(total) and self._is_over)

    @property
    def fraction(self) -> float | None:
        """The fraction done of all numbered steps announced so far; None before the first.

        On BuildKit, a stage announces its number of steps with its first step.
        """
        steps = [step.known for step in self._steps.values() if step.known.number is not None]
        done = sum(step.status in (StepStatus.DONE, StepStatus.CACHED) for step in steps)
        if self._positions:
            return min(1.0, done / self._positions)
        counts: dict[str, int] = {}
        for step in steps:
            counts[step.stage] = max(step.count or 0, counts.get(step.stage, 0))
        announced = sum(counts.values())
        return min(1.0, done / announced) if announced else None

    def _transfers(self) -> list[TransferState]:
        return [t for step in self._steps.values() for t in step.transfers.values() if t.in_bytes]

    def _step(self, name: str) -> _Step:
        step = self._steps.get(name)
        if step is None:
            step = self._steps[name] = _Step(StepState(name, "", StepStatus.PENDING))
        return step

    def _settle(self, now: float, status: StepStatus) -> None:
        for step in self._steps.values():
            if step.known.status is StepStatus.RUNNING:
                step.duration = _snapshot(step, now).duration
                step.known = replace(step.known, status=status)
            elif step.known.status is StepStatus.PENDING and status is StepStatus.CANCELLED:
                step.known = replace(step.known, status=status)


def _snapshot(step: _Step, now: float) -> StepState:
    duration = step.duration
    if duration is None and step.known.started is not None:
        duration = max(0.0, now - step.known.started)
    return replace(
        step.known,
        duration=duration,
        transfers=tuple(step.transfers.values()),
        warnings=step.warnings,
    )
