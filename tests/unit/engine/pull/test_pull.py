"""Pulling from registries in turn, with several tries at each; nothing here waits.

The engine is scripted, for cases that a real engine cannot produce on demand;
`tests/engine/pull/test_pull.py` uses real engines.
"""

import base64
import gc
import json
import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import login as logins
from imagewidget.engine.credentials import Credentials, check_auth
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
from imagewidget.engine.masking import MASK
from imagewidget.engine.pull.pull import pull
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.event_json import to_json
from imagewidget.progress.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    Failed,
    Image,
    LayerChanged,
    LogWritten,
    RetryScheduled,
)
from imagewidget.testing.server import Reply
from tests.rig.processes import wait_until
from tests.scripted import Answer, ScriptedEngine, failure, refusal

ID = "sha256:" + "deadbeef" * 8
DIGEST = "sha256:" + "1" * 64
REGISTRIES = ("ghcr.io", "docker.io")

SERVED = Answer(
    [
        {"status": "Pulling from owner/env", "id": "1"},
        {"status": "Pulling fs layer", "progressDetail": {}, "id": "0123456789ab"},
        {"status": "Pull complete", "progressDetail": {}, "id": "0123456789ab"},
        {"status": f"Digest: {DIGEST}"},
        {"status": "Status: Downloaded newer image for owner/env:1"},
    ],
)
NOT_FOUND = refusal(404, "manifest for owner/env:1 not found: manifest unknown")
DOWN = refusal(500, "received unexpected HTTP status: 500 Internal Server Error")
LIMITED = refusal(500, "toomanyrequests: You have reached your pull rate limit.")
DENIED = refusal(500, "unauthorized: authentication required")


class NoWait(Cancellation):
    """A cancellation that records the waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.check()


@pytest.fixture
def scripted(scripted: ScriptedEngine) -> ScriptedEngine:
    found = {"Id": ID, "Size": 7, "RepoDigests": [f"ghcr.io/owner/env@{DIGEST}"]}
    for host in REGISTRIES:
        scripted.images[f"{host}/owner/env:1"] = found
        scripted.images[f"{host}/owner/env@{DIGEST}"] = found
    return scripted


class Run:
    """One complete pull: its events, its waits, and the image or the error."""

    def __init__(
        self, scripted: ScriptedEngine, reference: str = "owner/env:1", **options: Any
    ) -> None:
        self.cancel = NoWait()
        self.events: list[Event] = []
        self.image: Image | None = None
        self.error: DockerError | None = None
        events = pull(scripted.client, reference, **{"cancel": self.cancel, **options})
        try:
            self.events.extend(self._keeping_image(events))
        except DockerError as error:
            self.error = error

    def _keeping_image(self, events: Generator[Event, None, Image]) -> Iterator[Event]:
        self.image = yield from events

    @property
    def attempts(self) -> list[tuple[str, int]]:
        """The registry and the number of each try."""
        return [(e.registry, e.number) for e in self.events if isinstance(e, AttemptStarted)]

    @property
    def log(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, LogWritten))


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


def login(tmp_path: Path, **content: Any) -> None:
    (tmp_path / "config.json").write_text(json.dumps(content), encoding="utf-8")


def sent(scripted: ScriptedEngine, number: int = 0) -> dict[str, str] | None:
    """Return the login that was sent with a pull."""
    header = scripted.asked_for("/images/create")[number].headers.get("X-Registry-Auth")
    return json.loads(base64.urlsafe_b64decode(header)) if header else None


def test_each_registry_is_sent_its_own_login(scripted: ScriptedEngine, tmp_path: Path) -> None:
    auths = {
        "ghcr.io": {"auth": base64.b64encode(b"one:a").decode()},
        "https://index.docker.io/v1/": {"auth": base64.b64encode(b"two:b").decode()},
    }
    login(tmp_path, auths=auths, HttpHeaders={"X-Meta-Lab": "7"})
    scripted.pulls = [NOT_FOUND, SERVED]

    Run(scripted, registries=REGISTRIES)

    first, second = sent(scripted, 0), sent(scripted, 1)
    assert first is not None
    assert second is not None
    assert (first["username"], first["password"]) == ("one", "a")
    assert (second["username"], second["password"]) == ("two", "b")
    assert scripted.asked_for("/images/create")[0].headers["X-Meta-Lab"] == "7"


def test_a_missing_helper_does_not_stop_a_public_pull(
    scripted: ScriptedEngine,
    tmp_path: Path,
) -> None:
    login(tmp_path, credsStore="nowhere")
    scripted.pulls = [SERVED]

    run = Run(scripted)

    assert run.image is not None
    assert "Continuing without a login for docker.io" in run.log
    assert sent(scripted) is None


@pytest.fixture
def hanging_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A credential helper that hangs as if for a passphrase; the file has a line for each call."""
    asked = tmp_path / "asked"
    helper = tmp_path / "docker-credential-hangs"
    helper.write_text(f"#!/bin/sh\necho >> {asked}\nexec sleep 20\n", encoding="utf-8")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    login(tmp_path, credsStore="hangs")
    return asked


