"""Pulling from registries in turn, with several tries at each; nothing here waits.

The engine is scripted, for cases that a real engine cannot produce on demand;
`tests/engine/pull/test_pull.py` uses real engines.
"""

import gc
import socket
import threading
import time
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import (
    AccessDenied,
    Cancelled,
    DiskFull,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
    PullFailed,
    RateLimited,
    Stalled,
)
from imagewidget.engine.pull.pull import pull
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.events import (
    AttemptFailed,
    AttemptStarted,
    Image,
    LayerChanged,
    LogWritten,
    RetryScheduled,
)
from tests.scripted import Answer, ScriptedEngine, failure
from tests.unit.engine.pull.pulling import (
    DENIED,
    DIGEST,
    DOWN,
    ID,
    LIMITED,
    NOT_FOUND,
    REGISTRIES,
    SERVED,
    Run,
)


def test_an_image_is_pulled_from_docker_hub_by_default(scripted: ScriptedEngine) -> None:
    scripted.pulls = [SERVED]

    run = Run(scripted)

    assert run.image == Image(ID, "owner/env:1", DIGEST, 7, "docker.io")
    assert run.attempts == [("docker.io", 1)]
    assert sum(isinstance(event, LayerChanged) for event in run.events) == 2
    (asked,) = scripted.asked_for("/images/create")
    assert asked.query == {"fromImage": "docker.io/owner/env", "tag": "1"}
    assert scripted.asked_for("/tag") == []


def test_the_digest_is_the_one_that_the_pull_reported(scripted: ScriptedEngine) -> None:
    older = "sha256:" + "0" * 64
    digests = [f"owner/env@{older}", f"owner/env@{DIGEST}"]
    scripted.images["docker.io/owner/env:1"] = {"Id": ID, "Size": 7, "RepoDigests": digests}
    scripted.pulls = [SERVED]

    image = Run(scripted).image

    assert image is not None
    assert image.digest == DIGEST


def test_an_image_from_another_registry_is_tagged_with_the_requested_name(
    scripted: ScriptedEngine,
) -> None:
    scripted.pulls = [SERVED]

    run = Run(scripted, registries=REGISTRIES)

    assert run.image == Image(ID, "owner/env:1", DIGEST, 7, "ghcr.io")
    (asked,) = scripted.asked_for("/tag")
    assert asked.path == f"/v1.45/images/{ID}/tag"
    assert asked.query["repo"] == "docker.io/owner/env"
    assert "Tagged ghcr.io/owner/env:1 as owner/env:1" in run.log


def test_a_registry_in_the_name_is_the_only_one_tried(scripted: ScriptedEngine) -> None:
    scripted.pulls = [NOT_FOUND, SERVED]

    run = Run(scripted, "ghcr.io/owner/env:1", registries=REGISTRIES)

    assert run.attempts == [("ghcr.io", 1)]
    assert isinstance(run.error, ImageNotFound)


def test_the_next_registry_is_tried_after_three_failures(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN, DOWN, DOWN, SERVED]

    run = Run(scripted, registries=REGISTRIES)

    assert run.image is not None
    assert run.image.source == "docker.io"
    assert run.attempts == [("ghcr.io", 1), ("ghcr.io", 2), ("ghcr.io", 3), ("docker.io", 1)]
    assert run.cancel.waits == [pytest.approx(1.0, rel=0.1), pytest.approx(2.0, rel=0.1)]


def test_each_wait_is_reported_before_it_begins(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN, DOWN, SERVED]

    run = Run(scripted)

    kinds = [type(e) for e in run.events if not isinstance(e, LogWritten | LayerChanged)]
    assert kinds == [
        AttemptStarted,
        AttemptFailed,
        RetryScheduled,
        AttemptStarted,
        AttemptFailed,
        RetryScheduled,
        AttemptStarted,
    ]
    assert [e.delay for e in run.events if isinstance(e, RetryScheduled)] == run.cancel.waits


def test_each_registry_has_its_own_number_of_attempts(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN]

    run = Run(scripted, registries=REGISTRIES, retry=RetryPolicy(attempts=2))

    assert run.attempts == [("ghcr.io", 1), ("ghcr.io", 2), ("docker.io", 1), ("docker.io", 2)]
    assert isinstance(run.error, PullFailed)
    assert [(a.registry, a.number, a.kind) for a in run.error.attempts] == [
        (registry, number, "RegistryUnavailable") for registry, number in run.attempts
    ]


