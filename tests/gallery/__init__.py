"""The gallery: every state of the panel as a recording that needs no Docker.

`python -m tests.gallery` writes `imagewidget/recordings/demo/*.jsonl`, which come with the
package, and `notebooks/gallery.ipynb`. The engine's messages are recorded from a real engine, or
simulated by its rules, and parsed by the package itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
NOTEBOOKS = REPOSITORY / "notebooks"
RECORDINGS = REPOSITORY / "imagewidget" / "recordings" / "demo"


@dataclass(frozen=True)
class Moment:
    """One state of the panel.

    Attributes:
        name: The recording's file name, without its extension.
        title: The heading in the gallery.
        text: What the panel shows, in a sentence or two.
        until: The time in the recording, in seconds, at which to pause; None for its end.
    """

    name: str
    title: str
    text: str
    until: float | None = None


MOMENTS = (
    Moment("queued", "Queued", "The job has been created; the engine has not answered yet.", 0.4),
    Moment(
        "layers",
        "Many layers",
        "Layers are downloaded three at a time and extracted one by one. "
        "The total is a lower bound (≥) until the size of every layer is known.",
        9.0,
    ),
    Moment(
        "cached",
        "Cached",
        "Layers that the engine already has are shown as cached, not hidden.",
        3.0,
    ),
    Moment(
        "retrying",
        "Retrying",
        "The registry was unavailable; the next attempt starts in a moment.",
        7.0,
    ),
    Moment(
        "fallback",
        "Fallback",
        "The first registry does not have the image; the second one does, and the panel says so.",
        4.0,
    ),
    Moment(
        "stalled",
        "Stalled",
        "The engine has sent nothing for a while, and the panel says so.",
        52.0,
    ),
    Moment(
        "building",
        "Building",
        "Two stages are built in parallel while the base image is downloaded.",
        7.2,
    ),
    Moment(
        "failed-pull", "Failed pull", "Every registry and every attempt, each with its own error."
    ),
    Moment(
        "failed-build",
        "Failed build",
        "The step that failed, its log, and the lines of the Dockerfile it came from.",
    ),
    Moment(
        "failed-classic",
        "Failed build, classic builder",
        "The same view for engines without BuildKit. Recorded from Docker Engine 20.10.",
    ),
    Moment("warnings", "Warnings", "A successful build with three warnings."),
    Moment("eighty-layers", "Eighty layers", "Finished layers fold into one line.", 40.0),
    Moment(
        "cancelled", "Cancelled", "Cancel was pressed; everything up to then can still be read."
    ),
    Moment(
        "done",
        "Done",
        "The image, its source, its size and the speed. Recorded from Docker Engine 20.10.",
    ),
)
