"""`replay`: a recorded job, without Docker."""

from __future__ import annotations

from pathlib import Path

from imagewidget.api.verbs import verb
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.jobs.replay import Replay
from imagewidget.jobs.showing import DisplayArgument


@verb
def replay(
    recording: str | Path,
    *,
    speed: float = 1.0,
    until: float | None = None,
    display: DisplayArgument = None,
) -> Job:
    """Play back a recorded job in the same panel, without Docker.

    Args:
        recording: The path of a file written by `job.record()`.
        speed: The playback speed: 2 is twice as fast, `float("inf")` skips all waiting.
        until: Pause at this time of the recording, in seconds; None plays to the end.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

    Returns:
        The running job. It ends as the recorded one did, unless `until` pauses it: then
        `result()` raises RuntimeError, `wait()` returns False, and `cancel()` ends it.

    Raises:
        InvalidRecording: The file is not a recording, or is incomplete and `until` is None.
        OSError: The file cannot be read.
        TypeError: `speed` or `until` is not a number.
        ValueError: `speed` is not greater than 0, or `until` is negative.
    """
    played = Replay(recording, speed, until)
    chosen = showing.choose(display)
    shown_in = showing.cell_of(chosen)
    job = Job(played.play, displays=chosen, make_clock=played.make_clock, shown_in=shown_in)
    played.settle()
    showing.show(job, chosen, may_outlive=until is not None)
    return job
