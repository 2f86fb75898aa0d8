"""Each thread waits for a job as suits it, and cancels the job if its wait is interrupted."""

import asyncio
import sys
import threading
from types import ModuleType

import pytest

from imagewidget.engine.failure.errors import Cancelled
from imagewidget.jobs import waiting
from imagewidget.jobs.job import Job
from imagewidget.jobs.painter import Painter
from imagewidget.jobs.run import Run
from imagewidget.progress.events import Image
from imagewidget.progress.state import Phase, State
from tests.unit.jobs.operations import IMAGE, endless, eventually, failing, quick
from tests.unit.jobs.witness import Witness


def test_a_job_can_be_awaited() -> None:
    async def both() -> list[Image]:
        return list(await asyncio.gather(Job(quick), Job(quick)))

    assert asyncio.run(both()) == [IMAGE, IMAGE]


def test_awaiting_a_job_leaves_the_loop_free() -> None:
    async def scenario() -> None:
        job = Job(endless)
        asyncio.get_running_loop().call_later(0.05, job.cancel)
        with pytest.raises(Cancelled):
            await job

    asyncio.run(scenario())


def test_an_abandoned_await_cancels_the_job() -> None:
    async def scenario() -> Job:
        job = Job(endless)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(job, 0.05)
        return job

    job = asyncio.run(scenario())
    assert job.wait(10)
    assert job.state.phase is Phase.CANCELLED


def test_in_colab_the_waiting_cell_draws_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    here = threading.get_ident()
    drawn: list[int] = []

    class Drawn(Witness):
        def update(self, state: State) -> None:
            super().update(state)
            drawn.append(threading.get_ident())
            if drawn.count(here) == 5:
                job.cancel()

        def end(self, state: State) -> None:
            super().end(state)
            drawn.append(threading.get_ident())

    job = Job(endless, displays=(Drawn(),))
    assert job.wait(10)
    assert drawn.count(here) == 6
    assert set(drawn[drawn.index(here) :]) == {here}


def test_in_colab_an_interrupted_wait_still_draws_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    job = Job(endless)
    waits: list[float | None] = []

    def draw(run: Run, painter: Painter, timeout: float | None) -> bool:
        waits.append(timeout)
        if len(waits) == 1:
            raise KeyboardInterrupt
        return draw_meanwhile(run, painter, timeout)

    draw_meanwhile = waiting._draw_meanwhile
    monkeypatch.setattr(waiting, "_draw_meanwhile", draw)
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert len(waits) == 2
    assert job.state.phase is Phase.CANCELLED


def test_in_colab_a_job_that_nobody_waits_for_is_drawn_and_can_be_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    display = Witness()
    job = Job(failing, displays=(display,))
    eventually(lambda: job.done() and len(display.closed) == 1)
    job.retry()
    assert job.wait(10)
    assert len(display.closed) == 2


def test_an_interrupted_wait_cancels_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(endless)
    eventually(lambda: len(job.log) == 1)
    waits = [KeyboardInterrupt]

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if waits:
                raise waits.pop()
            return super().wait(timeout)

    monkeypatch.setattr(job._run, "at_rest", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert job.state.phase is Phase.CANCELLED
