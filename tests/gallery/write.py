"""The contents of the gallery's files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from imagewidget.displays.recording import Recorder
from tests.gallery import MOMENTS, Moment, builds, pulls

_RUNS = {
    "queued": pulls.queued,
    "layers": pulls.many_layers,
    "cached": pulls.cached,
    "retrying": pulls.retrying,
    "fallback": pulls.fallback,
    "stalled": pulls.stalled,
    "building": builds.building,
    "failed-pull": pulls.failed,
    "failed-build": builds.failed,
    "failed-classic": builds.failed_classic,
    "warnings": builds.warnings,
    "eighty-layers": pulls.eighty,
    "cancelled": pulls.cancelled,
    "done": pulls.done,
}

_INTRODUCTION = """\
# Every state of the panel

Each cell plays a recording in the same panel that shows real jobs, so Docker is not needed. \
The recordings come with the package: `iw.replay()` lists them. \
`speed=INSTANT` skips all waiting, and `until=` pauses at that second of the recording; \
leave out both to watch a job as it happened."""
_FIRST_CELL = 'import imagewidget as iw\n\nINSTANT = float("inf")'
_LIVE = """\
## Live

The pull above again, four times slower. Cancel and the log work as usual."""


def recordings() -> dict[str, str]:
    """Return the text of every recording, by name."""
    return {moment.name: _recording(moment.name) for moment in MOMENTS}


def notebook() -> str:
    """Return the text of `gallery.ipynb`."""
    cells = [_markdown("introduction", _INTRODUCTION), _code("import", _FIRST_CELL)]
    for moment in MOMENTS:
        cells.append(_markdown(f"about-{moment.name}", f"## {moment.title}\n\n{moment.text}"))
        cells.append(_code(moment.name, replay(moment)))
    cells.append(_markdown("about-live", _LIVE))
    cells.append(_code("live", 'job = iw.replay("demo/done", speed=0.25)'))
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def replay(moment: Moment) -> str:
    """Return the code that shows a moment."""
    until = "" if moment.until is None else f", until={moment.until:g}"
    return f'job = iw.replay("demo/{moment.name}", speed=INSTANT{until})'


def _recording(name: str) -> str:
    recorder = Recorder()
    for seconds, event in _RUNS[name]():
        recorder.write(seconds, event)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "recording.jsonl"
        recorder.copy_to(path, is_complete=True)
        return path.read_text(encoding="utf-8")


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(text)}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
