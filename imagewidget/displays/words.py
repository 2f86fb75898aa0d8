"""The words that describe a state, the same on every display."""

from __future__ import annotations

from math import ceil, floor

from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    LayerPhase,
    SourceLine,
    StepStatus,
)
from imagewidget.progress.state import Attempt, LayerState, Phase, State, StepState
from imagewidget.progress.text.figures import (
    count,
    duration,
    left,
    percent,
    progress,
    size,
)
from imagewidget.progress.text.image_card import origin

LAYER_WORDS = {
    LayerPhase.QUEUED: "waiting",
    LayerPhase.DOWNLOADING: "downloading",
    LayerPhase.VERIFYING: "verifying",
    LayerPhase.DOWNLOADED: "downloaded",
    LayerPhase.EXTRACTING: "extracting",
    LayerPhase.DONE: "done",
    LayerPhase.CACHED: "cached",
    LayerPhase.RETRYING: "retrying",
    LayerPhase.STOPPED: "stopped",
}


def phase(state: State) -> str:
    """Return what the operation is doing, in one word or a few."""
    if state.phase is Phase.RETRYING and state.retry_in is not None:
        return f"retrying in {ceil(state.retry_in)} s"
    if state.stalled_for is not None:
        return f"stalled for {duration(floor(state.stalled_for)).replace('.0', '')}"
    return "checking the local cache" if state.phase is Phase.CHECKING else state.phase.value


def transferred(state: State) -> str:
    """Return bytes done and their total, as `12.0 MB / ≥ 240 MB`; empty without a total."""
    if not state.bytes_total:
        return ""
    return progress(state.bytes_done, state.bytes_total, is_final=state.total_is_final)


def speed(state: State) -> str:
    """Return the speed as `24.1 MB/s`; empty if nothing is moving."""
    return f"{size(state.speed)}/s" if state.speed else ""


def time_left(state: State) -> str:
    """Return the time left as `12 s left`; empty if there is no estimate."""
    return "" if state.eta is None else left(state.eta)


def attempt(attempts: tuple[Attempt, ...]) -> str:
    """Return the number of the last attempt as `attempt 2 of 3`; empty for a first attempt."""
    if not attempts or attempts[-1].number == 1:
        return ""
    return f"attempt {attempts[-1].number} of {attempts[-1].limit}"


def title(state: State) -> str:
    """Return the reference and its source, as `owner/env:1 · ghcr.io`."""
    nameless = "untagged build" if state.operation == "build" else state.operation
    parts = (state.reference or nameless, source(state))
    return " · ".join(part for part in parts if part)


def source(state: State) -> str:
    """Return where the image comes from, in the panel's words; empty until a build is done."""
    if state.source == "build":
        return "built locally" if state.image else ""
    return "local cache" if state.source == "local" else state.source


def summary(state: State) -> str:
    """Return the outcome in one line: the image, or why there is none."""
    if state.image is not None:
        image = state.image
        how = f"{origin(image.source)} in {duration(state.elapsed)}"
        # A build with an output has no image, and so no id.
        parts = (image.reference or "untagged build", image.short_id, size(image.size), how)
        return " · ".join(filter(None, parts))
    if state.error is not None:
        return state.error.message
    return f"{phase(state)} after {duration(state.elapsed)}"


MARKS = {
    Phase.DONE: "✓",
    Phase.FAILED: "✗",
    Phase.CANCELLED: "■",
}

_BUILDERS = {"buildkit": "BuildKit", "classic": "classic builder"}

STEP_MARKS = {
    StepStatus.PENDING: "·",
    StepStatus.RUNNING: "▸",
    StepStatus.CACHED: "≡",
    StepStatus.DONE: "✓",
    StepStatus.FAILED: "✗",
    StepStatus.CANCELLED: "■",
}

LAYER_MARKS = {
    LayerPhase.QUEUED: "·",
    LayerPhase.DOWNLOADED: "·",
    LayerPhase.DONE: "✓",
    LayerPhase.CACHED: "≡",
    LayerPhase.RETRYING: "↻",
    LayerPhase.STOPPED: "■",
}


def mark(state: State) -> str:
    """Return one character for the phase: `✓`, `✗`, `■`, or `▸` while the job is running."""
    return MARKS.get(state.phase, "▸")


def ending(state: State) -> str:
    """Return the phase and the time: `done in 12 s`, `failed after 3.4 s`, `pulling · 40 s`."""
    joint = " ·" if not state.phase.is_final else " in" if state.image else " after"
    return f"{phase(state)}{joint} {duration(state.elapsed)}"


def moment(state: State) -> str:
    """Return a sentence for a display that stays as it is while the job goes on."""
    if state.phase is Phase.QUEUED and state.fraction is None:
        return "Saved before the job had started."
    known = "," if state.fraction is None else f": {percent(state.fraction)} done"
    return f"Saved while the job was running{known} after {duration(state.elapsed)}."


def step_place(step: StepState) -> str:
    """Return a step's place in the build as `[builder 3/7]`, `[builder]`, or an empty str."""
    if not step.number:
        return f"[{step.stage}]" if step.stage else ""
    return f"[{f'{step.stage} {step.number}/{step.count}'.strip()}]"


