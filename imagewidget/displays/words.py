"""States in words: the same ones on every display."""

from __future__ import annotations

from math import ceil, floor

from imagewidget.displays.figures import count, duration, left, progress, size
from imagewidget.progress.events import AttemptError, LayerPhase, SourceLine, StepStatus
from imagewidget.progress.state import Attempt, LayerState, Phase, State, StepState

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
    """What the operation is doing, in one word or a few."""
    if state.phase is Phase.RETRYING and state.retry_in is not None:
        return f"retrying in {ceil(state.retry_in)} s"
    if state.stalled_for is not None:
        return f"stalled for {duration(floor(state.stalled_for)).replace('.0', '')}"
    return "checking local images" if state.phase is Phase.CHECKING else state.phase.value


def transferred(state: State) -> str:
    """Bytes done and known, as `12.0 MB / ≥ 240 MB`; empty while there are none."""
    if not state.bytes_total:
        return ""
    return progress(state.bytes_done, state.bytes_total, is_final=state.total_is_final)


def speed(state: State) -> str:
    """Bytes a second, as `24.1 MB/s`; empty when nothing moves."""
    return f"{size(state.speed)}/s" if state.speed else ""


def time_left(state: State) -> str:
    """The time left, as `12 s left`; empty while it cannot be told."""
    return "" if state.eta is None else left(state.eta)


def attempt(attempts: tuple[Attempt, ...]) -> str:
    """The last try, as `attempt 2 of 3`; empty for a first one."""
    if not attempts or attempts[-1].number == 1:
        return ""
    return f"attempt {attempts[-1].number} of {attempts[-1].limit}"


def title(state: State) -> str:
    """What and from where, as `owner/env:1 · ghcr.io`."""
    nameless = "untagged build" if state.operation == "build" else state.operation
    parts = (state.reference or nameless, state.source)
    return " · ".join(part for part in parts if part)


def summary(state: State) -> str:
    """The end in one line: the result, or why there is none."""
    if state.image is not None:
        image = state.image
        return (
            f"{image.reference or image.short_id} · {image.short_id} · {size(image.size)} · "
            f"{_ORIGINS.get(image.source, f'from {image.source}')} in {duration(state.elapsed)}"
        )
    if state.error is not None:
        return state.error.message
    return f"{phase(state)} after {duration(state.elapsed)}"


MARKS = {
    Phase.DONE: "✓",
    Phase.FAILED: "✗",
    Phase.CANCELLED: "■",
}

_ORIGINS = {"local": "from the local cache", "build": "built locally"}

_BUILDERS = {"buildkit": "BuildKit", "classic": "classic builder"}

STEP_MARKS = {
    StepStatus.PENDING: "·",
    StepStatus.RUNNING: "▸",
    StepStatus.CACHED: "≡",
    StepStatus.DONE: "✓",
    StepStatus.FAILED: "✗",
    StepStatus.CANCELLED: "■",
}


def mark(state: State) -> str:
    """One character for how it stands: `✓`, `✗`, `■`, or `▸` while it runs."""
    return MARKS.get(state.phase, "▸")


def ending(state: State) -> str:
    """How it stands and since when: `done in 12 s`, `failed after 3.4 s`, `pulling · 40 s`."""
    joint = " ·" if not state.phase.is_final else " in" if state.image else " after"
    return f"{phase(state)}{joint} {duration(state.elapsed)}"


def step_place(step: StepState) -> str:
    """Where a step stands in the build, as `[builder 3/7]`; empty if it has no number."""
    if not step.number:
        return f"[{step.stage}]" if step.stage else ""
    return f"[{f'{step.stage} {step.number}/{step.count}'.strip()}]"


def step_duration(step: StepState) -> str:
    """How long a step took so far; empty for one that did nothing."""
    if step.duration is None or step.status is StepStatus.CACHED:
        return ""
    return duration(step.duration)


def layer_amount(layer: LayerState) -> str:
    """What is here of a layer, as `3.10 / 12.0 MB`, or its size once it is all here."""
    done, total = layer.current, layer.total
    if layer.phase is LayerPhase.EXTRACTING and layer.extract_total:
        done, total = layer.extracted, layer.extract_total
    if total is None:
        return size(done) if done else ""
    return size(total) if done >= total else progress(done, total)


def layer_fraction(layer: LayerState) -> float | None:
    """How much is done of what a layer is doing; None when it does nothing or nobody knows."""
    if layer.phase is LayerPhase.EXTRACTING:
        return layer.extracted / layer.extract_total if layer.extract_total else None
    has_part = layer.phase in (LayerPhase.DOWNLOADING, LayerPhase.RETRYING, LayerPhase.STOPPED)
    return min(1.0, layer.current / layer.total) if has_part and layer.total else None


def layer_count(layers: tuple[LayerState, ...]) -> str:
    """How many layers there are, as `12 layers, 3 cached`."""
    cached = sum(layer.phase is LayerPhase.CACHED for layer in layers)
    counted = f"{len(layers)} layer{'' if len(layers) == 1 else 's'}"
    return f"{counted}, {cached} cached" if cached else counted


def facts(state: State) -> tuple[tuple[str, str], ...]:
    """What there is to know beside the title, as names and values, without what is empty."""
    image, builder = state.image, _BUILDERS.get(state.builder, state.builder)
    rows = (
        ("image", image.short_id if image else ""),
        ("size", size(image.size) if image else ""),
        ("digest", (image.digest or "") if image else ""),
        ("transferred", transferred(state) if not image or state.bytes_done else ""),
        ("attempt", attempt(state.attempts) if not state.phase.is_final else ""),
        ("engine", " · ".join(part for part in (state.engine, builder) if part)),
    )
    return tuple((name, value) for name, value in rows if value)


def tries(state: State) -> tuple[tuple[str, str], ...]:
    """Every try at a registry, as `ghcr.io, attempt 2 of 3` and what came of it.

    Empty where the first try was the only one and went well.
    """
    if len(state.attempts) == 1 and state.attempts[0].error is None:
        return ()
    if state.attempts:
        return tuple(
            (f"{one.registry}, attempt {one.number} of {one.limit}", _outcome(one, state))
            for one in state.attempts
        )
    errors = state.error.attempts if state.error is not None else ()
    return tuple((f"{one.registry}, attempt {one.number}", _failure(one)) for one in errors)


def source_row(line: SourceLine) -> str:
    """One line of a Dockerfile with its number; `>` stands before the one that failed."""
    pointer = ">" if line.is_failing else " "
    return f"{pointer} {line.number:>4} │ {line.text}"


def log_title(shown: int, length: int) -> str:
    """What part of the log is shown, as `log, last 50 of 1 200 lines`."""
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
