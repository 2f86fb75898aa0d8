"""A child of `os.fork()` has jobs but none of their threads: it waits for none of them."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")

# The display forks, so that the locks of the painter and of the run are held.
SCRIPT = """
import os, sys, threading
from imagewidget.jobs import showing
from imagewidget.jobs.job import Job
from tests.unit.jobs.operations import IMAGE, LogWritten
from tests.unit.jobs.witness import Witness

forked, held = threading.Event(), threading.Event()

def operation(cancel, clock):
    yield LogWritten("working\\n")
    forked.wait(30)
    return IMAGE

class Holding(Witness):
    def update(self, state):
        with job._run._lock:
            held.set()
            forked.wait(30)

job = Job(operation, displays=(Holding(),))
showing.show(job, ())
held.wait(30)
if os.fork() == 0:
    {child}
    sys.exit(7)
forked.set()
print("parent", os.waitstatus_to_exitcode(os.wait()[1]), job.result(30) == IMAGE)
"""

LOOKS = """
    print(job.state.phase.value, job.done(), job.cancel(), job.wait(), repr(job)[:4])
    for ask in (job.result, job.exception):
        try:
            ask()
        except RuntimeError as error:
            print(error)
    job.retry()
    job.add_done_callback(print)
    job.attach(Witness())
"""

STARTS = """
    other = Job(operation)
    forked.set()
    showing.show(other, ())
    other.add_done_callback(lambda job: print("child", job.result(0) == IMAGE))
"""


def lines(child: str) -> list[str]:
    """Run a script that forks a child, and return the lines that both write."""
    command = [sys.executable, "-c", SCRIPT.format(child=child.strip() or "pass")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not ended.stderr
    return ended.stdout.splitlines()


def test_a_child_that_exits_does_not_wait_for_the_jobs_of_its_parent() -> None:
    assert lines("") == ["parent 7 True"]


def test_a_child_can_look_at_a_job_and_is_told_where_it_runs() -> None:
    reason = (
        "The job runs in the process that started it, and not in this one, which was forked "
        "from it. Wait for it there, or start another job here."
    )
    assert lines(LOOKS) == [
        "queued False False False <Job",
        reason,
        reason,
        "parent 7 True",
    ]


def test_a_child_can_start_jobs_of_its_own_and_waits_for_them() -> None:
    assert lines(STARTS) == ["child True", "parent 7 True"]