@pytest.mark.parametrize("answer", [NOT_FOUND, DENIED, LIMITED])
def test_after_a_permanent_error_the_next_registry_is_tried_at_once(
    scripted: ScriptedEngine, answer: Answer
) -> None:
    scripted.pulls = [answer, SERVED]

    run = Run(scripted, registries=REGISTRIES)

    assert run.attempts == [("ghcr.io", 1), ("docker.io", 1)]
    assert run.cancel.waits == []
    assert run.image is not None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(NOT_FOUND, ImageNotFound), (DENIED, AccessDenied), (LIMITED, RateLimited)],
)
def test_a_single_try_raises_its_own_error(
    scripted: ScriptedEngine,
    answer: Answer,
    kind: type[DockerError],
) -> None:
    scripted.pulls = [answer]

    run = Run(scripted)

    assert type(run.error) is kind
    assert run.error.hint


def test_several_tries_raise_an_error_that_lists_them(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN, DOWN, DOWN, NOT_FOUND]

    run = Run(scripted, registries=REGISTRIES)

    assert isinstance(run.error, PullFailed)
    assert run.error.message == (
        "owner/env:1 could not be pulled: ghcr.io failed (3 attempts), docker.io does not have it."
    )
    assert [attempt.kind for attempt in run.error.attempts] == [
        *["RegistryUnavailable"] * 3,
        "ImageNotFound",
    ]
    assert "status page" in run.error.hint
    assert "docker login" in run.error.hint
    assert type(run.error.__cause__) is ImageNotFound


def test_an_empty_list_of_registries_is_an_error(scripted: ScriptedEngine) -> None:
    run = Run(scripted, registries=())

    assert isinstance(run.error, ImageNotFound)
    assert "registries=" in run.error.hint
    assert scripted.asked == []


def test_an_error_in_the_stream_is_treated_like_an_http_error(scripted: ScriptedEngine) -> None:
    scripted.pulls = [failure("unexpected EOF"), failure("manifest unknown")]

    run = Run(scripted)

    assert run.attempts == [("docker.io", 1), ("docker.io", 2)]
    assert isinstance(run.error, PullFailed)


def test_an_error_in_the_stream_leaves_no_connection_open(scripted: ScriptedEngine) -> None:
    scripted.pulls = [failure("manifest unknown")]

    run = Run(scripted)

    assert run.error is not None  # its traceback keeps the stream's reader alive
    sockets = [each for each in gc.get_objects() if isinstance(each, socket.socket)]
    engine = str(scripted.path)
    assert [each for each in sockets if each.fileno() >= 0 and _peer(each) == engine] == []


def _peer(connected: socket.socket) -> object:
    try:
        return connected.getpeername()
    except OSError:
        return None


def test_a_full_disk_ends_the_pull(scripted: ScriptedEngine) -> None:
    scripted.pulls = [failure("write /var/lib/docker/tmp/x: no space left on device"), SERVED]

    run = Run(scripted, registries=REGISTRIES)

    assert isinstance(run.error, DiskFull)
    assert run.attempts == [("ghcr.io", 1)]


def test_a_missing_engine_ends_the_pull_at_once(tmp_path: Path) -> None:
    scripted = ScriptedEngine(tmp_path)
    scripted.stop()

    run = Run(scripted, registries=REGISTRIES)

    assert isinstance(run.error, EngineUnavailable)
    assert run.cancel.waits == []


def test_a_restarting_engine_is_tried_again(scripted: ScriptedEngine) -> None:
    scripted.pulls = [Answer(SERVED.messages[:2], ending="cut"), SERVED]

    run = Run(scripted)

    assert run.image is not None
    assert len(run.cancel.waits) == 1
    failed = next(event for event in run.events if isinstance(event, AttemptFailed))
    assert failed.error.kind == "EngineUnavailable"


def test_an_engine_that_does_not_come_back_is_reported(scripted: ScriptedEngine) -> None:
    scripted.pulls = [Answer(ending="cut")]

    run = Run(scripted, registries=REGISTRIES)

    assert isinstance(run.error, EngineUnavailable)
    assert run.attempts == [("ghcr.io", 1), ("ghcr.io", 2), ("ghcr.io", 3)]


