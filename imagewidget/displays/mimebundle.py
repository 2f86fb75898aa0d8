"""What a notebook keeps of a panel: the final state, where no widget can be shown.

A cell's output holds the same thing by several mime types, and each reader takes
the best it can: a front end with a kernel the widget, GitHub and nbviewer the HTML,
everything else the text.
"""

from __future__ import annotations

from imagewidget.displays import html, plain_text
from imagewidget.progress.log import Log
from imagewidget.progress.state import State


def mimebundle(state: State, log: Log | None) -> dict[str, str]:
    """Return a job as HTML and as text, by their mime types."""
    return {"text/plain": plain_text.render(state, log), "text/html": html.render(state, log)}
