"""What a notebook saves of a panel for readers that cannot show widgets.

A cell's output has the same content in several MIME types, and each reader picks the
best it supports: a front end with a kernel the widget, GitHub and nbviewer the HTML,
everything else the plain text.
"""

from __future__ import annotations

from imagewidget.displays import html, plain_text
from imagewidget.progress.log import Log
from imagewidget.progress.state import State


def mimebundle(state: State, log: Log | None) -> dict[str, str]:
    """Return a job as HTML and as plain text, by MIME type."""
    return {"text/plain": plain_text.render(state, log), "text/html": html.render(state, log)}
