"""A job in a terminal: live bars on a tty, plain lines everywhere else."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from imagewidget.displays import words
from imagewidget.displays.room import LOG_LINES, cut_line
from imagewidget.progress.display import Watched
from imagewidget.progress.events import LayerPhase, StepStatus
from imagewidget.progress.log import Log
from imagewidget.progress.state import LayerState, Phase, State, StepState
from imagewidget.progress.text import figures
from imagewidget.progress.text.safe_text import without_colours

_STYLES = {
    StepStatus.PENDING: "dim",
    StepStatus.RUNNING: "cyan",
    StepStatus.CACHED: "blue",
    StepStatus.DONE: "green",
    StepStatus.FAILED: "red",
    StepStatus.CANCELLED: "yellow",
}
_BAR_WIDTH = 28
_FRAME_ROWS = 4
_WARNINGS = 10
_COLUMNS, _ROWS = 80, 24


class Screen:
    """A terminal on which any number of jobs draw their frames, one below the other.

    All methods may be called from any thread.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = _with_size(console or Console())
        self._lock = threading.Lock()
        self._states: dict[LiveTerminal, State] = {}
        self._live: Live | None = None

    def draw(self, job: LiveTerminal, state: State, lines: Iterable[str]) -> None:
        """Draw a job's frame, and print its new log lines above all frames."""
        with self._lock:
            self._states[job] = state
            if self._live is None:
                self._live = Live(console=self._console, auto_refresh=False, transient=True)
                self._live.start()
            for line in lines:
                self._console.print(Text.from_ansi(line), soft_wrap=True)
            self._redraw(self._live)

    def leave(self, job: LiveTerminal, ending: Text) -> None:
        """Replace a job's frame with its ending; release the terminal if no frame is left."""
        with self._lock:
            self._states.pop(job, None)
            if self._live is not None and self._states:
                self._console.print(ending)
                self._redraw(self._live)
                return
            if self._live is not None:
                self._live.stop()
                self._live = None
            self._console.print(ending)

    def _redraw(self, live: Live) -> None:
        rows = self._console.height // len(self._states) - _FRAME_ROWS
        frames = (frame(state, max(1, rows)) for state in self._states.values())
        live.update(Group(*frames), refresh=True)


def _with_size(console: Console) -> Console:
    """Correct a console that has no columns or no rows, as rich believes if `COLUMNS` is 0."""
    if min(console.size) < 1:
        # This ignores the variables if they are 0, and some Python versions return 0.
        found = shutil.get_terminal_size()
        if console.width < 1:
            console.width = found.columns or _COLUMNS
        if console.height < 1:
            console.height = found.lines or _ROWS
    return console


_SCREEN = Screen()


def screen_on(file: TextIO) -> Screen:
    """Return a screen on a terminal other than standard output."""
    return Screen(Console(file=file))


def can_draw(file: TextIO) -> bool:
    """Return whether bars can be drawn on a stream: it is a terminal that can show them."""
    encoding = getattr(file, "encoding", None) or ""
    is_capable = encoding.lower().startswith("utf") and os.environ.get("TERM") != "dumb"
    return is_capable and file.isatty()


class LiveTerminal:
    """Bars that move in place, with the log scrolling by above them."""

    def __init__(self, screen: Screen = _SCREEN) -> None:
        self._screen = screen
        self._log = _Reader()

    def begin(self, job: Watched) -> None:
        """Start drawing."""
        self._log = _Reader(job.log)

    def update(self, state: State) -> None:
        """Draw one frame."""
        self._screen.draw(self, state, self._log.new_lines(state))

    def end(self, state: State) -> None:
        """Draw the last frame, and replace it with the ending."""
        self.update(state)
        self._screen.leave(self, _ending(state))


