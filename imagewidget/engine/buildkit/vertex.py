"""The state of one vertex of a build, and of the step that it is displayed as.

BuildKit reports the same vertex many times, each time with its current state;
a vertex may start and complete several times (moby/buildkit
`util/progress/progressui/display.go`, `trace.update` and `mergeIntervals`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from imagewidget.progress.events import StepChanged, StepStatus

_NUMBERED = re.compile(
    r"\[\s*(?:(?P<stage>\S+(?: \S+)*?)\s+)?"
    r"(?P<number>[0-9]{1,9})/(?P<count>[0-9]{1,9})\]\s+(?P<name>.*)"
)
_CANCELLED = "context canceled"
_LOOKED_UP = 0.001
_RESOLVED = 0.05


@dataclass
class Part:
    """The state of one vertex; a step that is a group has several.

    Attributes:
        intervals: When it ran: the end of each run by its start, None while it
            is running. Seconds on the engine's clock.
    """

    is_cached: bool = False
    error: str = ""
    intervals: dict[float, float | None] = field(default_factory=dict)

    def ran(self, start: float, end: float | None) -> None:
        """Record one run; `end` is None while it is running.

        A vertex has one run at a time, and the engine keeps only its latest state:
        the end of a short run may be overwritten by the start of the next.
        """
        self.intervals[start] = self.intervals.get(start) if end is None else end
        for one, following in pairwise(sorted(self.intervals)):
            if self.intervals[one] is None:
                self.intervals[one] = following

    @property
    def status(self) -> StepStatus:
        """The vertex's status, derived from its error and its runs."""
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
    """A step: one vertex, or a group of vertices displayed as one.

    Attributes:
        id: The vertex's digest, or the group's id.
        full_name: The name from the engine, including its `[stage 3/7]`.
        parts: Its vertices by digest.
    """

    id: str
    full_name: str
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def status(self) -> StepStatus:
        """The step's status: a group fails if one part fails, and is cached if all parts are."""
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
        """The first error among its parts, as the engine reported it; empty if there is none."""
        return next((part.error for part in self.parts.values() if part.error), "")

    @property
    def looks_unstarted(self) -> bool:
        """Whether it ended too soon to have done any work.

        BuildKit starts and completes a vertex once while it looks it up in the
        cache, and again when it actually runs; a `FROM` or a step without a number
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
        """Return the event with the step's current state.

        Args:
            offset: Seconds to add to the engine's clock to get the job's.
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
    """Merge overlapping runs; a run that has not ended has None as its end."""
    whole: list[tuple[float, float | None]] = []
    for start, end in sorted(runs, key=lambda run: run[0]):
        last = whole[-1] if whole else None
        if last is None or (last[1] is not None and last[1] < start):
            whole.append((start, end))
        elif last[1] is not None:
            whole[-1] = (last[0], None if end is None else max(last[1], end))
    return whole


def _length(runs: list[tuple[float, float | None]]) -> float | None:
    """Return the total length of the runs; None if there are none or one has not ended."""
    lengths = [end - start for start, end in runs if end is not None]
    return sum(lengths) if runs and len(lengths) == len(runs) else None
