"""The login that a pull sends to a registry, and that nobody else is told.

The engine is scripted; `tests/engine/pull/test_auth.py` uses registries with a password.
"""

import base64
import json
import logging
import os
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import login as logins
from imagewidget.engine.credentials import Credentials, check_auth
from imagewidget.engine.failure.errors import AccessDenied, Cancelled
from imagewidget.engine.masking import MASK
from imagewidget.progress.event_json import to_json
from imagewidget.progress.events import Failed
from imagewidget.testing.server import Reply
from tests.rig.processes import wait_until
from tests.scripted import Answer, ScriptedEngine, failure, refusal
from tests.unit.engine.pull.pulling import DENIED, DOWN, NOT_FOUND, REGISTRIES, SERVED, Run


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
