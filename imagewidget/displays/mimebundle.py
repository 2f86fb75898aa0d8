"""What a notebook saves of a panel for readers that cannot show widgets.

A cell's output has the same content in several MIME types, and each reader picks the
best it supports: a front end with a kernel the widget, GitHub and nbviewer the HTML,
everything else the plain text.
"""

from __future__ import annotations

from imagewidget.displays import html, plain_text
from imagewidget.progress.log import Log
from imagewidget.progress.state import State


def mimebundle(state: State, log: Log | None, *, mount: str | None = None) -> dict[str, str]:
    """Return a job as HTML and as plain text, by MIME type.

    Args:
        state: The job's state.
        log: Its log; None leaves its lines out.
        mount: The id by which a page finds the HTML's outermost element; see
            :func:`imagewidget.displays.html.render`.
    """
    return {
        "text/plain": plain_text.render(state, log),
        "text/html": html.render(state, log, mount=mount),
    }
