"""What the notebook's file has of the workbench's jobs: the newest one, and a line for each other.

However many they are, they have no more bytes than one job may have: all of it is written
again whenever a job begins or ends, and now and then in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from imagewidget.displays import html, plain_text
from imagewidget.displays.room import fit
from imagewidget.progress.text.figures import count
from imagewidget.workbench.history import Entry

_JOBS = '<div data-imagewidget-jobs="{id}">{jobs}</div>'
_TITLE = "Earlier jobs:"
_EARLIER_HTML, _EARLIER_TEXT = 4_000, 2_000  # bytes for the lines of the earlier jobs
_AROUND = 500  # of these, for what is around the lines


def saved(entries: Sequence[Entry], box: str) -> dict[str, str]:
    """Return the jobs as HTML and as plain text, by MIME type, the newest first.

    Args:
        entries: The jobs, oldest first.
        box: The id of the workbench, by which the front end finds the HTML.
    """
    earlier, newest = entries[:-1], entries[-1:]
    return {
        "text/html": _JOBS.format(id=box, jobs="\n".join((*_cards(newest), *_items(earlier)))),
        "text/plain": "\n".join((*_texts(newest), *_lines(earlier))),
    }


def _cards(entries: Sequence[Entry]) -> list[str]:
    limit = html.LIMIT - _EARLIER_HTML
    return [html.render(one.job.state, one.job.log, limit=limit) for one in entries]


def _texts(entries: Sequence[Entry]) -> list[str]:
    limit = plain_text.LIMIT - _EARLIER_TEXT
    return [plain_text.render(one.job.state, one.job.log, limit=limit) for one in entries]


def _items(earlier: Sequence[Entry]) -> list[str]:
    if not earlier:
        return []
    rows = _fit(earlier, lambda line: f"<li>{escape(line)}</li>", _EARLIER_HTML)
    more = len(earlier) - len(rows)
    if more:
        rows.append(f"<li>and {count(more)} before these</li>")
    return [f'<div class="{html.NO_MATH}">{_TITLE}<ul>', *rows, "</ul></div>"]


def _lines(earlier: Sequence[Entry]) -> list[str]:
    if not earlier:
        return []
    rows = _fit(earlier, lambda line: f"  {line}", _EARLIER_TEXT)
    more = len(earlier) - len(rows)
    if more:
        rows.append(f"  … and {count(more)} before these")
    return [_TITLE, *rows]


def _fit(earlier: Sequence[Entry], draw: Callable[[str], str], room: int) -> list[str]:
    """Draw the last of the earlier jobs, as many as fit, the newest first."""
    rows = list(enumerate(reversed(earlier)))
    return fit(rows, lambda row: row[0], lambda row: draw(row[1].outcome), room - _AROUND)