class PlainTerminal:
    """One line for each change, for pipes, files and CI logs."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._log = _Reader()
        self._printed: set[str] = set()

    def begin(self, job: Watched) -> None:
        """Start writing."""
        self._log = _Reader(job.log)
        self._printed = set()

    def update(self, state: State) -> None:
        """Write what changed: at most one line for every phase of a layer or step."""
        operation = f"{state.operation} " if state.reference else ""
        self._print_once("operation", f"{operation}{words.title(state)}")
        for number, attempt in enumerate(state.attempts):
            if attempt.error is not None:
                message = f"{attempt.registry}: {attempt.error.message}"
                self._print_once(f"attempt {number}", message)
        for layer in state.layers:
            self._print_once(f"{layer.id} {layer.phase}", _plain_layer(layer))
        for step in state.steps:
            self._print_once(f"{step.id} {step.status}", _plain_step(step))
        for line in self._log.new_lines(state):
            self._print(without_colours(line))

    def end(self, state: State) -> None:
        """Write the last changes and the ending."""
        self.update(state)
        self.write_ending(state)

    def write_tail(self, lines: Sequence[str]) -> None:
        """Write the last lines of a log."""
        for line in lines[-LOG_LINES:]:
            self._print(cut_line(without_colours(line)))

    def write_ending(self, state: State) -> None:
        """Write how the job ended."""
        self._print(_ending(state).plain)

    def _print_once(self, key: str, line: str) -> None:
        if line and key not in self._printed:
            self._printed.add(key)
            self._print(line)

    def _print(self, line: str) -> None:
        file = self._file or sys.stdout
        encoding = getattr(file, "encoding", None) or "utf-8"  # a pipe on Windows has no `✓`
        print(line.encode(encoding, "replace").decode(encoding), file=file, flush=True)


class FailureOnly:
    """Nothing, unless the job fails or is cancelled: then only its ending.

    Args:
        file: What to write to; None for standard output.
        has_log: Whether the last lines of the log of the step that failed come before it.
    """

    def __init__(self, file: TextIO | None = None, *, has_log: bool = False) -> None:
        self._plain = PlainTerminal(file)
        self._has_log = has_log

    def begin(self, job: Watched) -> None:
        """Do nothing."""

    def update(self, state: State) -> None:
        """Do nothing."""

    def end(self, state: State) -> None:
        """Write why the job did not succeed."""
        if self._has_log and state.error is not None:
            self._plain.write_tail(state.error.log_tail)
        if state.phase is not Phase.DONE:
            self._plain.write_ending(state)


class _Reader:
    """Reads the lines of a log that it has not read yet."""

    def __init__(self, log: Log | None = None) -> None:
        self._log = log
        self._read = 0

    def new_lines(self, state: State) -> list[str]:
        """Return the lines up to those that the state knows; the log may have more by now."""
        if self._log is None:
            return []
        lines = self._log.lines(self._read, state.log_length)
        self._read = state.log_length
        return [line.text for line in lines]


def frame(state: State, rows: int) -> RenderableType:
    """Return a state for rich to draw, in about `rows` lines at most."""
    head = Text(words.title(state), style="bold", overflow="ellipsis", no_wrap=True)
    facts = [
        words.phase(state),
        words.attempt(state.attempts),
        words.transferred(state),
        words.speed(state),
        words.time_left(state),
        figures.duration(state.elapsed),
    ]
    overall = Table.grid(padding=(0, 1))
    overall.add_row(_bar(state.fraction), Text(" · ".join(fact for fact in facts if fact)))
    layers = [layer for layer in state.layers if not layer.phase.is_final]
    grid = Table.grid(padding=(0, 1))
    for layer in layers[:rows]:
        grid.add_row(*_layer_row(layer))
    for step in _visible_steps(state, rows - len(layers[:rows])):
        mark, style = words.STEP_MARKS[step.status], _STYLES[step.status]
        grid.add_row(Text(mark, style=style), Text(_plain_step(step)))
    finished = len(state.layers) - len(layers)
    folded = [Text(f"{finished} of {len(state.layers)} layers done", style="dim")] * bool(finished)
    return Group(head, overall, *folded, grid)


def _layer_row(layer: LayerState) -> tuple[RenderableType, ...]:
    if layer.phase is LayerPhase.EXTRACTING:
        done, total = layer.extracted, layer.extract_total
    else:
        done, total = layer.current, layer.total
    amount = figures.progress(done, total) if total else ""
    if layer.phase is LayerPhase.EXTRACTING and layer.extract_seconds is not None:
        amount = words.layer_amount(layer)
    known = done / total if total else (0.0 if layer.phase is LayerPhase.QUEUED else None)
    return Text(layer.id), _bar(known), Text(words.LAYER_WORDS[layer.phase]), Text(amount)


_NEED = {StepStatus.RUNNING: 0, StepStatus.FAILED: 0, StepStatus.PENDING: 2}


def _visible_steps(state: State, rows: int) -> list[StepState]:
    """Return the steps that matter most: running and failed ones, then those that ended last."""
    steps = [step for step in state.steps if step.name]
    by_need = sorted(range(len(steps)), key=lambda i: (_NEED.get(steps[i].status, 1), -i))
    return [steps[i] for i in sorted(by_need[: max(1, rows)])]


def _bar(fraction: float | None) -> ProgressBar:
    """Return a bar, which pulses if the fraction is unknown."""
    if fraction is None:
        return ProgressBar(total=None, pulse=True, width=_BAR_WIDTH)
    return ProgressBar(total=1.0, completed=fraction, width=_BAR_WIDTH)


def _plain_layer(layer: LayerState) -> str:
    if layer.phase is LayerPhase.QUEUED:
        return ""
    amount = f" {figures.size(layer.total)}" if layer.total else ""
    return f"{layer.id}: {words.LAYER_WORDS[layer.phase]}{amount}"


def _plain_step(step: StepState) -> str:
    if not step.name:
        return ""
    place = f"{step.stage} {step.number}/{step.count}".strip() if step.number else ""
    prefix = f"[{place}] " if place else ""
    ended = step.status.is_final and step.duration is not None
    took = f" {figures.duration(step.duration)}" if ended and step.duration is not None else ""
    status = "" if step.status is StepStatus.RUNNING else f" … {step.status.value}{took}"
    return f"{prefix}{step.name}{status}"


_ENDINGS = {Phase.DONE: "green", Phase.FAILED: "red", Phase.CANCELLED: "yellow"}


def _ending(state: State) -> Text:
    text = Text(f"{words.mark(state)} {words.summary(state)}", style=_ENDINGS[state.phase])
    shown = state.warnings[:_WARNINGS]
    for one in shown:
        text.append(f"\n  {words.warning(one)}", style="yellow")
    more = len(state.warnings) - len(shown) + state.more_warnings
    if more:
        text.append(f"\n  {words.more_warnings(more)}", style="yellow")
    if state.phase is Phase.DONE:
        return text
    if state.error is not None and state.error.hint:
        text.append(f"\n  → {state.error.hint}", style="yellow")
    for line in state.error.source_lines if state.error is not None else ():
        text.append(f"\n  {words.source_row(line)}", style="" if line.is_failing else "dim default")
    return text
