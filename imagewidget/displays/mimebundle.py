"""What a cell shows of a panel, and what its notebook saves.

The output has the same content in two MIME types: HTML, which every notebook reader shows,
with a kernel and without, and plain text for everything else. Where a page can be scripted,
the live panel takes the place of the HTML.
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