@pytest.mark.parametrize("garbage", [b"<html>\r\n", b'{"status": \r\n', b"\xff\xfe\r\n", b"}{"])
def test_a_stream_that_is_not_json_raises_a_docker_error(
    scripted: ScriptedEngine,
    garbage: bytes,
) -> None:
    scripted.pulls = [Answer([garbage])]

    run = Run(scripted, retry=RetryPolicy(attempts=1))

    assert isinstance(run.error, DockerError)


def test_a_stall_is_detected_and_tried_again(scripted: ScriptedEngine) -> None:
    silent, halting = Answer(is_silent=True), Answer(SERVED.messages[:1], ending="hang")
    scripted.pulls = [silent, halting, SERVED]

    run = Run(scripted, stall_timeout=0.3)

    assert run.image is not None
    kinds = [e.error.kind for e in run.events if isinstance(e, AttemptFailed)]
    assert kinds == ["Stalled", "Stalled"]


def test_a_single_stalled_try_raises_stalled(scripted: ScriptedEngine) -> None:
    scripted.pulls = [Answer(is_silent=True)]

    run = Run(scripted, stall_timeout=0.5, retry=RetryPolicy(attempts=1))

    assert isinstance(run.error, Stalled)
    assert "0.5 s" in run.error.message


def test_a_digest_is_pulled_but_not_used_as_a_tag(scripted: ScriptedEngine) -> None:
    scripted.pulls = [SERVED]

    run = Run(scripted, f"owner/env:1@{DIGEST}", registries=("ghcr.io",))

    assert run.image is not None
    assert (run.image.digest, run.image.source) == (DIGEST, "ghcr.io")
    (asked,) = scripted.asked_for("/images/create")
    assert asked.query == {"fromImage": "ghcr.io/owner/env", "tag": DIGEST}
    assert scripted.asked_for("/tag") == []
    assert "cannot be used as a tag" in run.log


def test_the_platform_is_sent(scripted: ScriptedEngine) -> None:
    scripted.pulls = [SERVED]

    Run(scripted, platform="linux/arm64")

    assert scripted.asked_for("/images/create")[0].query["platform"] == "linux/arm64"


@pytest.mark.parametrize("reference", ["Owner/Env", "", "x y", "https://ghcr.io/x"])
def test_an_invalid_name_is_never_sent_to_the_engine(
    scripted: ScriptedEngine, reference: str
) -> None:
    run = Run(scripted, reference)

    assert isinstance(run.error, InvalidReference)
    assert scripted.asked == []


@pytest.mark.parametrize(
    "answer",
    [Answer(is_silent=True), Answer(ending="hang"), Answer(SERVED.messages[:2], ending="hang")],
    ids=["before the headers", "before a message", "between two messages"],
)
def test_cancelling_ends_the_pull_and_the_engines_work(
    scripted: ScriptedEngine, answer: Answer
) -> None:
    scripted.pulls = [answer]
    cancel = Cancellation()
    asked_at: list[float] = []

    def ask() -> None:
        assert scripted.is_waiting.wait(10)
        asked_at.append(time.monotonic())
        cancel.request()

    thread = threading.Thread(target=ask)
    thread.start()
    run = Run(scripted, registries=REGISTRIES, cancel=cancel)
    took = time.monotonic() - asked_at[0]
    thread.join()

    assert isinstance(run.error, Cancelled)
    assert took < 1.0
    assert scripted.hung_up.wait(10)
    assert not any(isinstance(event, AttemptFailed) for event in run.events)


def test_cancelling_between_two_tries_ends_the_wait(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN]
    cancel = Cancellation()
    events = pull(scripted.client, "owner/env:1", cancel=cancel, retry=RetryPolicy(first_delay=600))
    while not isinstance(next(events), RetryScheduled):
        pass

    threading.Timer(0.05, cancel.request).start()

    with pytest.raises(Cancelled):
        next(events)


def test_closing_the_generator_closes_the_connection(scripted: ScriptedEngine) -> None:
    scripted.pulls = [Answer(SERVED.messages[:2], ending="hang")]
    events = pull(scripted.client, "owner/env:1")
    while not isinstance(next(events), LayerChanged):
        pass

    events.close()

    assert scripted.hung_up.wait(10)
