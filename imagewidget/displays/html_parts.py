"""The parts of the saved HTML: each returns its markup, or "" if there is nothing to show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from imagewidget.displays import words
from imagewidget.displays.ansi import to_html
from imagewidget.displays.plain_text import LOG_LINES, cut, layer_rows, step_rows
from imagewidget.progress.events import BuildWarned, ErrorInfo, SourceLine, StepStatus
from imagewidget.progress.log import Log
from imagewidget.progress.state import LayerState, State, StepState
from imagewidget.progress.text import figures
from imagewidget.progress.text.safe_text import visible, visible_block

_FOLD = 12
_MOST_ROWS = 20
_QUOTED = re.compile(r"`([^`\n]+)`")

_RED = "#d1383d"
_AMBER = "#a3741a"
_PRE = (
    "background:rgba(128,128,128,.12);color:inherit;border-radius:4px;padding:6px 8px;margin:4px 0;"
    "max-height:26rem;overflow:auto;line-height:1.35;font-size:.92em;"
    "font-family:var(--jp-code-font-family,ui-monospace,monospace)"
)
_WRAPPED = f"{_PRE};white-space:pre-wrap"
_STEP_COLOURS = {StepStatus.FAILED: _RED, StepStatus.CANCELLED: _AMBER}


def text(value: str) -> str:
    """Escape a line of text from outside for HTML."""
    return escape(visible(value))


def block(value: str) -> str:
    """Escape several lines of text from outside for HTML, with `quoted text` as code."""
    html = _QUOTED.sub(r"<code>\1</code>", escape(visible_block(value)))
    return html.replace("\n", "<br>")


def code(value: str) -> str:
    """Escape a line of text from outside for HTML, and mark it as code."""
    return f"<code>{text(value)}</code>"


def error_card(error: ErrorInfo | None) -> str:
    """Return what failed, what to do next, and where in the Dockerfile."""
    if error is None:
        return ""
    card = f'<b style="color:{_RED}">{text(error.kind)}</b>: {block(error.message)}'
    if error.hint:
        card += f"<br><b>→</b> {block(error.hint)}"
    if error.step:
        card += f"<br><small>in step {code(error.step)}{_exit_code(error)}</small>"
    return f'<div style="margin:6px 0">{card}</div>{_source(error.source_lines)}'


def attempts(tries: tuple[tuple[str, str], ...]) -> str:
    """Return every attempt at a registry with its outcome."""
    if not tries:
        return ""
    items = "".join(f"<li>{text(one)}: {block(outcome)}</li>" for one, outcome in tries)
    return f'<div>Attempts:</div><ul style="margin:0 0 4px">{items}</ul>'


def layers(known: tuple[LayerState, ...]) -> str:
    """Return the layers in columns; the finished ones are folded."""
    finished = tuple(layer for layer in known if layer.phase.is_final)
    waiting = tuple(layer for layer in known if not layer.phase.is_final)
    parts: list[str] = []
    if finished:
        count = words.layer_count(finished)
        title = f"{count} (of {len(known)})" if waiting else count
        parts.append(_folded(title, _pre(escape(row) for row in layer_rows(finished))))
    if waiting:
        rows = [escape(row) for row in layer_rows(waiting[:_MOST_ROWS])]
        more = len(waiting) - len(rows)
        parts.append(_pre([*rows, f"… and {more} more"] if more else rows))
    return "\n".join(parts)


def steps(known: tuple[StepState, ...]) -> str:
    """Return the steps of a build with their durations; a long list is folded."""
    named = [step for step in known if step.name]
    if not named:
        return ""
    rows = (_step(step, row) for step, row in zip(named, step_rows(named), strict=True))
    count = f"{len(named)} step{'' if len(named) == 1 else 's'}"
    return _folded(count, _pre(rows, _WRAPPED), is_open=len(named) <= _FOLD)


def warnings(found: tuple[BuildWarned, ...], more: int) -> str:
    """Return the builder's warnings, and how many more there are."""
    if not found:
        return ""
    items = "".join(f"<li>{_warning(warning)}</li>" for warning in found)
    if more:
        items += f"<li>and {figures.count(more)} more</li>"
    number = len(found) + more
    title = f'<b style="color:{_AMBER}">!</b> {number} warning{"" if number == 1 else "s"}'
    return _folded(title, f'<ul style="margin:0 0 4px">{items}</ul>', is_open=True)


def log_tail(state: State, log: Log | None) -> str:
    """Return the last lines of the log, unfolded if the job failed."""
    shown = [line.text for line in log.tail(LOG_LINES)] if log is not None else []
    length = len(log) if log is not None else 0
    if not shown and state.error is not None:
        shown = list(state.error.log_tail[-LOG_LINES:])
        length = len(state.error.log_tail)
    if not shown:
        return ""
    title = words.log_title(len(shown), length)
    return _folded(title, _pre(to_html(cut(line)) for line in shown), is_open=bool(state.error))


def _step(step: StepState, row: str) -> str:
    html = escape(row)
    if step.error:
        html += f"\n      {escape(visible(step.error))}"
    colour = _STEP_COLOURS.get(step.status)
    return f'<b style="color:{colour}">{html}</b>' if colour else html


def _warning(warning: BuildWarned) -> str:
    line = f" (line {warning.dockerfile_line})" if warning.dockerfile_line else ""
    parts = [f"{text(warning.message)}{line}"]
    if warning.detail:
        parts.append(f"<small>{block(warning.detail)}</small>")
    if warning.url.startswith(("https://", "http://")):
        parts.append(f'<small><a href="{text(warning.url)}">{text(warning.url)}</a></small>')
    return "<br>".join(parts)


def _exit_code(error: ErrorInfo) -> str:
    return "" if error.exit_code is None else f", exit code {error.exit_code}"


def _source(lines: tuple[SourceLine, ...]) -> str:
    return _pre(map(_source_line, lines)) if lines else ""


def _source_line(line: SourceLine) -> str:
    if line.is_failing:
        return f'<b><span style="color:{_RED}">&gt;</span> {line.number:>4} │ {text(line.text)}</b>'
    return f"  {line.number:>4} │ {text(line.text)}"


def _pre(rows: Iterable[str], style: str = _PRE) -> str:
    return f'<pre style="{style}">' + "\n".join(rows) + "</pre>"


def _folded(title: str, body: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return f"<details{state}><summary>{title}</summary>{body}</details>"
