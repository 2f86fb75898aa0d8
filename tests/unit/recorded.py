"""A short recorded pull."""

from pathlib import Path

from imagewidget.displays.recording import Recorder
from imagewidget.progress.events import (
    AttemptStarted,
    Event,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    Started,
)

IMAGE = Image("sha256:" + "a" * 64, "owner/env:1", None, 1_000, "ghcr.io")
PULL: list[tuple[float, Event]] = [
    (0.0, Started("pull", "owner/env:1")),
    (1.0, AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3)),
    (2.0, LayerChanged("0123456789ab", LayerPhase.DOWNLOADING, 40, 100)),
    (60.0, LogWritten("Status: Downloaded\n")),
    (61.0, Finished(IMAGE)),
]


def written(path: Path, events: list[tuple[float, Event]]) -> Path:
    recorder = Recorder()
    for seconds, event in events:
        recorder.write(seconds, event)
    recorder.copy_to(path, is_complete=True)
    return path
