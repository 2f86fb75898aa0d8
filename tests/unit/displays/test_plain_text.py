"""The plain text for readers that cannot even show HTML."""

import pytest

from imagewidget.displays.plain_text import LIMIT, render
from imagewidget.displays.room import LONGEST_LINE
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    ErrorInfo,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RetryScheduled,
    RunCancelled,
    SourceLine,
    Started,
    StepChanged,
    StepStatus,
)
from tests.hostile import EVERYTHING
from tests.told import told

IMAGE = Image("sha256:" + "e" * 64, "owner/env:1", None, 240_000_000, "docker.io")
LOST = AttemptError("ghcr.io", "ghcr.io/owner/env:1", 1, "ImageNotFound", "No such image.")


def test_a_pull_from_the_second_registry() -> None:
    state, log = told(
        Started("pull", "owner/env:1", "Docker Engine 26.1.5"),
        AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3),
        AttemptFailed(LOST),
        AttemptStarted("docker.io", "docker.io/owner/env:1", 1, 3),
        LayerChanged("a" * 12, LayerPhase.CACHED),
        LayerChanged("b" * 12, LayerPhase.DOWNLOADING, 6_000_000, 12_000_000),
        LogWritten("Status: Downloaded newer image for owner/env:1\n"),
        12.4,
        Finished(IMAGE),
    )
    assert (
        render(state, log)
        == """\
✓ owner/env:1 · docker.io · done in 12 s
  image:       eeeeeeeeeeee
  size:        240 MB
  transferred: 12.0 / 12.0 MB
  engine:      Docker Engine 26.1.5
  attempts:
    ghcr.io, attempt 1 of 3: ImageNotFound: No such image.
    docker.io, attempt 1 of 3: succeeded
  2 layers, 1 cached:
    aaaaaaaaaaaa  cached
    bbbbbbbbbbbb  done    12.0 MB
  log, 1 line:
    Status: Downloaded newer image for owner/env:1"""
    )


def test_an_unfinished_pull() -> None:
    state, _ = told(
        Started("pull", "owner/env:1"),
        AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 2, 3),
        LayerChanged("a" * 12, LayerPhase.DOWNLOADING, 6_000_000, 12_000_000),
        LayerChanged("b" * 12, LayerPhase.QUEUED),
        3.0,
    )
    assert (
        render(state)
        == """\
▸ owner/env:1 · ghcr.io · pulling · 3.0 s
  ███░░░░░░░░░░░░░░░░░ 18 %
  Saved while the job was running: 18 % done after 3.0 s.
  transferred: 6.00 MB / ≥ 12.0 MB
  attempt:     attempt 2 of 3
  2 layers:
    aaaaaaaaaaaa  downloading  6.00 / 12.0 MB  █████░░░░░
    bbbbbbbbbbbb  waiting"""
    )


def test_a_failed_build() -> None:
    error = ErrorInfo(
        "BuildFailed",
        "RUN make failed with exit code 2.",
        hint="Look at the last lines of the log.",
        source_lines=(SourceLine(2, "COPY . ."), SourceLine(3, "RUN make", is_failing=True)),
    )
    state, log = told(
        Started("build", "env:1"),
        BuildStarted("buildkit"),
        StepChanged("1", "FROM scratch", StepStatus.CACHED, "", 1, 3),
        StepChanged("2", "RUN make", StepStatus.FAILED, "builder", 3, 3, 1.0, 13.5),
        BuildWarned("JSONArgsRecommended", dockerfile_line=7),
        LogWritten("\x1b[31mmake: *** Error 2\x1b[0m\n", "2", 2),
        13.5,
        Failed(error),
    )
    assert (
        render(state, log)
        == """\
✗ env:1 · failed after 14 s
  engine:      BuildKit

  BuildFailed: RUN make failed with exit code 2.
  → Look at the last lines of the log.
       2 │ COPY . .
  >    3 │ RUN make

  steps:
    ≡  cached        [1/3] FROM scratch
    ✗  failed  13 s  [builder 3/3] RUN make
  warning (line 7): JSONArgsRecommended
  log, 1 line:
    make: *** Error 2"""
    )


@pytest.mark.parametrize(("count", "more"), [(51, "1 more warning"), (60, "10 more warnings")])
def test_many_warnings_are_counted(count: int, more: str) -> None:
    warned = [BuildWarned(f"casing {number + 1}") for number in range(count)]
    state, _ = told(Started("build", "env:1"), *warned, RunCancelled())
    assert render(state).splitlines()[-2:] == ["  warning: casing 50", f"  and {more}"]


def test_a_cancelled_retry() -> None:
    state, _ = told(
        Started("pull", "owner/env:1"),
        AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3),
        AttemptFailed(LOST),
        RetryScheduled(2.0),
        1.0,
        RunCancelled(),
    )
    assert (
        render(state)
        == """\
■ owner/env:1 · ghcr.io · cancelled after 1.0 s
  attempts:
    ghcr.io, attempt 1 of 3: ImageNotFound: No such image."""
    )


def test_a_full_log_of_long_lines_stays_small() -> None:
    lines = [LogWritten("x" * 16_000 + "\n") for _ in range(60)]
    state, log = told(Started("build", "env:1"), *lines, RunCancelled())
    text = render(state, log)
    assert len(text.encode()) <= LIMIT
    assert text.endswith("x […]")


def test_a_line_is_not_cut_within_a_colour_sequence() -> None:
    line = "x" * (LONGEST_LINE - 3) + "\x1b[31mred"
    state, log = told(Started("build", ""), LogWritten(f"{line}\n"), RunCancelled())
    assert render(state, log).endswith("x […]")


def test_hostile_text_has_no_control_characters() -> None:
    bad = EVERYTHING
    error = ErrorInfo("BuildFailed", bad, bad, source_lines=(SourceLine(1, bad),))
    state, log = told(
        Started("build", bad, bad),
        AttemptStarted(bad, bad, 1, 3),
        LayerChanged(bad, LayerPhase.DONE),
        StepChanged("1", bad, StepStatus.FAILED, bad),
        BuildWarned(bad),
        LogWritten(bad + "\n"),
        Failed(error),
    )
    text = render(state, log)
    assert not any(ord(character) < 32 and character != "\n" for character in text)
    assert "\u202e" not in text
    assert text.count("<script>window.hacked = true</script>") >= 8
