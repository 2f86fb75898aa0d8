"""What a cell shows of a panel, and what its notebook saves.

The output has the same content in two MIME types: HTML, which every notebook reader shows,
with a kernel and without, and plain text for everything else. Where a page can be scripted,
the live panel takes the place of the HTML.
"""

from __future__ import annotations

from imagewidget.displays import html, plain_text
from imagewidget.progress.log import Log
from imagewidget.progress.state import State


def mimebundle(state: State, log: Log | None, mount: str | None = None) -> dict[str, str]:
    """Return a job as HTML and as plain text, by MIME type.

    Args:
        state: What to show of the job.
        log: Its log; None leaves the lines out.
        mount: The id with which a live panel finds this HTML in a page.
    """
    return {
        "text/plain": plain_text.render(state, log),
        "text/html": html.render(state, log, mount),
    }
