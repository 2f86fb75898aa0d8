"""Draw the runs of a job on its displays, from the first frame to the last.

There are three locks, which are always acquired in this order:

1. The *turn*: held by the thread that may draw. The job's drawing thread acquires it
   for one frame at a time, also for the last one. A cell that waits in Colab holds it
   for as long as it waits, so that it draws every frame itself.
2. :attr:`Painter.lock`, which is reentrant: held while displays are called, and
   while a display is attached or a retry starts.
3. The run's lock: held while an event is applied or a state is read. Nothing that is
   called under it can acquire one of the others.

Displays and their observers are thus called under 2: a drawing thread also holds 1,
a thread that attaches a display or retries the job does not. They may call anything
on the job, because 2 is reentrant, and because a thread that is calling a display
never acquires 1: an observer that waits for the job waits only for the work, not for
the frame that is being drawn at that moment (see :attr:`Painter.is_calling`). The one
thing an observer must not do is wait for another thread that asks the same job for
its panel, a retry or another display.

Callbacks given to :meth:`Painter.when_ended` are called under none of the three: the
thread that drew the last frame releases 1 and 2 first. A callback may thus retry the
job and wait for it. (An observer that adds a callback after the end calls it itself,
under 2, and may do all that an observer may do.)
"""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from imagewidget.jobs import forking
from imagewidget.jobs.run import Run
from imagewidget.progress.display import Display, Watched

FRAME_SECONDS = 1 / 9  # a little more often than a panel may send frames: see panel/budget.py
_logger = logging.getLogger(__name__)


Callback = Callable[[], object]


class Painter:
    """The displays of one job, and the thread that draws on them.

    All methods may be called from any thread. Exceptions of a display are logged,
    never propagated, with one exception: an interrupt (:exc:`KeyboardInterrupt`,
    :exc:`SystemExit` and whatever else is not an :exc:`Exception`) reaches a caller on a
    thread that is not the painter's own, for it is meant for that thread.

    Attributes:
        lock: Held while displays are called. Hold it also across a check of what they
            show (has the run ended? is there a panel?) and the action that depends on it.
    """

    def __init__(self, displays: Iterable[Display]) -> None:
        self.lock = threading.RLock()
        self._displays = list(displays)
        self._turn = threading.Lock()
        self._caller: int | None = None  # the thread that is calling displays, if any
        self._callbacks: list[Callback] = []
        self._ending: Run | None = None  # the run whose last frame is drawn, or was
        forking.watch(self)

    def leave_to_parent(self) -> None:
        """Release the locks in a forked child: no thread draws there."""
        self.lock = threading.RLock()
        self._turn = threading.Lock()
        self._caller = None

    @property
    def displays(self) -> tuple[Display, ...]:
        """The displays attached so far."""
        return tuple(self._displays)

    @property
    def is_calling(self) -> bool:
        """Whether the current thread is in the middle of a call to a display."""
        return threading.get_ident() == self._caller

    def begin(self, job: Watched) -> None:
        """Start showing the next run of `job`, which has not been started yet."""
        with self._calling():
            _tell(self.displays, "begin", job)

    def start(self, job: Watched, run: Run) -> None:
        """Draw `run`, which has been started, on a thread that keeps `job` alive meanwhile."""
        _Drawing(job, partial(self._draw, job, run)).start()

    def abandon(self, job: Watched, run: Run) -> None:
        """Draw the last frame of `run`, whose start was interrupted; do not wait for it.

        That happens on another thread, because the caller may hold the lock.
        """
        try:
            self.start(job, run)
        except RuntimeError:  # there can be no further thread
            run.end()

    def attach(self, display: Display, job: Watched, run: Run) -> None:
        """Show `run` in another display, whether or not it has ended; not if interrupted."""
        with self._calling():
            self._displays.append(display)
            try:
                _tell([display], "begin", job)
                if run.ended.is_set() or run is self._ending:
                    _tell([display], "end", run.state)
            except BaseException:
                self._displays.remove(display)
                raise

    @contextlib.contextmanager
    def turn(self, timeout: float = -1) -> Iterator[bool]:
        """Acquire the turn to draw, and hold it for the block.

        Args:
            timeout: Seconds to wait for it; -1 waits forever.

        Yields:
            Whether the turn was acquired.
        """
        turn = self._turn
        is_taken = turn.acquire(timeout=timeout)
        try:
            yield is_taken
        finally:
            if is_taken:
                turn.release()

    def update(self, run: Run) -> None:
        """Draw one frame, unless the last one was drawn. Only for a thread that holds the turn."""
        if not run.ended.is_set():
            self._show("update", run)

    def end(self, run: Run) -> list[Callback]:
        """Draw the last frame, if not done yet. Only for a thread that holds the turn.

        Returns:
            What :func:`call_each` must be called with once the turn has been released.
        """
        with self.lock:
            if run.ended.is_set():
                return []
            self._ending = run
            self._show("end", run)
            run.end()
            callbacks, self._callbacks = self._callbacks, []
        return callbacks

    def when_ended(self, run: Run, callback: Callback, *, is_first: bool = False) -> None:
        """Call `callback`, on any thread, once every display shows the end of `run`.

        Args:
            run: The run.
            callback: The function to call; its exceptions are logged.
            is_first: Call it before the others, which may take their time.
        """
        with self.lock:
            if not run.ended.is_set():
                self._callbacks.insert(0 if is_first else len(self._callbacks), callback)
                return
        call_each([callback])

    def _draw(self, _job: Watched, run: Run) -> None:
        """Draw a frame nine times a second until the work is done, then the last one."""
        try:
            while not run.wait(FRAME_SECONDS):
                with self.turn(timeout=0) as is_taken:
                    if is_taken:
                        self.update(run)
            with self.turn():
                callbacks = self.end(run)
        finally:  # even if an exception cannot be logged, somebody waits for the end
            run.wait(threading.TIMEOUT_MAX)
            run.end()
        call_each(callbacks)

    def _show(self, how: str, run: Run) -> None:
        with self._calling():
            try:
                state = run.state
            except Exception:
                _logger.exception("a frame could not be drawn")
                return
            # Without those that an observer attaches meanwhile: `attach` draws them.
            _tell(self.displays, how, state)

    @contextlib.contextmanager
    def _calling(self) -> Iterator[None]:
        """Hold the lock while displays are called, and record which thread calls them."""
        with self.lock:
            before, self._caller = self._caller, threading.get_ident()
            try:
                yield
            finally:
                self._caller = before


