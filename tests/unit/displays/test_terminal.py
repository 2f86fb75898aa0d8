"""The text that a terminal shows, compared character by character."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from imagewidget.displays.room import LOG_LINES, LONGEST_LINE
from imagewidget.displays.terminal import (
    FailureOnly,
    LiveTerminal,
    PlainTerminal,
    Screen,
    can_draw,
    frame,
)
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RunCancelled,
    SourceLine,
    Started,
    StepChanged,
    StepStatus,
)
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.tracker import Tracker

IMAGE = Image("sha256:" + "ab" * 32, "owner/env:1", None, 240_000_000, "ghcr.io")
PULL: list[Event] = [
    Started("pull", "owner/env:1"),
    AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3),
    LayerChanged("a" * 12, LayerPhase.CACHED),
    LayerChanged("b" * 12, LayerPhase.DOWNLOADING, 12_000_000, 24_000_000),
    LayerChanged("c" * 12, LayerPhase.QUEUED),
]


class Shown:
    """A job whose state changes only with the events that a test applies."""

    def __init__(self, *events: Event) -> None:
        self.tracker = Tracker(lambda: 2.0)
        self.apply(*events)

    def apply(self, *events: Event) -> None:
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


def terminal(output: io.StringIO) -> Console:
    return Console(file=output, force_terminal=True, width=80, height=24)


def last_drawn(output: io.StringIO) -> list[str]:
    """Return what the last update wrote to the terminal after erasing the old frames."""
    return output.getvalue().rpartition("\x1b[2K")[2].splitlines(keepends=True)


def drawn(state: State, rows: int = 20) -> list[str]:
    console = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
    console.print(frame(state, rows))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_a_pull_has_an_overall_bar_and_one_for_each_unfinished_layer() -> None:
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


def test_a_running_step_is_visible_among_many_pending_ones() -> None:
    steps = [
        StepChanged(str(i), f"RUN {i}", StepStatus.PENDING, number=i, count=40)
        for i in range(1, 41)
    ]
    runs = StepChanged("4", "RUN 4", StepStatus.RUNNING, number=4, count=40)
    lines = drawn(Shown(Started("build", "a:1"), BuildStarted("buildkit"), *steps, runs).state, 10)
    assert lines[2] == "▸ [4/40] RUN 4"
    assert len(lines) <= 12


def test_an_untagged_build_is_called_untagged_build() -> None:
    written = io.StringIO()
    PlainTerminal(written).update(Shown(Started("build", "")).state)
    assert written.getvalue() == "untagged build\n"


def test_a_cancelled_build_is_not_shown_as_failed() -> None:
    written = io.StringIO()
    PlainTerminal(written).end(Shown(Started("build", "a:1"), RunCancelled()).state)
    assert written.getvalue().splitlines()[-1] == "■ cancelled after 2.0 s"


@pytest.mark.parametrize(("number", "more"), [(2, ""), (11, "and 1 more"), (13, "and 3 more")])
def test_warnings_are_shown_at_the_end(number: int, more: str) -> None:
    file, output = io.StringIO(), io.StringIO()
    for display in (PlainTerminal(file), LiveTerminal(Screen(terminal(output)))):
        shown = Shown(*PULL)
        display.begin(shown)
        for each in range(number):
            shown.apply(BuildWarned(f"advice {each}", dockerfile_line=each or None))
        shown.apply(Finished(IMAGE))
        display.end(shown.state)
    plain = [line for line in file.getvalue().splitlines() if "advice" in line or "more" in line]
    assert plain[0] == "  warning: advice 0"
    assert plain[1] == "  warning (line 1): advice 1"
    assert len(plain) == min(number, 10) + bool(more)
    assert more in plain[-1]
    assert [line for line in plain if line not in Text.from_ansi(output.getvalue()).plain] == []


def test_plain_lines_show_every_change_once() -> None:
    file = io.StringIO()
    display = PlainTerminal(file)
    shown = Shown(*PULL)
    display.begin(shown)
    display.update(shown.state)
    display.update(shown.state)
    shown.apply(LogWritten("\x1b[31mDigest\x1b[0m: sha256:1\n"), Finished(IMAGE))
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


def test_a_log_that_is_ahead_of_the_state_is_written_after_the_changes_that_came_before() -> None:
    file = io.StringIO()
    display = PlainTerminal(file)
    shown = Shown(*PULL)
    display.begin(shown)
    earlier = shown.state
    shown.apply(LayerChanged("b" * 12, LayerPhase.DONE, 24_000_000, 24_000_000))
    shown.apply(LogWritten("Digest: sha256:1\n"))
    display.update(earlier)
    display.update(shown.state)
    assert file.getvalue().splitlines()[-2:] == ["bbbbbbbbbbbb: done 24.0 MB", "Digest: sha256:1"]


def test_plain_lines_show_failed_attempts_and_the_error_with_its_hint() -> None:
    file = io.StringIO()
    display = PlainTerminal(file)
    error = AttemptError("ghcr.io", "ghcr.io/owner/env:1", 1, "ImageNotFound", "no such image")
    shown = Shown(*PULL[:2], AttemptFailed(error))
    display.begin(shown)
    shown.apply(Failed(ErrorInfo("ImageNotFound", "no such image", "check the name")))
    display.end(shown.state)
    assert file.getvalue().splitlines() == [
        "pull owner/env:1 · ghcr.io",
        "ghcr.io: no such image",
        "✗ no such image",
        "  → check the name",
    ]


def test_the_live_display_scrolls_the_log_and_ends_with_the_result() -> None:
    output = io.StringIO()
    display = LiveTerminal(Screen(terminal(output)))
    shown = Shown(*PULL, LogWritten("hello\n"))
    display.begin(shown)
    display.update(shown.state)
    shown.apply(Finished(IMAGE))
    display.end(shown.state)
    text = output.getvalue()
    assert text.count("hello") == 1
    assert "from ghcr.io in 2.0 s" in text.splitlines()[-1]
    assert "\x1b[?25h" in text


def test_two_jobs_share_the_terminal_and_leave_it_one_by_one() -> None:
    output = io.StringIO()
    screen = Screen(terminal(output))
    one, two = LiveTerminal(screen), LiveTerminal(screen)
    pull, build = Shown(*PULL), Shown(Started("build", "other:2"))
    one.begin(pull)
    two.begin(build)
    one.update(pull.state)
    two.update(build.state)
    assert "".join(last_drawn(output)).count("owner/env:1 · ghcr.io") == 1
    assert "".join(last_drawn(output)).count("other:2") == 1
    pull.apply(Finished(IMAGE))
    one.end(pull.state)
    assert "\x1b[?25h" not in output.getvalue()
    build.apply(LogWritten("hello\n"))
    two.update(build.state)
    assert "owner/env:1" not in "".join(last_drawn(output))
    build.apply(RunCancelled())
    two.end(build.state)
    assert output.getvalue().count("\x1b[?25h") == 1
    assert output.getvalue().count("from ghcr.io in 2.0 s") == 1


def test_a_failed_build_ends_with_the_failing_lines_of_the_dockerfile() -> None:
    lines = (SourceLine(2, "COPY . ."), SourceLine(3, "RUN make", is_failing=True))
    failed = Failed(ErrorInfo("BuildFailed", "`RUN make` failed.", source_lines=lines))
    shown = Shown(Started("build", "env:1"), failed)
    plain, live = io.StringIO(), io.StringIO()
    for display in (PlainTerminal(plain), LiveTerminal(Screen(terminal(live)))):
        display.begin(shown)
        display.end(shown.state)
    for output in (plain, live):
        text = Text.from_ansi(output.getvalue()).plain
        assert "✗ `RUN make` failed.\n       2 │ COPY . .\n  >    3 │ RUN make" in text


def test_characters_that_a_pipe_cannot_encode_are_replaced() -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    display = PlainTerminal(pipe)
    shown = Shown(Started("build", "env:1"), LogWritten("━━━ 10 MB\nü\n"), Finished(IMAGE))
    display.begin(shown)
    display.end(shown.state)
    pipe.seek(0)
    assert pipe.read().splitlines()[1:] == [
        "??? 10 MB",
        "ü",
        "? owner/env:1 · abababababab · 240 MB · from ghcr.io in 2.0 s",
    ]


def test_a_display_of_failures_is_silent_about_success() -> None:
    written = io.StringIO()
    display = FailureOnly(written)
    shown = Shown(Started("build", "env:1"), LogWritten("hello\n"))
    display.begin(shown)
    display.update(shown.state)
    shown.apply(Finished(IMAGE))
    display.end(shown.state)
    assert not written.getvalue()
    error = ErrorInfo("BuildFailed", "`RUN make` failed.", hint="Install make.")
    display.end(Shown(Started("build", "env:1"), Failed(error)).state)
    assert written.getvalue() == "✗ `RUN make` failed.\n  → Install make.\n"


def test_a_display_of_failures_may_have_the_end_of_the_log() -> None:
    written = io.StringIO()
    display = FailureOnly(written, has_log=True)
    tail = (*(f"line {number}" for number in range(LOG_LINES + 5)), f"\x1b[31m{'x' * 9_000}\x1b[0m")
    error = ErrorInfo("BuildFailed", "`RUN make` failed.", log_tail=tail)
    display.end(Shown(Started("build", "env:1"), Failed(error)).state)
    lines = written.getvalue().splitlines()
    assert lines[0] == "line 6"
    assert len(lines) == LOG_LINES + 1
    assert lines[-2] == f"{'x' * LONGEST_LINE} […]"
    assert lines[-1] == "✗ `RUN make` failed."


@pytest.mark.parametrize(
    ("encoding", "is_terminal", "kind", "can"),
    [
        ("utf-8", True, "xterm", True),
        ("UTF-8", True, "dumb", False),
        ("utf-8", False, "xterm", False),
        ("ascii", True, "xterm", False),
    ],
)
def test_bars_are_drawn_only_where_they_can_be_shown(
    monkeypatch: pytest.MonkeyPatch, encoding: str, is_terminal: bool, kind: str, can: bool
) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(file, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("TERM", kind)
    assert can_draw(file) is can


@pytest.mark.parametrize(("columns", "lines"), [("0", "24"), ("80", "0"), ("0", "0"), ("00", "00")])
def test_a_terminal_without_columns_or_rows_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, columns: str, lines: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", lines)
    output = io.StringIO()
    display = LiveTerminal(Screen(Console(file=output, force_terminal=True)))
    shown = Shown(*PULL)
    display.begin(shown)
    display.update(shown.state)
    assert "owner/env:1 · ghcr.io" in "".join(last_drawn(output))
    shown.apply(Failed(ErrorInfo("ImageNotFound", "no such image", "check the name")))
    display.end(shown.state)
    text = Text.from_ansi(output.getvalue()).plain
    # Older versions of rich leave out the newline at the end.
    assert text.rstrip("\n").endswith("✗ no such image\n  → check the name")
    assert output.getvalue().endswith("\n")
