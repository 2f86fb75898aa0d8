"""The pictures in the documentation, as text: they are out of date if this text changes."""

from __future__ import annotations

import imagewidget as iw
from imagewidget.displays.plain_text import render
from tests.gallery import MOMENTS

PICTURED = ("layers", "building", "failed-build", "failed-pull", "done")
"""The moments with a picture in `docs/screenshots/`."""


def described() -> str:
    """Return the text form of each pictured moment, as a saved notebook has it."""
    found = {moment.name: moment for moment in MOMENTS}
    parts = []
    for name in PICTURED:
        until = found[name].until
        job = iw.replay(f"demo/{name}", speed=float("inf"), until=until, display=False)
        parts.append(f"{name}.png\n\n{render(job.state, job.log)}\n")
    return "\n".join(parts)
