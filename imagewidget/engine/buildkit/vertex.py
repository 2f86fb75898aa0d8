"""One vertex of a build, as far as it has come: the step that a person sees.

BuildKit tells the same vertex again and again, each time with what it knows
then; a vertex may start and complete several times (moby/buildkit
`util/progress/progressui/display.go`, `trace.update` and `mergeIntervals`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from imagewidget.progress.events import StepChanged, StepStatus

_NUMBERED = re.compile(r"\[(?:(?P<stage>.+?)\s+)?(?P<number>\d+)/(?P<count>\d+)\]\s+(?P<name>.*)")
_CANCELLED = "context canceled"
_LOOKED_UP = 0.001
_RESOLVED = 0.05


@dataclass
class Part:
    """What BuildKit told of one vertex; a step has several when it is a group.

    Attributes:
        intervals: When it ran: the end of each run by its start, None while it
            runs. Seconds on the clock of the engine.
    """

    is_cached: bool = False
    error: str = ""
    intervals: dict[float, float | None] = field(default_factory=dict)

    def ran(self, start: float, end: float | None) -> None:
        """Take one run of it; `end` is None while it lasts.

        A vertex runs once at a time, and the engine keeps only its latest word on
        one: the end of a short run may be lost under the beginning of the next.
        """
        self.intervals[start] = self.intervals.get(start) if end is None else end
        for one, following in pairwise(sorted(self.intervals)):
            if self.intervals[one] is None:
                self.intervals[one] = following

    @property
    def status(self) -> StepStatus:
        """Where it stands."""
        if self.error:
            is_cancelled = self.error.endswith(_CANCELLED)
            return StepStatus.CANCELLED if is_cancelled else StepStatus.FAILED
        if not self.intervals:
            return StepStatus.PENDING
        if None in self.intervals.values():
            return StepStatus.RUNNING
        return StepStatus.CACHED if self.is_cached else StepStatus.DONE


@dataclass
class Step:
    """A step: one vertex, or the group that several are shown as.

    Attributes:
        id: The vertex's digest, or the group's id.
        full_name: As the engine gives it, with its `[stage 3/7]`.
        parts: What is known of its vertices, by digest.
    """

    id: str
    full_name: str
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def status(self) -> StepStatus:
        """Where it stands: a group fails with one part and is cached with all."""
        known = [part.status for part in self.parts.values()]
        for status in (StepStatus.FAILED, StepStatus.CANCELLED, StepStatus.RUNNING):
            if status in known:
                return status
        if StepStatus.PENDING in known:
            is_begun = set(known) != {StepStatus.PENDING}
            return StepStatus.RUNNING if is_begun else StepStatus.PENDING
        return StepStatus.CACHED if set(known) == {StepStatus.CACHED} else StepStatus.DONE

    @property
    def error(self) -> str:
        """The first error of its parts, in the engine's words."""
        return next((part.error for part in self.parts.values() if part.error), "")

    @property
    def looks_unstarted(self) -> bool:
        """Whether it is over before it can have done anything.

        BuildKit starts and completes a vertex once while it looks for it in the
        cache, and again when it really runs; a `FROM`, and what has no number,
        once more while a name is resolved.
        """
        spent = sum(
            (end or start) - start
            for part in self.parts.values()
            for start, end in part.intervals.items()
        )
        match = _NUMBERED.match(self.full_name)
        is_work = match is not None and not match["name"].startswith("FROM ")
        return self.status is StepStatus.DONE and spent < (_LOOKED_UP if is_work else _RESOLVED)

    def event(self, offset: float) -> StepChanged:
        """Give all that is known.

        Args:
            offset: Seconds from the engine's clock to the job's.
        """
        match = _NUMBERED.match(self.full_name)
        runs = merged([run for part in self.parts.values() for run in part.intervals.items()])
        is_over = self.status.is_final
        end = runs[-1][1] if runs else None
        return StepChanged(
            id=self.id,
            name=match["name"] if match else self.full_name,
            status=self.status,
            stage=(match["stage"] or "") if match else "",
            number=int(match["number"]) if match else None,
            count=int(match["count"]) if match else None,
            started=max(0.0, runs[0][0] + offset) if runs else None,
            completed=max(0.0, end + offset) if is_over and end is not None else None,
            duration=_length(runs) if is_over else None,
            error=self.error or None,
        )


def merged(runs: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Put overlapping runs together; what runs still has no end."""
    whole: list[tuple[float, float | None]] = []
    for start, end in sorted(runs, key=lambda run: run[0]):
        last = whole[-1] if whole else None
        if last is None or (last[1] is not None and last[1] < start):
            whole.append((start, end))
        elif last[1] is not None:
            whole[-1] = (last[0], None if end is None else max(last[1], end))
    return whole


def _length(runs: list[tuple[float, float | None]]) -> float | None:
    """Add up runs that have all ended."""
    lengths = [end - start for start, end in runs if end is not None]
    return sum(lengths) if runs and len(lengths) == len(runs) else None
