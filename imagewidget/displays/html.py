"""A job as HTML for the saved notebook, where no widget is shown.

Styles are inline and there is no script, because GitHub and nbviewer keep neither
`<style>` nor `<script>`; GitHub drops inline styles too, so the meaning is in the
elements and the words. Backgrounds are translucent, and every text colour is legible
on both white and black.
"""

from __future__ import annotations

from imagewidget.displays import words
from imagewidget.displays.html_parts import (
    attempts,
    code,
    error_card,
    layers,
    log_tail,
    steps,
    text,
    warnings,
)
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State
from imagewidget.progress.text import figures

_RUNNING = "#2f7fd0"
_ACCENTS = {Phase.DONE: "#2a8a3e", Phase.FAILED: "#d1383d", Phase.CANCELLED: "#a3741a"}
_FRAME = (
    "border:1px solid rgba(128,128,128,.35);border-left:4px solid {accent};border-radius:6px;"
    "padding:8px 12px;margin:4px 0;max-width:64rem;overflow-wrap:anywhere"
)
# A command with two dollar signs is not a formula: for MathJax 3, and for MathJax 2.
_NO_MATH = "mathjax_ignore tex2jax_ignore"
_MONOSPACE = ("image", "digest")
_UNFINISHED = "<div><small><i>Saved while the job was running.</i></small></div>"


def render(state: State, log: Log | None = None, mount: str | None = None) -> str:
    """Return a state as self-contained HTML.

    Args:
        state: The final state, or an intermediate one; the latter is shown without
            its rows, which would be out of date before anybody reads them.
        log: The job's log; None leaves its lines out.
        mount: The id with which a live panel finds this HTML in a page.
    """
    accent = _ACCENTS.get(state.phase, _RUNNING)
    head = (_header(state, accent), _facts(state), error_card(state.error))
    tries = attempts(words.tries(state))
    rest = _rows(state, log) if state.phase.is_final else (_layer_count(state), _UNFINISHED)
    parts = (*head, tries, *rest)
    body = "\n".join(part for part in parts if part)
    place = f'data-imagewidget="{text(mount)}" class="{_NO_MATH}" ' if mount else ""
    return f'<div {place}style="{_FRAME.format(accent=accent)}">\n{body}\n</div>'


def _rows(state: State, log: Log | None) -> tuple[str, ...]:
    return (
        layers(state.layers),
        steps(state.steps),
        warnings(state.warnings, state.more_warnings),
        log_tail(state, log),
    )


def _layer_count(state: State) -> str:
    return f"<div>{words.layer_count(state.layers)}</div>" if state.layers else ""


def _header(state: State, accent: str) -> str:
    name = text(state.reference or state.operation)
    source = words.source(state)
    served = f" · {text(source)}" if source else ""
    title = (
        f'<b style="color:{accent}">{words.mark(state)}</b> <b>{name}</b>{served}'
        f" · {words.ending(state)}"
    )
    if state.phase.is_final or state.fraction is None:
        return f"<div>{title}</div>"
    bar = f'<span style="color:{accent}">{figures.bar(state.fraction)}</span>'
    moving = (figures.percent(state.fraction), words.speed(state), words.time_left(state))
    return f"<div>{title}</div>\n<div>{bar} {' · '.join(part for part in moving if part)}</div>"


def _facts(state: State) -> str:
    facts = [
        f"{name} {code(value) if name in _MONOSPACE else text(value)}"
        for name, value in words.facts(state)
    ]
    return f'<div style="opacity:.85"><small>{" · ".join(facts)}</small></div>' if facts else ""
