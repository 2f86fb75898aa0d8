"""Draws the runs of a job on its displays, from the first frame to the last.

Three locks, taken in this order and never in another:

1. The *turn*: held by the thread whose turn it is to draw. The job's drawing
   thread takes it for one frame at a time, and for the last one. A cell that waits
   in Colab holds it for as long as it waits, so that every frame is its own.
2. :attr:`Painter.lock`, which is reentrant: held while displays are called, and
   while what they show is exchanged (a display is attached, a retry begins).
3. A run's own lock: held while an event is applied or a state is read. Nothing
   is called under it that could take one of the others.

So a display, and whatever observes it, is called under 2: on a thread that draws
under 1 and 2, on one that attaches it or retries the job under 2 alone. It may ask
the job for anything, because 2 is reentrant, and because a thread that is calling
a display never takes 1: a wait that an observer asks for is one for the work, not
for the frame that is being drawn around it (see :attr:`Painter.is_calling`). Only
for another thread that asks the same job for its panel, a retry or one more
display must it not wait. What :meth:`Painter.when_ended` took is called under 1
alone, or under none.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from imagewidget.jobs.run import Run
from imagewidget.progress.display import Display, Watched

FRAME_SECONDS = 1 / 9  # ten a second would leave the panel no message for anything else
_logger = logging.getLogger(__name__)


class Painter:
    """The displays of one job, and the thread that draws on them.

    Everything here may be called from any thread. No fault of a display escapes.

    Attributes:
        lock: Held while displays are called. Whoever decides by what they show
            (has it ended? is there a panel?) holds it meanwhile.
    """

    def __init__(self, displays: Iterable[Display]) -> None:
        self.lock = threading.RLock()
        self._displays = list(displays)
        self._turn = threading.Lock()
        self._caller: int | None = None  # the thread that calls displays, while it does
        self._callbacks: list[Callable[[], None]] = []

    @property
    def displays(self) -> tuple[Display, ...]:
        """All there are by now."""
        return tuple(self._displays)

    @property
    def is_calling(self) -> bool:
        """Whether this very thread is in the middle of a call to a display."""
        return threading.get_ident() == self._caller

    def begin(self, job: Watched) -> None:
        """Begin to show the next run of `job`, which is not started yet."""
        with self._calling():
            for display in self.displays:
                _guarded(display, "begin", job)

    def start(self, job: Watched, run: Run) -> None:
        """Draw `run`, which is started, on a thread that keeps `job` until it has ended."""
        threading.Thread(
            target=self._draw, args=(job, run), name="imagewidget-draw", daemon=True
        ).start()

    def attach(self, display: Display, job: Watched, run: Run) -> None:
        """Show `run` in one more display, whatever it is doing."""
        with self._calling():
            self._displays.append(display)
            _guarded(display, "begin", job)
            if run.ended.is_set():
                _guarded(display, "end", run.state)

    @contextlib.contextmanager
    def turn(self, timeout: float = -1) -> Iterator[bool]:
        """Take the turn to draw and keep it for the block.

        Args:
            timeout: Seconds to wait for it; -1 waits as long as it takes.

        Yields:
            Whether the turn was taken.
        """
        is_taken = self._turn.acquire(timeout=timeout)
        try:
            yield is_taken
        finally:
            if is_taken:
                self._turn.release()

    def update(self, run: Run) -> None:
        """Draw one frame. Only for a thread that has the turn."""
        self._show("update", run)

    def end(self, run: Run) -> None:
        """Draw the last frame, unless that was done. Only for a thread that has the turn."""
        with self.lock:
            if run.ended.is_set():
                return
            self._show("end", run)
            run.ended.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def when_ended(self, run: Run, callback: Callable[[], None]) -> None:
        """Call back once every display shows the end of `run`, on whatever thread that is."""
        with self.lock:
            if not run.ended.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def _draw(self, _job: Watched, run: Run) -> None:
        """Draw a frame nine times a second until the work is done, and the last one."""
        while not run.wait(FRAME_SECONDS):
            with self.turn(timeout=0) as is_taken:
                if is_taken:
                    self.update(run)
        with self.turn():
            self.end(run)

    def _show(self, how: str, run: Run) -> None:
        with self._calling():
            try:
                state = run.state
                # The list itself: a display that an observer attaches now is drawn, too.
                for display in self._displays:
                    _guarded(display, how, state)
            except Exception:
                _logger.exception("a frame could not be drawn")

    @contextlib.contextmanager
    def _calling(self) -> Iterator[None]:
        """Hold the lock while displays are called, and note who calls them."""
        with self.lock:
            before, self._caller = self._caller, threading.get_ident()
            try:
                yield
            finally:
                self._caller = before


def _guarded(display: Display, how: str, argument: Any) -> None:
    """Call a method of a display; its faults must not end the job."""
    try:
        getattr(display, how)(argument)
    except Exception:
        _logger.exception("a display failed")
