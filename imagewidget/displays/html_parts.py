"""The parts of the saved HTML: each returns its markup, or "" if there is nothing to show.

Text from outside is cut, and what comes in any number gets room in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from imagewidget.displays import words
from imagewidget.displays.ansi import to_html
from imagewidget.displays.room import (
    LOG_LINES,
    LOG_LINES_RUNNING,
    cut,
    cut_line,
    fit,
    shown,
    size,
)
from imagewidget.progress.events import BuildWarned, ErrorInfo, SourceLine
from imagewidget.progress.log import Log
from imagewidget.progress.state import Phase, State
from imagewidget.progress.text import figures
from imagewidget.progress.text.safe_text import (
    keep_colours,
    visible_block,
    without_colours,
)

# No style sheet tells light from dark: each colour has the same contrast on white and on #111.
BLUE, GREEN, RED, AMBER = "#2e7ccb", "#2a8a3e", "#d4474c", "#9e7119"
MONOSPACE = "font-family:Menlo,Consolas,'DejaVu Sans Mono',monospace"

_LONGEST = 200
_LONGEST_BLOCK = 2_000
_LONGEST_MESSAGE, _LONGEST_HINT, _LONGEST_KIND = 700, 500, 60
_LONGEST_DETAIL, _LONGEST_URL = 300, 200
_SOURCE = 2_500  # bytes of a Dockerfile
_COLOURED = 1_500  # bytes of a line of the log, beyond which it loses its colours
_TITLE = 400  # bytes at most around the rows of a part
_MOST_LINES = {Phase.DONE: LOG_LINES, Phase.FAILED: 30, Phase.CANCELLED: 30}
_QUOTED = re.compile(r"`([^`\n]+)`")

_PRE = (
    f"{MONOSPACE};background:#8080801f;border-radius:6px;padding:6px 10px;margin:4px 0;"
    "line-height:1.4;font-size:0.9em;white-space:pre-wrap"
)
_ERROR = f"background:{RED}1a;border-radius:6px;padding:6px 10px;margin:6px 0"
_ITEMS = "margin:0 0 4px;padding-left:1.5em"


def text(value: str, longest: int = _LONGEST) -> str:
    """Escape a line of text from outside for HTML, cutting it if it is too long."""
    return escape(shown(value, longest))


def block(value: str, longest: int = _LONGEST_BLOCK) -> str:
    """Escape several lines of text from outside for HTML, with `quoted text` as code."""
    html = escape(cut(visible_block(cut(value, longest)), longest))
    return _QUOTED.sub(r"<code>\1</code>", html).replace("\n", "<br>")


def code(value: str, longest: int = _LONGEST) -> str:
    """Escape a line of text from outside for HTML, and mark it as code."""
    return f"<code>{text(value, longest)}</code>"


def folded(title: str, body: str, *, is_open: bool = False) -> str:
    """Return a part that is folded under its title."""
    state = " open" if is_open else ""
    return f'<details{state} style="margin:6px 0 0"><summary>{title}</summary>{body}</details>'


def error_card(error: ErrorInfo | None) -> str:
    """Return what failed, what to do next, and where in the Dockerfile."""
    if error is None:
        return ""
    kind = text(error.kind, _LONGEST_KIND)
    card = f'<b style="color:{RED}">{kind}</b>: {block(error.message, _LONGEST_MESSAGE)}'
    if error.hint:
        card += f"<br><b>→</b> {block(error.hint, _LONGEST_HINT)}"
    if error.step and error.step not in error.message:
        card += f"<br><small>in step {code(error.step)}{_exit_code(error)}</small>"
    return f'<div style="{_ERROR}">{card}</div>{_source(error.source_lines)}'


def attempts(tries: tuple[tuple[str, str], ...], room: int) -> str:
    """Return the attempts at registries with their outcomes; the last ones are needed most."""
    if not tries:
        return ""
    rows = list(enumerate(tries))
    items = fit(rows, lambda row: -row[0], lambda row: _attempt(*row[1]), room - _TITLE)
    more = len(tries) - len(items)
    if more:
        items.insert(0, f"<li>{figures.count(more)} more before these</li>")
    return f'<div style="margin:6px 0 0">Attempts:</div><ul style="{_ITEMS}">{"".join(items)}</ul>'


def warnings(found: tuple[BuildWarned, ...], more: int, room: int) -> str:
    """Return the builder's warnings, and how many more there are."""
    if not found:
        return ""
    number = len(found) + more
    items = fit(found, lambda _: 0, _warning, room - _TITLE)
    if number > len(items):
        items.append(f"<li>and {figures.count(number - len(items))} more</li>")
    title = (
        f'<b style="color:{AMBER}">!</b> {figures.count(number)} '
        f"warning{'' if number == 1 else 's'}"
    )
    return folded(title, f'<ul style="{_ITEMS}">{"".join(items)}</ul>', is_open=True)


def log_tail(state: State, log: Log | None, room: int) -> str:
    """Return the last lines of the log, unfolded unless the job succeeded."""
    most = _MOST_LINES.get(state.phase, LOG_LINES_RUNNING)
    lines = [line.text for line in log.tail(most)] if log is not None else []
    length = len(log) if log is not None else 0
    if not lines and state.error is not None:
        lines = list(state.error.log_tail[-most:])
        length = len(state.error.log_tail)
    if not lines:
        return ""
    rows = fit(
        list(enumerate(lines)), lambda row: -row[0], lambda row: _line(row[1]), room - _TITLE
    )
    title = words.log_title(len(rows), length)
    is_open = state.image is None
    return folded(title, _pre(rows), is_open=is_open)


def _attempt(one: str, outcome: str) -> str:
    return f"<li>{text(one)}: {block(outcome, _LONGEST_DETAIL)}</li>"


def _warning(warning: BuildWarned) -> str:
    line = f" (line {warning.dockerfile_line})" if warning.dockerfile_line else ""
    parts = [f"{text(warning.message)}{line}"]
    if warning.detail:
        parts.append(f"<small>{block(warning.detail, _LONGEST_DETAIL)}</small>")
    if warning.url.startswith(("https://", "http://")) and len(warning.url) <= _LONGEST_URL:
        parts.append(f'<small><a href="{text(warning.url)}">{text(warning.url)}</a></small>')
    return f"<li>{'<br>'.join(parts)}</li>"


def _line(line: str) -> str:
    line = cut_line(line)
    html = to_html(line)
    return (
        html
        if size(html) <= _COLOURED
        else escape(without_colours(keep_colours(line)), quote=False)
    )


def _exit_code(error: ErrorInfo) -> str:
    return "" if error.exit_code is None else f", exit code {error.exit_code}"


def _source(lines: tuple[SourceLine, ...]) -> str:
    """Return lines of a Dockerfile; the one that failed is needed most."""
    if not lines:
        return ""
    rows = fit(lines, lambda line: not line.is_failing, _source_line, _SOURCE)
    more = len(lines) - len(rows)
    return _pre([*rows, f"… and {figures.count(more)} more lines"] if more else rows)


def _source_line(line: SourceLine) -> str:
    if line.is_failing:
        return f'<b><span style="color:{RED}">&gt;</span> {line.number:>4} │ {text(line.text)}</b>'
    return f"  {line.number:>4} │ {text(line.text)}"


def _pre(rows: Iterable[str]) -> str:
    return f'<pre style="{_PRE}">' + "\n".join(rows) + "</pre>"
