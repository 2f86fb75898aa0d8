"""A job as HTML for the notebook's file: what everybody sees who opens it later.

There is no script and no `<style>`, because no reader keeps them in a notebook that it does
not trust. JupyterLab keeps inline styles, with the properties and values that it knows;
GitHub and nbclassic drop them. So the meaning is in the elements and the words, in
the order in which they are read, and a bar is only the background of its row.

Backgrounds are translucent, and every text colour is legible on both white and black.
Nothing scrolls: a page that is printed has everything that is open.
"""

from __future__ import annotations

from html import escape

from imagewidget.displays import words
from imagewidget.displays.html_parts import (
    AMBER,
    BLUE,
    GREEN,
    RED,
    attempts,
    code,
    error_card,
    log_tail,
    text,
    warnings,
)
from imagewidget.displays.html_rows import bar, layers, steps
from imagewidget.displays.room import size
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State
from imagewidget.progress.text import figures

LIMIT = 24_000
"""The maximum size of the HTML in bytes, whatever the job; a notebook may have many."""

_LAYERS, _STEPS = 1_200, 2_000  # bytes always left for each: at least the titles of their lists
_LOG, _ATTEMPTS, _WARNINGS = 7_000, 2_000, 2_500  # bytes at most

_ACCENTS = {Phase.DONE: GREEN, Phase.FAILED: RED, Phase.CANCELLED: AMBER}
_FRAME = (
    "border:1px solid #80808059;border-left:4px solid {accent};border-radius:8px;"
    "padding:10px 14px;margin:4px 0;max-width:64rem;line-height:1.5;overflow-wrap:break-word"
)
# A command with two dollar signs is not a formula: for MathJax 3, and for MathJax 2.
NO_MATH = "mathjax_ignore tex2jax_ignore"
_BAR = "height:6px;border-radius:3px;margin:6px 0 4px"
_QUIET = "opacity:0.8"
_LONGEST_NAME, _LONGEST_FACT = 160, 100
_MONOSPACE = ("image", "digest")
_ELSEWHERE = ("size", "attempt")


def render(
    state: State, log: Log | None = None, *, mount: str | None = None, limit: int = LIMIT
) -> str:
    """Return a state as self-contained HTML of limited size.

    What has no room is counted. It takes no longer for a longer log.

    Args:
        state: The final state, or an intermediate one: the moment at which it is saved.
        log: The job's log; None leaves its lines out.
        mount: The id by which a page finds the outermost element, in its attribute
            `data-imagewidget`; None leaves the attribute out.
        limit: The maximum size in bytes, at least 20,000.
    """
    accent = _ACCENTS.get(state.phase, BLUE)
    place = "" if mount is None else f'data-imagewidget="{escape(mount)}" '
    frame = f'{place}class="{NO_MATH}" style="{_FRAME.format(accent=accent)}"'
    start, end = f"<div {frame}>\n", "\n</div>"
    top = [_header(state, accent), _progress(state, accent), _facts(state), _moment(state)]
    top.append(error_card(state.error))
    room = limit - _LAYERS - _STEPS - size(start + "\n".join(top) + end)
    tail = log_tail(state, log, min(_LOG, room // 2))
    tries = attempts(words.tries(state), min(_ATTEMPTS, room // 5))
    warned = warnings(state.warnings, state.more_warnings, min(_WARNINGS, room // 5))
    room += _LAYERS + _STEPS - size(tail + tries + warned) - len("\n" * 5)
    rows = layers(state, room - _STEPS if state.steps else room) if state.layers else ""
    rows_of_steps = steps(state, room - size(rows))
    parts = (*top, tries, rows, rows_of_steps, warned, tail)
    return start + "\n".join(part for part in parts if part) + end


def _header(state: State, accent: str) -> str:
    source = words.source(state)
    ending = f'<span style="color:{accent};white-space:nowrap">{text(words.ending(state))}</span>'
    parts = (
        f'<b style="font-size:1.1em">{text(state.reference or state.operation, _LONGEST_NAME)}</b>',
        text(source, _LONGEST_FACT) if source else "",
        ending,
        figures.size(state.image.size) if state.image else "",
    )
    line = " · ".join(part for part in parts if part)
    return f'<div><b style="color:{accent}">{words.mark(state)}</b> {line}</div>'


def _progress(state: State, accent: str) -> str:
    """Return how far the job is, or was when it failed."""
    if state.fraction is None or state.phase is Phase.DONE:
        return ""
    drawn = f'<div style="{_BAR};{bar(state.fraction, accent, "b3")}"></div>'
    if state.phase.is_final:
        return drawn
    moving = (
        figures.percent(state.fraction),
        words.transferred(state),
        words.speed(state),
        words.time_left(state),
    )
    return f"{drawn}\n<div>{' · '.join(part for part in moving if part)}</div>"


def _facts(state: State) -> str:
    is_moving = not state.phase.is_final and state.fraction is not None
    shown = (*_ELSEWHERE, "transferred") if is_moving else _ELSEWHERE
    facts = [
        f"{name} {(code if name in _MONOSPACE else text)(value, _LONGEST_FACT)}"
        for name, value in words.facts(state)
        if name not in shown
    ]
    return _quiet(" · ".join(facts)) if facts else ""


def _moment(state: State) -> str:
    return "" if state.phase.is_final else _quiet(f"<i>{words.moment(state)}</i>")


def _quiet(html: str) -> str:
    return f'<div style="{_QUIET}"><small>{html}</small></div>'
