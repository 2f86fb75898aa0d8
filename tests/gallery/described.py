"""What the documentation's pictures show, in words: they are stale when this differs."""

from __future__ import annotations

import imagewidget as iw
from imagewidget.displays.plain_text import render
from tests.gallery import MOMENTS, RECORDINGS

PICTURED = ("layers", "building", "failed-build", "failed-pull", "done")
"""The moments of which `docs/screenshots/` has a picture."""


def described() -> str:
    """Give the text form of each, as it is in the saved notebook."""
    found = {moment.name: moment for moment in MOMENTS}
    parts = []
    for name in PICTURED:
        path = RECORDINGS / f"{name}.jsonl"
        job = iw.replay(path, speed=float("inf"), until=found[name].until, display=False)
        parts.append(f"{name}.png\n\n{render(job.state, job.log)}\n")
    return "\n".join(parts)
