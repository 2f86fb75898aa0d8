"""The public function that plays recordings, and lists those in this package."""

from __future__ import annotations

from os import PathLike

from typing_extensions import overload

from imagewidget import recordings
from imagewidget.api.verbs import verb
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from imagewidget.jobs.replay import Replay
from imagewidget.jobs.showing import DisplayArgument


@overload
def replay() -> tuple[str, ...]: ...


@overload
def replay(
    recording: str | PathLike[str],
    *,
    speed: float = 1.0,
    until: float | None = None,
    display: DisplayArgument = None,
) -> Job: ...


@verb
def replay(
    recording: str | PathLike[str] | None = None,
    *,
    speed: float = 1.0,
    until: float | None = None,
    display: DisplayArgument = None,
) -> Job | tuple[str, ...]:
    """Play back a recorded job in the same panel, without Docker.

    Without arguments, start nothing and return the names of the recordings that come
    with this package.

    Args:
        recording: The path of a file written by `job.record()`, in which `~` is your
            home, or the name of a recording in this package, such as `demo/layers`.
            If there is a file `demo/layers` in the working directory, it is played.
        speed: The playback speed: 2 is twice as fast, `float("inf")` skips all waiting.
        until: Pause at this time of the recording, in seconds; None plays to the end.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

    Returns:
        The running job. It ends as the recorded one did, unless `until` pauses it: then
        `result()` raises RuntimeError, `wait()` returns False, and `cancel()` ends it.
        Without arguments, the names, such as `("demo/building", "demo/cached")`.

    Raises:
        InvalidRecording: The file is not a recording, or is incomplete and `until` is None.
        OSError: The file cannot be read. It is a FileNotFoundError if `recording` looks
            like a name, but no recording in this package has that name.
        TypeError: `recording` is not a path, `speed` or `until` is not a number, or one
            of the options was passed without a recording.
        ValueError: `recording` cannot be a path, `speed` is not greater than 0, or `until` is
            negative or more than thirty years.
    """
    if recording is None:
        if (speed, until, display) != (1.0, None, None):
            raise TypeError("`recording` is missing: `speed`, `until` and `display` need one.")
        return recordings.names()
    played = Replay(recording, speed, until)
    chosen = showing.choose(display)
    shown_in = showing.cell_of(chosen)
    job = Job(played.play, displays=chosen, make_clock=played.make_clock, shown_in=shown_in)
    played.settle()
    showing.show(job, chosen, may_outlive=until is not None)
    return job