class _Drawing(threading.Thread):
    """The thread that draws one run of a job, and then calls its callbacks."""

    def __init__(self, job: Watched, draw: Callback) -> None:
        super().__init__(target=draw, name="imagewidget-draw", daemon=True)
        self.job = weakref.ref(job)  # `draw` keeps it alive, but no longer than necessary


def join(jobs: Collection[Watched]) -> None:
    """Wait until no thread draws any of `jobs` or calls their callbacks, which may retry them."""
    while threads := [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, _Drawing) and thread.job() in jobs
    ]:
        for thread in threads:
            thread.join()


def call_each(callbacks: Iterable[Callback], failure: str = "a callback failed") -> None:
    """Call every callback in order, and log the exceptions.

    An interrupt is raised after the last call, unless this is a painter's own thread: no
    exception may end that, and nobody is there to be interrupted.

    Args:
        callbacks: The functions to call.
        failure: What to log with an exception.
    """
    interrupts = [interrupt for callback in callbacks if (interrupt := _call(callback, failure))]
    if interrupts:
        raise interrupts[0]


def _call(callback: Callback, failure: str) -> BaseException | None:
    """Call a callback, and log its exception; but return an interrupt of the caller's thread."""
    try:
        callback()
    except BaseException as error:
        is_own = isinstance(threading.current_thread(), _Drawing)
        if not is_own and not isinstance(error, Exception):
            return error
        _logger.exception(failure)
    return None


def _tell(displays: Iterable[Display], how: str, argument: object) -> None:
    """Call a method of every display; their exceptions must not end the job."""

    def tell(display: Display) -> None:
        getattr(display, how)(argument)

    call_each((partial(tell, display) for display in displays), "a display failed")
