"""A job as plain text, for readers that cannot even show HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from imagewidget.displays import words
from imagewidget.displays.room import (
    LOG_LINES,
    LOG_LINES_RUNNING,
    Row,
    cut,
    cut_line,
    fit,
    shown,
    size,
)
from imagewidget.progress.events import BuildWarned, ErrorInfo
from imagewidget.progress.log import Log
from imagewidget.progress.state import LayerState, State, StepState
from imagewidget.progress.text import figures
from imagewidget.progress.text.safe_text import keep_colours, visible_block, without_colours

LIMIT = 12_000
"""The maximum size of the text in bytes, whatever the job."""

_ROWS = 400  # bytes always left for the layers and steps: at least their number
_LOG, _OTHER = 4_000, 1_500  # bytes at most, the latter for each of the other parts
_TITLE = 80  # bytes at most around the rows of a part
_LONGEST_NAME, _LONGEST_FACT, _LONGEST = 160, 100, 120
_LONGEST_MESSAGE, _LONGEST_HINT, _LONGEST_KIND = 500, 300, 60
_LONGEST_OUTCOME, _LONGEST_ID = 300, 24
_BAR_WIDTH = 20


def render(state: State, log: Log | None = None, *, limit: int = LIMIT) -> str:
    """Return a state as lines of text, of limited size.

    Args:
        state: The final state, or an intermediate one: the moment at which it is saved.
        log: The job's log; None leaves its lines out.
        limit: The maximum size in bytes, at least 10,000.
    """
    top = list(_top(state))
    room = limit - _ROWS - _size(top)
    tail = _log(log, state, min(_LOG, room // 2))
    tries = _attempts(words.tries(state), min(_OTHER, room // 5))
    warned = _warnings(state, min(_OTHER, room // 5))
    room += _ROWS - _size([*tail, *tries, *warned])
    layers = _layers(state.layers, room)
    steps = _steps([step for step in state.steps if step.name], room - _size(layers))
    lines = [*top, *tries, *layers, *steps, *warned, *tail]
    return "\n".join(line.rstrip() for line in lines)


def _top(state: State) -> Iterator[str]:
    title = shown(words.title(state), _LONGEST_NAME)
    yield f"{words.mark(state)} {title} · {words.ending(state)}"
    if not state.phase.is_final:
        if state.fraction is not None:
            yield f"  {figures.bar(state.fraction, _BAR_WIDTH)} {figures.percent(state.fraction)}"
        yield f"  {words.moment(state)}"
    for name, value in words.facts(state):
        yield f"  {name + ':':<13}{shown(value, _LONGEST_FACT)}"
    if state.error is not None:
        yield from _error(state.error)


def _error(error: ErrorInfo) -> Iterator[str]:
    yield ""
    first, *more = _block(error.message, _LONGEST_MESSAGE) or [""]
    yield f"  {shown(error.kind, _LONGEST_KIND)}: {first}"
    yield from (f"    {line}" for line in more)
    for line in _block(error.hint, _LONGEST_HINT):
        yield f"  → {line}"
    rows = fit(
        error.source_lines,
        lambda line: not line.is_failing,
        lambda line: f"  {shown(words.source_row(line), _LONGEST)}",
        _OTHER,
    )
    yield from rows
    yield from _more(len(error.source_lines) - len(rows), "lines")
    yield ""


def _attempts(tries: tuple[tuple[str, str], ...], room: int) -> list[str]:
    rows = fit(
        list(enumerate(tries)),
        lambda row: -row[0],
        lambda row: f"    {shown(row[1][0], _LONGEST)}: {shown(row[1][1], _LONGEST_OUTCOME)}",
        room - 2 * _TITLE,
    )
    return ["  attempts:", *_more(len(tries) - len(rows), "before these"), *rows] if tries else []


def _layers(layers: tuple[LayerState, ...], room: int) -> list[str]:
    if not layers:
        return []
    rows = _columns(layers, _layer, words.layer_need, room - _TITLE)
    return [f"  {words.layer_count(layers)}:", *rows]


def _steps(steps: list[StepState], room: int) -> list[str]:
    return ["  steps:", *_columns(steps, _step, words.step_need, room - _TITLE)] if steps else []


def _layer(layer: LayerState) -> tuple[str, ...]:
    fraction = words.layer_fraction(layer)
    bar = "" if fraction is None else figures.bar(fraction, _BAR_WIDTH // 2)
    name = shown(layer.id, _LONGEST_ID)
    return name, words.LAYER_WORDS[layer.phase], words.layer_amount(layer), bar


def _step(step: StepState) -> tuple[str, ...]:
    place, amount = shown(words.step_place(step), _LONGEST_ID), words.step_amount(step)
    name = f"{place} {shown(step.name, _LONGEST)}".strip()
    return (
        words.STEP_MARKS[step.status],
        step.status.value,
        words.step_duration(step),
        f"{name}  {amount}",
    )


def _columns(
    rows: Sequence[Row],
    cells: Callable[[Row], tuple[str, ...]],
    need: Callable[[Row], Any],
    room: int,
) -> Iterator[str]:
    """Yield the rows that fit, each column but the last as wide as its widest cell."""
    table = [(need(row), cells(row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*(row for _, row in table), strict=True)]

    def draw(row: tuple[Any, tuple[str, ...]]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(row[1], widths, strict=True))
        return f"    {'  '.join(padded).rstrip()}"

    drawn = fit(table, lambda row: row[0], draw, room - _TITLE)
    yield from drawn
    yield from _more(len(rows) - len(drawn))


def _warnings(state: State, room: int) -> list[str]:
    def draw(warning: BuildWarned) -> str:
        return f"  {shown(words.warning(warning), _LONGEST)}"

    found = state.warnings
    rows = fit(found, lambda _: 0, draw, room - _TITLE)
    more = len(found) - len(rows) + state.more_warnings
    return [*rows, f"  {words.more_warnings(more)}"] if more else rows


def _log(log: Log | None, state: State, room: int) -> list[str]:
    if log is None or not len(log):
        return []
    lines = log.tail(LOG_LINES if state.phase.is_final else LOG_LINES_RUNNING)
    rows = fit(lines, lambda line: -line.number, lambda line: _log_line(line.text), room - _TITLE)
    return [f"  {words.log_title(len(rows), len(log))}:", *rows]


def _log_line(line: str) -> str:
    return f"    {without_colours(keep_colours(cut_line(line))).expandtabs()}"


def _block(value: str, longest: int) -> list[str]:
    return cut(visible_block(cut(value, longest)), longest).splitlines()


def _more(number: int, where: str = "") -> list[str]:
    return [f"    … and {figures.count(number)} more {where}".rstrip()] if number else []


def _size(lines: list[str]) -> int:
    return sum(size(line) + 1 for line in lines)
