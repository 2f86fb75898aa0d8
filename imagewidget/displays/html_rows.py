"""The layers and the steps of the saved HTML, one row each.

A row is one line of text, so that it is complete without its style; rows are many, so
that what they have in common is the style of the list around them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from imagewidget.displays import words
from imagewidget.displays.html_parts import AMBER, BLUE, MONOSPACE, RED, folded, text
from imagewidget.displays.room import Row, fit, size
from imagewidget.progress.events import LayerPhase, StepStatus
from imagewidget.progress.state import LayerState, Phase, State, StepState
from imagewidget.progress.text import figures

_SHORT, _LONG = 12, 24  # rows: a list that need not be divided; one that need not be folded
_TITLE = 400  # bytes at most around the rows of one list
_LONGEST_ID, _LONGEST_NAME, _LONGEST_ERROR = 24, 160, 300
_SMALLEST_SHARE = 0.01  # of a build's time: a bar of a step that can be seen

_LIST = (
    f"{MONOSPACE};font-size:0.9em;line-height:1.6;white-space:pre-wrap;"
    "padding-left:1.2em;text-indent:-1.2em;margin:2px 0 6px"
)
_FADED = "#80808026"
_UNDER = "0 100%/100% 2px no-repeat"
_TONES = {
    LayerPhase.RETRYING: AMBER,
    LayerPhase.STOPPED: AMBER,
    StepStatus.FAILED: RED,
    StepStatus.CANCELLED: AMBER,
}
_WAITING = (LayerPhase.QUEUED, LayerPhase.DOWNLOADED)


def bar(fraction: float, colour: str, alpha: str = "40") -> str:
    """Return the background that is a bar; `alpha` has two hex digits."""
    part = f"{100 * fraction:.3g}%"
    return f"background:linear-gradient(90deg,{colour}{alpha} {part},{_FADED} {part})"


def layers(state: State, room: int) -> str:
    """Return the layers in at most `room` bytes; the finished ones are folded."""
    known, number = state.layers, len(state.layers)
    done = [layer for layer in known if layer.phase.is_final]
    waiting = [layer for layer in known if layer.phase in _WAITING]
    moving = [layer for layer in known if not (layer.phase.is_final or layer.phase in _WAITING)]
    if number <= _SHORT and state.phase is not Phase.DONE:
        groups = [(words.layer_count(known), list(known), True)]
    else:
        cached = sum(layer.phase is LayerPhase.CACHED for layer in done)
        title = f"{len(done)} of {number} layers done" + (f", {cached} cached" if cached else "")
        stage = "stopped" if state.phase.is_final else "in progress"
        groups = [
            (words.layer_count(known) if len(done) == number else title, done, False),
            (f"{len(moving)} of {number} layers {stage}", moving, len(moving) <= _LONG),
            (f"{len(waiting)} of {number} layers waiting", waiting, False),
        ]
    return _lists(groups, words.layer_need, _layer, room)


def steps(state: State, room: int) -> str:
    """Return the steps of a build in at most `room` bytes; a long list is folded."""
    known = [step for step in state.steps if step.name]
    if not known:
        return ""
    number = len(known)
    cells = {step.id: _cell(step) for step in known}
    width = max(map(len, cells.values()))

    def draw(step: StepState) -> str:
        return _step(step, cells[step.id].ljust(width), state)

    if number <= _SHORT:
        groups = [(f"{number} step{'' if number == 1 else 's'}", known, True)]
    else:
        groups = _divided(known)
    return _lists(groups, words.step_need, draw, room)


def _divided(known: list[StepState]) -> list[tuple[str, list[StepState], bool]]:
    number = len(known)
    done = [step for step in known if step.status in (StepStatus.DONE, StepStatus.CACHED)]
    failed = [step for step in known if step.status is StepStatus.FAILED]
    running = [step for step in known if step.status is StepStatus.RUNNING]
    pending = [step for step in known if step.status is StepStatus.PENDING]
    stopped = [step for step in known if step.status is StepStatus.CANCELLED]
    cached = sum(step.status is StepStatus.CACHED for step in done)
    title = f"{number} steps" if len(done) == number else f"{len(done)} of {number} steps done"
    return [
        (title + (f", {cached} cached" if cached else ""), done, False),
        (f"{len(failed)} of {number} steps failed", failed, True),
        (f"{len(running)} of {number} steps running", running, len(running) <= _LONG),
        (f"{len(stopped)} of {number} steps cancelled", stopped, len(stopped) <= _SHORT),
        (f"{len(pending)} of {number} steps pending", pending, False),
    ]


def _lists(
    groups: list[tuple[str, list[Row], bool]],
    need: Callable[[Row], Any],
    draw: Callable[[Row], str],
    room: int,
) -> str:
    """Return every group that is not empty; those that are needed most get their room first."""
    filled = [group for group in groups if group[1]]
    room -= _TITLE * len(filled)
    shown: dict[str, str] = {}
    for title, rows, is_open in sorted(filled, key=lambda group: min(map(need, group[1]))):
        kept = fit(rows, need, draw, room)
        room -= sum(size(row) + 1 for row in kept)
        shown[title] = _list(title, kept, len(rows) - len(kept), is_open=is_open)
    return "\n".join(shown[title] for title, _, _ in filled)


def _list(title: str, rows: Sequence[str], more: int, *, is_open: bool) -> str:
    left_out = f"<div>… and {figures.count(more)} more</div>" if more else ""
    body = f'<div style="{_LIST}">{"".join(rows)}{left_out}</div>'
    return folded(title, body, is_open=is_open)


def _layer(layer: LayerState) -> str:
    mark = words.LAYER_MARKS.get(layer.phase, "▸")
    word = words.LAYER_WORDS[layer.phase]
    amount = words.layer_amount(layer)
    cells = f"{text(layer.id, _LONGEST_ID):<12}  {word:<11} {amount}".rstrip()
    known = words.layer_fraction(layer)
    style = "" if known is None else f' style="{bar(known, _TONES.get(layer.phase, BLUE))}"'
    return f"<div{style}>{mark} {cells}</div>"


def _cell(step: StepState) -> str:
    """Return what is known of a step besides its name, in a word and its time."""
    word = "" if step.status is StepStatus.DONE else step.status.value
    return f"{word} {words.step_duration(step)}".strip()


def _step(step: StepState, cell: str, state: State) -> str:
    place = text(words.step_place(step), _LONGEST_NAME)
    name = f"{place} {text(step.name, _LONGEST_NAME)}".strip()
    amount = words.step_amount(step)
    line = f"{words.STEP_MARKS[step.status]} {cell}  {name}" + (f"  {amount}" if amount else "")
    tone = _TONES.get(step.status)
    if tone or step.status is StepStatus.RUNNING:
        line = f'<b style="color:{tone or BLUE}">{line[0]}</b>{line[1:]}'
    if step.status is StepStatus.FAILED:
        line = f"<b>{line}</b>"
    if step.error and (state.error is None or step.error != state.error.message):
        line += f"<br>{text(step.error, _LONGEST_ERROR)}"
    return f"<div{_time(step, state.elapsed, tone or BLUE)}>{line}</div>"


def _time(step: StepState, elapsed: float, tone: str) -> str:
    """Return when a step ran within the job, as the background of its row."""
    if step.started is None or not step.duration or elapsed <= 0:
        return ""
    start, share = min(1.0, step.started / elapsed), step.duration / elapsed
    if share < _SMALLEST_SHARE:
        return ""
    end = min(1.0, start + share)
    left, right = f"{100 * start:.3g}%", f"{100 * end:.3g}%"
    stops = f"{_FADED} {left},{tone}99 {left},{tone}99 {right},{_FADED} {right}"
    return f' style="background:linear-gradient(90deg,{stops}) {_UNDER}"'
