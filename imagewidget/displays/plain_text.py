"""A job as plain text, for readers that cannot even show HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagewidget.displays import words
from imagewidget.progress.events import ErrorInfo
from imagewidget.progress.log import Log
from imagewidget.progress.state import LayerState, State, StepState
from imagewidget.progress.text import figures, sgr
from imagewidget.progress.text.safe_text import (
    keep_colours,
    visible,
    visible_block,
    without_colours,
)

LOG_LINES = 50
"""The number of log lines shown, counted from the end."""

LONGEST_LINE = 500
"""Characters shown of a log line: saved notebooks stay small, and `job.log` has the rest."""

_BAR_WIDTH = 20


def render(state: State, log: Log | None = None) -> str:
    """Return a state as lines of text.

    Args:
        state: The final state, or an intermediate one, which is shown without its rows.
        log: The job's log; None leaves its lines out.
    """
    return "\n".join(line.rstrip() for line in _lines(state, log))


def _lines(state: State, log: Log | None) -> Iterator[str]:
    yield f"{words.mark(state)} {visible(words.title(state))} · {words.ending(state)}"
    if not state.phase.is_final and state.fraction is not None:
        yield f"  {figures.bar(state.fraction, _BAR_WIDTH)} {figures.percent(state.fraction)}"
    for name, value in words.facts(state):
        yield f"  {name + ':':<13}{visible(value)}"
    if state.error is not None:
        yield from _error(state.error)
    attempts = words.tries(state)
    if attempts:
        yield "  attempts:"
    for attempt, outcome in attempts:
        yield f"    {visible(attempt)}: {visible(outcome)}"
    if state.phase.is_final:
        yield from _rows(state, log)
    elif state.layers:
        yield f"  {words.layer_count(state.layers)}"


def _rows(state: State, log: Log | None) -> Iterator[str]:
    if state.layers:
        yield f"  {words.layer_count(state.layers)}:"
        yield from (f"    {row}" for row in layer_rows(state.layers))
    steps = [step for step in state.steps if step.name]
    if steps:
        yield "  steps:"
        yield from (f"    {row}" for row in step_rows(steps))
    for warning in state.warnings:
        line = f" (line {warning.dockerfile_line})" if warning.dockerfile_line else ""
        yield f"  warning{line}: {visible(warning.message)}"
    if state.more_warnings:
        plural = "" if state.more_warnings == 1 else "s"
        yield f"  and {figures.count(state.more_warnings)} more warning{plural}"
    if log is not None and len(log):
        yield from _log(log)


def _error(error: ErrorInfo) -> Iterator[str]:
    yield ""
    first, *more = visible_block(error.message).splitlines() or [""]
    yield f"  {error.kind}: {first}"
    yield from (f"    {line}" for line in more)
    for line in visible_block(error.hint).splitlines():
        yield f"  → {line}"
    yield from (f"  {visible(words.source_row(line))}" for line in error.source_lines)
    yield ""


def cut(line: str) -> str:
    """Cut a long line of the log, but not within a colour sequence."""
    return line if len(line) <= LONGEST_LINE else f"{sgr.head(line, LONGEST_LINE)} […]"


def layer_rows(layers: tuple[LayerState, ...]) -> Iterator[str]:
    """Yield one line for each layer, in columns."""
    yield from _columns(_layer(layer) for layer in layers)


def step_rows(steps: Iterable[StepState]) -> Iterator[str]:
    """Yield one line for each step, in columns."""
    yield from _columns(_step(step) for step in steps)


def _layer(layer: LayerState) -> tuple[str, ...]:
    fraction = words.layer_fraction(layer)
    bar = "" if fraction is None else figures.bar(fraction, _BAR_WIDTH // 2)
    return visible(layer.id), words.LAYER_WORDS[layer.phase], words.layer_amount(layer), bar


def _step(step: StepState) -> tuple[str, ...]:
    name = f"{words.step_place(step)} {step.name}".strip()
    return (
        words.STEP_MARKS[step.status],
        step.status.value,
        words.step_duration(step),
        visible(name),
    )


def _columns(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Align every column but the last to its widest cell."""
    table = list(rows)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _log(log: Log) -> Iterator[str]:
    tail = log.tail(LOG_LINES)
    yield f"  {words.log_title(len(tail), len(log))}:"
    for line in tail:
        yield f"    {without_colours(keep_colours(cut(line.text))).expandtabs()}"
