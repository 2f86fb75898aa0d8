"""Fold events into a state: the one place that decides what displays can show."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatchmethod

from imagewidget.progress.bar import Bar, Pace
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    CancelRequested,
    CheckingLocal,
    ContextSent,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LogWritten,
    RetryScheduled,
    RunCancelled,
    Started,
    StepChanged,
    TransferChanged,
)
from imagewidget.progress.layers import PullProgress
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.rate import Rate
from imagewidget.progress.state import Attempt, Phase, State
from imagewidget.progress.steps import BuildProgress
from imagewidget.progress.text.line import collapse
from imagewidget.progress.text.safe_text import visible, visible_block

_SILENCE = 5.0
_MOST_WARNINGS = 50
_SAMPLE = 0.25
_PHASES_WITH_ETA = (Phase.PULLING, Phase.EXTRACTING)


class Tracker:
    """Folds the events of one operation into its state.

    Not thread-safe; :class:`imagewidget.jobs.run.Run` locks around it.

    Args:
        clock: Returns the seconds since the operation started.
    """

    def __init__(self, clock: Clock) -> None:
        self.log = LogWriter()
        self._clock = clock
        self._known = State()
        self._pull = PullProgress()
        self._build = BuildProgress()
        self._speed = Rate()
        self._pace = Pace()
        self._bar = Bar()
        self._retry_at: float | None = None
        self._last_event_at = 0.0
        self._sampled = 0.0
        self._is_cancelling = False
        self._ended: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the operation has ended; later events are ignored."""
        return self._ended is not None

    def apply(self, event: Event) -> None:
        """Apply an event, unless the operation has ended."""
        if self._ended is not None:
            return
        self._last_event_at = self._clock()
        if isinstance(event, (Failed, RunCancelled)):
            self.state()  # moves the bar before unfinished layers and steps are stopped
        self._apply(event)
        # Measure here too: a speed must not depend on how often the state is read,
        # nor on how fast a replay runs.
        if self._last_event_at - self._sampled >= _SAMPLE:
            self._sampled = self._last_event_at
            self.state()

    def state(self) -> State:
        """Return the current state."""
        now = self._clock() if self._ended is None else self._ended
        phase = self._phase()
        moved = self._pull.moved + self._build.moved
        if self._ended is None:
            self._speed.update(now, moved.done)
            work = self._pull.work
            if self._known.builder:
                self._bar.move(self._build.fraction)
            elif work is not None:
                self._bar.move(work.fraction)
                self._pace.update(now, work)
        is_moving = phase is Phase.PULLING or self._build.is_moving
        return replace(
            self._known,
            phase=phase,
            fraction=self._bar.value,
            bytes_done=moved.done,
            bytes_total=moved.total,
            total_is_final=moved.is_final,
            speed=self._speed.per_second if is_moving else None,
            eta=self._pace.seconds_left(now) if phase in _PHASES_WITH_ETA else None,
            elapsed=now,
            retry_in=None if self._retry_at is None else max(0.0, self._retry_at - now),
            stalled_for=self._stalled_for(phase, now),
            layers=self._pull.layers(now),
            steps=self._build.steps(now),
            log_length=len(self.log),
        )

    @singledispatchmethod
    def _apply(self, event: Event) -> None:
        raise TypeError(f"{event!r} is not an event.")

    @_apply.register
    def _(self, event: Started) -> None:
        self._known = replace(
            self._known,
            operation=event.operation,
            reference=visible(event.reference),
            engine=visible(event.engine) or self._known.engine,
        )

    @_apply.register
    def _(self, _event: CheckingLocal) -> None:
        self._known = replace(self._known, phase=Phase.CHECKING)

    @_apply.register
    def _(self, event: AttemptStarted) -> None:
        registry = visible(event.registry)
        if registry != self._known.source:
            self._turn_to(registry)
        self._retry_at = None
        attempt = Attempt(registry, visible(event.reference), event.number, event.limit)
        self._known = replace(
            self._known, phase=Phase.PULLING, attempts=(*self._known.attempts, attempt)
        )

    @_apply.register
    def _(self, event: AttemptFailed) -> None:
        error = _visible_attempt(event.error)
        attempts = self._known.attempts
        if attempts:
            attempts = (*attempts[:-1], replace(attempts[-1], error=error))
        self._known = replace(self._known, attempts=attempts)

    @_apply.register
    def _(self, event: RetryScheduled) -> None:
        self._retry_at = self._clock() + event.delay
        self._speed.reset()
        self._known = replace(self._known, phase=Phase.RETRYING)

    @_apply.register
    def _(self, event: LayerChanged) -> None:
        self._pull.change(event, self._clock())

    @_apply.register
    def _(self, event: BuildStarted) -> None:
        self._turn_to("build")
        self._known = replace(self._known, phase=Phase.BUILDING, builder=event.builder)

    @_apply.register
    def _(self, event: ContextSent) -> None:
        self._build.send_context(event, self._clock())

    @_apply.register
    def _(self, event: StepChanged) -> None:
        self._build.change(event)

    @_apply.register
    def _(self, event: TransferChanged) -> None:
        self._build.transfer(event)

    @_apply.register
    def _(self, event: LogWritten) -> None:
        self.log.append(event.text, event.step, event.stream)

    @_apply.register
    def _(self, event: BuildWarned) -> None:
        self._build.warn(event)
        if len(self._known.warnings) == _MOST_WARNINGS:
            self._known = replace(self._known, more_warnings=self._known.more_warnings + 1)
            return
        warning = replace(
            event,
            message=visible(event.message),
            detail=visible_block(event.detail),
            url=visible(event.url),
        )
        self._known = replace(self._known, warnings=(*self._known.warnings, warning))

    @_apply.register
    def _(self, _event: CancelRequested) -> None:
        self._is_cancelling = True

    @_apply.register
    def _(self, event: Finished) -> None:
        self._pull.finish(event.image)
        self._build.finish(self._clock())
        image = _visible_image(event.image)
        self._known = replace(self._known, image=image, source=image.source)
        self._end(Phase.DONE)
        self._bar.end()

    @_apply.register
    def _(self, event: Failed) -> None:
        self._pull.stop()
        self._build.stop(self._clock())
        self._known = replace(self._known, error=_visible_error(event.error))
        self._end(Phase.FAILED)

    @_apply.register
    def _(self, _event: RunCancelled) -> None:
        self._pull.stop()
        self._build.stop(self._clock())
        self._end(Phase.CANCELLED)

    def _end(self, phase: Phase) -> None:
        self.log.finish()
        self._retry_at = None
        self._known = replace(self._known, phase=phase)
        self._ended = self._clock()

    def _turn_to(self, source: str) -> None:
        """Switch to another source: bytes from the previous one no longer count."""
        self._bar.restart()
        self._pace = Pace()
        self._pull = PullProgress()
        self._speed.reset()
        self._known = replace(self._known, source=source)

    def _phase(self) -> Phase:
        phase = self._known.phase
        if self._is_cancelling and not phase.is_final:
            return Phase.CANCELLING
        if phase is Phase.PULLING and self._pull.is_extracting:
            return Phase.EXTRACTING
        return phase

    def _stalled_for(self, phase: Phase, now: float) -> float | None:
        silence = now - self._last_event_at
        return silence if phase is Phase.PULLING and silence >= _SILENCE else None


def _visible_error(error: ErrorInfo) -> ErrorInfo:
    return replace(
        error,
        message=visible_block(error.message),
        hint=visible_block(error.hint),
        log_tail=tuple(collapse(line) for line in error.log_tail),
        step=visible(error.step) if error.step else error.step,
        source_lines=tuple(replace(line, text=visible(line.text)) for line in error.source_lines),
        kind=visible(error.kind),
        attempts=tuple(map(_visible_attempt, error.attempts)),
    )


def _visible_attempt(error: AttemptError) -> AttemptError:
    return replace(
        error,
        registry=visible(error.registry),
        reference=visible(error.reference),
        kind=visible(error.kind),
        message=visible(error.message),
    )


def _visible_image(image: Image) -> Image:
    return replace(
        image,
        id=visible(image.id),
        reference=visible(image.reference),
        digest=visible(image.digest) if image.digest else image.digest,
        source=visible(image.source),
    )