def test_cancelling_does_not_wait_for_a_hanging_helper(
    scripted: ScriptedEngine, hanging_helper: Path
) -> None:
    cancel = Cancellation()
    asked_at: list[float] = []

    def ask() -> None:
        assert wait_until(hanging_helper.exists, 10)
        asked_at.append(time.monotonic())
        cancel.request()

    threading.Thread(target=ask).start()
    run = Run(scripted, cancel=cancel)

    assert isinstance(run.error, Cancelled)
    assert time.monotonic() - asked_at[0] < 1.0


def test_a_hanging_helper_is_given_up_and_run_only_once(
    scripted: ScriptedEngine, hanging_helper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "PATIENCE", 0.5)
    scripted.pulls = [DOWN, DOWN, SERVED]

    run = Run(scripted)

    assert run.image is not None
    assert "docker-credential-hangs did not answer within 0.5 s" in run.log
    assert len(hanging_helper.read_text().splitlines()) == 1


PASSWORD = "p4ss-w0rd/of the test"  # noqa: S105 - sent to a scripted engine only
AUTH = check_auth({"ghcr.io": ("me", PASSWORD)})


def test_a_login_that_was_passed_is_sent_to_its_registry_only(
    scripted: ScriptedEngine, tmp_path: Path
) -> None:
    kept = base64.b64encode(b"kept:b").decode()
    login(tmp_path, auths={"ghcr.io": {"auth": kept}, "quay.io": {"auth": kept}})
    scripted.pulls = [NOT_FOUND]

    Run(scripted, registries=("ghcr.io", "quay.io", "registry.example"), auth=AUTH)

    assert sent(scripted, 0) == {
        "username": "me",
        "password": PASSWORD,
        "serveraddress": "ghcr.io",
    }
    second = sent(scripted, 1)
    assert second is not None
    assert second["username"] == "kept"
    assert sent(scripted, 2) is None


def test_a_login_that_was_passed_is_sent_with_every_attempt(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DOWN, SERVED]

    Run(scripted, "ghcr.io/owner/env:1", auth=AUTH)

    first, second = sent(scripted, 0), sent(scripted, 1)
    assert first is not None
    assert first["password"] == PASSWORD
    assert first == second


@pytest.mark.parametrize("host", ["docker.io", "index.docker.io", "registry-1.docker.io"])
@pytest.mark.parametrize("reference", ["owner/env:1", "registry-1.docker.io/owner/env:1"])
def test_all_hosts_of_docker_hub_have_one_login(
    scripted: ScriptedEngine, host: str, reference: str
) -> None:
    scripted.pulls = [SERVED]

    Run(scripted, reference, auth=check_auth({host: {"username": "me", "password": "secret"}}))

    assert sent(scripted) == {
        "username": "me",
        "password": "secret",
        "serveraddress": "https://index.docker.io/v1/",
    }


