"""What stands on the terminal, compared letter by letter."""

import io

from rich.console import Console

from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    Started,
    StepChanged,
    StepStatus,
)
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker
from imagewidget.sinks.terminal import LiveTerminal, PlainTerminal, frame

IMAGE = Image("sha256:" + "ab" * 32, "owner/env:1", None, 240_000_000, "ghcr.io")
PULL: list[Event] = [
    Started("pull", "owner/env:1"),
    AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3),
    LayerChanged("a" * 12, LayerPhase.CACHED),
    LayerChanged("b" * 12, LayerPhase.DOWNLOADING, 12_000_000, 24_000_000),
    LayerChanged("c" * 12, LayerPhase.QUEUED),
]


class Shown:
    """A job that stands still."""

    def __init__(self, *events: Event) -> None:
        self.tracker = Tracker(lambda: 2.0)
        self.take(*events)

    def take(self, *events: Event) -> None:
        for event in events:
            self.tracker.apply(event)

    @property
    def state(self) -> State:
        return self.tracker.state()

    @property
    def log(self) -> Log:
        return self.tracker.log

    def cancel(self) -> None:
        raise AssertionError

    def retry(self) -> None:
        raise AssertionError


def drawn(state: State, rows: int = 20) -> list[str]:
    console = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
    console.print(frame(state, rows))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_a_pull_is_a_bar_over_all_and_one_for_each_layer_on_its_way() -> None:
    assert drawn(Shown(*PULL).state) == [
        "owner/env:1 · ghcr.io",
        "━━━━━╺━━━━━━━━━━━━━━━━━━━━━━ pulling · 12.0 MB / ≥ 24.0 MB · 2.0 s",
        "1 of 3 layers done",
        "bbbbbbbbbbbb ━━━━━━━━━━━━━━╺━━━━━━━━━━━━━ downloading 12.0 / 24.0 MB",
        "cccccccccccc ━━━━━━━━━━━━━━━━━━━━━━━━━━━━ waiting",
    ]


def test_more_layers_than_rows_do_not_push_the_frame_off_the_screen() -> None:
    layers = [LayerChanged(f"{n:012x}", LayerPhase.DOWNLOADING, 1, 2) for n in range(80)]
    assert len(drawn(Shown(*layers).state, rows=10)) <= 14


def test_a_build_shows_its_steps() -> None:
    shown = Shown(
        Started("build", "env:1"),
        BuildStarted("buildkit"),
        StepChanged("a", "FROM x", StepStatus.CACHED, "base", 1, 2),
        StepChanged("b", "RUN y", StepStatus.RUNNING, "base", 2, 2, started=1.0),
    )
    assert drawn(shown.state)[2:] == ["≡ [base 1/2] FROM x … cached", "▸ [base 2/2] RUN y"]


def test_plain_lines_say_every_change_once() -> None:
    file = io.StringIO()
    display = PlainTerminal(file)
    shown = Shown(*PULL)
    display.begin(shown)
    display.update(shown.state)
    display.update(shown.state)
    shown.take(LogWritten("\x1b[31mDigest\x1b[0m: sha256:1\n"), Finished(IMAGE))
    display.end(shown.state)
    assert file.getvalue().splitlines() == [
        "pull owner/env:1 · ghcr.io",
        "aaaaaaaaaaaa: cached",
        "bbbbbbbbbbbb: downloading 24.0 MB",
        "bbbbbbbbbbbb: done 24.0 MB",
        "cccccccccccc: done",
        "Digest: sha256:1",
        "✓ owner/env:1 · abababababab · 240 MB · from ghcr.io in 2.0 s",
    ]


def test_plain_lines_tell_of_failed_attempts_and_the_end_with_its_hint() -> None:
    file = io.StringIO()
    display = PlainTerminal(file)
    error = AttemptError("ghcr.io", "ghcr.io/owner/env:1", 1, "ImageNotFound", "no such image")
    shown = Shown(*PULL[:2], AttemptFailed(error))
    display.begin(shown)
    shown.take(Failed(ErrorInfo("ImageNotFound", "no such image", "check the name")))
    display.end(shown.state)
    assert file.getvalue().splitlines() == [
        "pull owner/env:1 · ghcr.io",
        "ghcr.io: no such image",
        "✗ no such image",
        "  → check the name",
    ]


def test_the_live_display_scrolls_the_log_and_ends_with_the_result() -> None:
    output = io.StringIO()
    display = LiveTerminal(Console(file=output, force_terminal=True, width=80, height=24))
    shown = Shown(*PULL, LogWritten("hello\n"))
    display.begin(shown)
    display.update(shown.state)
    shown.take(Finished(IMAGE))
    display.end(shown.state)
    text = output.getvalue()
    assert text.count("hello") == 1
    assert "from ghcr.io in 2.0 s" in text.splitlines()[-1]
    assert "\x1b[?25h" in text