def step_duration(step: StepState) -> str:
    """Return how long a step has taken so far; empty if it was cached or has not started."""
    if step.duration is None or step.status is StepStatus.CACHED:
        return ""
    return duration(step.duration)


def step_amount(step: StepState) -> str:
    """Return the bytes of a running step's transfers as `3.10 / 12.0 MB`; else empty."""
    moved = [one for one in step.transfers if one.in_bytes]
    if step.status is not StepStatus.RUNNING or not moved:
        return ""
    is_final = all(one.total is not None for one in moved)
    total = sum(one.total or one.current for one in moved)
    return progress(sum(one.current for one in moved), total, is_final=is_final)


_STEP_NEEDS = {
    StepStatus.FAILED: 0,
    StepStatus.RUNNING: 0,
    StepStatus.DONE: 1,
    StepStatus.CANCELLED: 2,
}


def step_need(step: StepState) -> tuple[int, float]:
    """Return how little a step is needed where not all have room: the longest are needed most."""
    return _STEP_NEEDS.get(step.status, 3), -(step.duration or 0.0)


def layer_need(layer: LayerState) -> int:
    """Return how little a layer is needed where not all have room."""
    if layer.phase in (LayerPhase.QUEUED, LayerPhase.CACHED):
        return 2
    return 1 if layer.phase in (LayerPhase.DONE, LayerPhase.DOWNLOADED) else 0


def layer_amount(layer: LayerState) -> str:
    """Return the bytes done of a layer as `3.10 / 12.0 MB`, or its size once it is complete."""
    done, total = layer.current, layer.total
    if layer.phase is LayerPhase.EXTRACTING:
        if layer.extract_seconds is not None:
            return f"{count(layer.extract_seconds)} s"
        if layer.extract_total:
            done, total = layer.extracted, layer.extract_total
    if total is None:
        return size(done) if done else ""
    return size(total) if done >= total else progress(done, total)


def layer_fraction(layer: LayerState) -> float | None:
    """Return the fraction done of a layer's phase; None if it is idle or the size is unknown."""
    if layer.phase is LayerPhase.EXTRACTING:
        return layer.extracted / layer.extract_total if layer.extract_total else None
    has_part = layer.phase in (LayerPhase.DOWNLOADING, LayerPhase.RETRYING, LayerPhase.STOPPED)
    return min(1.0, layer.current / layer.total) if has_part and layer.total else None


def layer_count(layers: tuple[LayerState, ...]) -> str:
    """Return the number of layers as `12 layers, 3 cached`."""
    cached = sum(layer.phase is LayerPhase.CACHED for layer in layers)
    counted = f"{len(layers)} layer{'' if len(layers) == 1 else 's'}"
    return f"{counted}, {cached} cached" if cached else counted


def facts(state: State) -> tuple[tuple[str, str], ...]:
    """Return further facts about the job as names and values, leaving out empty ones."""
    image, builder = state.image, _BUILDERS.get(state.builder, state.builder)
    rows = (
        ("image", image.short_id if image else ""),
        ("size", size(image.size) if image else ""),
        ("download", size(image.download_size) if image and image.download_size else ""),
        ("digest", (image.digest or "") if image else ""),
        ("transferred", transferred(state) if not image or state.bytes_done else ""),
        ("attempt", attempt(state.attempts) if not state.phase.is_final else ""),
        ("engine", " · ".join(part for part in (state.engine, builder) if part)),
    )
    return tuple((name, value) for name, value in rows if value)


def tries(state: State) -> tuple[tuple[str, str], ...]:
    """Return every attempt at a registry, as `ghcr.io, attempt 2 of 3` and its outcome.

    Empty if the only attempt has not failed.
    """
    failed = state.error.attempts if state.error is not None else ()
    if failed and not any(one.error for one in state.attempts):
        return tuple((f"{one.registry}, attempt {one.number}", _failure(one)) for one in failed)
    if len(state.attempts) == 1 and state.attempts[0].error is None:
        return ()
    return tuple(
        (f"{one.registry}, attempt {one.number} of {one.limit}", _outcome(one, state))
        for one in state.attempts
    )


def source_row(line: SourceLine) -> str:
    """Return one line of a Dockerfile with its number; `>` marks the one that failed."""
    pointer = ">" if line.is_failing else " "
    return f"{pointer} {line.number:>4} │ {line.text}"


def log_title(shown: int, length: int) -> str:
    """Return which part of the log is shown, as `log, last 50 of 1 200 lines`."""
    lines = "1 line" if length == 1 else f"{count(length)} lines"
    return f"log, {lines}" if shown == length else f"log, last {shown} of {lines}"


def _outcome(one: Attempt, state: State) -> str:
    if one.error is not None:
        return _failure(one.error)
    if state.phase is Phase.DONE:
        return "succeeded"
    return state.phase.value if state.phase.is_final else "in progress"


def _failure(error: AttemptError) -> str:
    return f"{error.kind}: {error.message}"


def warning(one: BuildWarned) -> str:
    """Return a warning in one line, with its place in the Dockerfile."""
    place = f" (line {one.dockerfile_line})" if one.dockerfile_line else ""
    return f"warning{place}: {one.message}"


def more_warnings(number: int) -> str:
    """Return how many warnings are not shown."""
    return f"and {count(number)} more warning{'' if number == 1 else 's'}"