def test_an_identity_token_is_sent_in_place_of_a_password(scripted: ScriptedEngine) -> None:
    scripted.pulls = [SERVED]

    Run(scripted, auth={"docker.io": Credentials(identity_token="a-token")})  # noqa: S106

    assert sent(scripted) == {
        "identitytoken": "a-token",
        "serveraddress": "https://index.docker.io/v1/",
    }


def test_no_helper_is_run_for_a_login_that_was_passed(
    scripted: ScriptedEngine, hanging_helper: Path
) -> None:
    scripted.pulls = [SERVED]

    run = Run(scripted, registries=("ghcr.io",), auth=AUTH)

    assert run.image is not None
    assert not hanging_helper.exists()


def test_a_wrong_login_hints_at_where_it_was_passed(scripted: ScriptedEngine) -> None:
    scripted.pulls = [DENIED]

    passed = Run(scripted, registries=("ghcr.io",), auth=AUTH)
    assert isinstance(passed.error, AccessDenied)
    assert passed.error.hint.startswith(
        "Check the user name and the password for ghcr.io in `auth=`"
    )
    assert "docker login" not in passed.error.hint

    other = Run(scripted, registries=("quay.io",), auth=AUTH)
    assert isinstance(other.error, AccessDenied)
    assert other.error.hint.startswith("Log in with `docker login REGISTRY`, or pass `auth=")


@pytest.mark.parametrize(
    "answers",
    [
        [refusal(500, "unauthorized: the password SECRET of me is wrong")],
        [refusal(418, "SECRET")],
        [failure("denied: SECRET")],
        [failure("unexpected EOF after SECRET"), failure("no space left on device for SECRET")],
        [failure("unexpected EOF after SECRET"), failure("manifest unknown: SECRET")],
        [Answer([{"status": "logged in as me:SECRET"}], ending="cut")],
        [Answer([{"id": "SECRET", "status": "SECRET"}, *SERVED.messages])],
    ],
    ids=["http", "unknown http", "stream", "disk full", "several", "cut", "log"],
)
@pytest.mark.parametrize("form", ["verbatim", "base64", "header"])
def test_a_password_that_an_engine_repeats_is_masked(
    scripted: ScriptedEngine,
    answers: list[Answer | Reply],
    form: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    pair = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    header = base64.urlsafe_b64encode(json.dumps({"password": PASSWORD}).encode()).decode()
    shown = {"verbatim": PASSWORD, "base64": pair, "header": header}[form]
    scripted.pulls = [repeating(answer, shown) for answer in answers]

    run = Run(scripted, "ghcr.io/owner/env:1", auth=AUTH)

    assert sent(scripted) is not None
    if run.error is not None:
        run.events.append(Failed(run.error.info()))
    errors: list[BaseException] = [run.error] if run.error is not None else []
    for each in errors:
        errors += [one for one in (each.__cause__, each.__context__) if one is not None]
    texts = [
        repr(run.events),
        json.dumps([*map(to_json, run.events)]),
        *("".join(traceback.format_exception(each)) + repr(vars(each)) for each in errors),
        *(f"{record.getMessage()} {record.args}" for record in caplog.records),
        repr(AUTH),
    ]
    for text in texts:
        for secret in (PASSWORD, pair, pair[4:-4], header, header[16:-4]):
            assert secret not in text
    assert MASK in "".join(texts)


def repeating(answer: Answer | Reply, secret: str) -> Answer | Reply:
    """Return the answer with a secret in place of every `SECRET`."""
    if isinstance(answer, Reply):
        return replace(answer, body=json.loads(json.dumps(answer.body).replace("SECRET", secret)))
    messages = json.loads(json.dumps(list(answer.messages)).replace("SECRET", secret))
    return replace(answer, messages=messages)


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
