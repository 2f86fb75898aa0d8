"""The workbench: nothing invalid starts, nothing starts twice, and no secret is kept."""

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import imagewidget as iw
from imagewidget import environment
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.workbench import build_form, front
from imagewidget.workbench.build_form import BuildForm
from imagewidget.workbench.fields import pairs_in
from imagewidget.workbench.secrets import SecretField
from tests.hostile import SCRIPT, Page
from tests.scripted import Answer, ScriptedEngine

PULLING = [
    {"status": "Pulling from owner/env", "id": "1"},
    {"status": "Pulling fs layer", "progressDetail": {}, "id": "a" * 12},
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ScriptedEngine]:
    engine = ScriptedEngine(tmp_path)
    engine.pulls = [Answer(PULLING, ending="hang")]
    yield engine
    engine.stop()


@pytest.fixture
def workbench(engine: ScriptedEngine) -> Iterator[iw.ImageWidget]:
    workbench = iw.ImageWidget(client=iw.connect(engine.url))
    yield workbench
    for job in workbench.jobs:
        job.cancel()
        assert job.wait(5)


def control(workbench: iw.ImageWidget, tab: int = 0) -> Any:
    return workbench._forms[tab].first.control


def start(workbench: iw.ImageWidget, tab: int = 0) -> Any:
    return workbench._starts[tab]


def problem(workbench: iw.ImageWidget, tab: int = 0) -> str:
    return Page(workbench._forms[tab].first.problem.widget.value).text


def eventually(check: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_invalid_name_is_explained_beneath_the_field(
    workbench: iw.ImageWidget,
) -> None:
    control(workbench).value = "Owner/Env"
    assert problem(workbench) == (
        "Owner/Env is not a valid image name: names must be in lower case.→ Did you mean owner/env?"
    )
    assert start(workbench).disabled
    control(workbench).value = "owner/env"
    assert problem(workbench) == ""
    assert not start(workbench).disabled


def test_an_empty_field_shows_no_error_but_nothing_starts(workbench: iw.ImageWidget) -> None:
    assert problem(workbench) == ""
    start(workbench).click()
    assert workbench.jobs == ()


def test_hostile_text_in_a_field_is_escaped(workbench: iw.ImageWidget) -> None:
    control(workbench).value = SCRIPT
    page = Page(workbench._forms[0].first.problem.widget.value)
    assert "script" not in page.tags
    assert SCRIPT in page.text


def test_the_start_button_starts_a_job_and_shows_its_panel(
    workbench: iw.ImageWidget, engine: ScriptedEngine
) -> None:
    control(workbench).value = "owner/env:1"
    start(workbench).click()
    (job,) = workbench.jobs
    assert workbench._stage.children == (job.panel,)
    eventually(lambda: job.state.layers)
    asked = engine.asked_for("/images/create")[0]
    assert (asked.query["fromImage"], asked.query["tag"]) == ("docker.io/owner/env", "1")


def test_enter_starts_the_value_typed_last_even_if_it_arrives_later(
    workbench: iw.ImageWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = workbench._front
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(front, "send", asked.append)
    front._handle_custom_msg({"type": "hello"}, [])
    control(workbench).value = "o"  # the front end holds back the rest until this is handled
    control(workbench)._handle_custom_msg({"event": "submit"}, [])
    control(workbench).value = "owner/env:1"
    assert workbench.jobs == ()
    (settle,) = asked
    front._handle_custom_msg({"type": "settled", "turn": settle["turn"]}, [])
    assert [job.state.reference for job in workbench.jobs] == ["owner/env:1"]
    front._handle_custom_msg({"type": "settled", "turn": settle["turn"]}, [])
    assert len(workbench.jobs) == 1


def test_enter_starts_a_job_even_if_the_front_end_never_answers(
    workbench: iw.ImageWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "PATIENCE", 0.01)
    workbench._front._handle_custom_msg({"type": "hello"}, [])
    control(workbench).value = "owner/env:1"
    for _ in range(2):
        control(workbench)._handle_custom_msg({"event": "submit"}, [])
    eventually(lambda: workbench.jobs)
    eventually(lambda: not workbench._front._waiting)
    assert len(workbench.jobs) == 1


def test_the_workbench_answers_while_the_kernel_is_busy(
    workbench: iw.ImageWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    routed: list[Any] = []
    monkeypatch.setattr("imagewidget.workbench.widget.answer_while_busy", routed.append)
    again = iw.ImageWidget(client=workbench._client)
    assert routed == [again]


def test_the_same_job_does_not_start_twice_but_another_one_does(workbench: iw.ImageWidget) -> None:
    control(workbench).value = "owner/env:1"
    start(workbench).click()
    assert start(workbench).disabled
    start(workbench).click()
    assert len(workbench.jobs) == 1
    control(workbench).value = "owner/env:2"
    assert not start(workbench).disabled
    start(workbench).click()
    assert len(workbench.jobs) == 2


def test_a_job_that_has_ended_may_be_started_again(workbench: iw.ImageWidget) -> None:
    control(workbench).value = "owner/env:1"
    start(workbench).click()
    workbench.jobs[0].cancel()
    eventually(lambda: not start(workbench).disabled)


def test_the_same_job_cannot_be_started_during_a_retry(workbench: iw.ImageWidget) -> None:
    control(workbench).value = "owner/env:1"
    start(workbench).click()
    job = workbench.jobs[0]
    job.cancel()
    assert job.wait(5)
    job.retry()
    assert start(workbench).disabled


def test_the_history_lists_every_job_and_shows_the_selected_one(
    workbench: iw.ImageWidget,
) -> None:
    for name in ("owner/env:1", "owner/env:2"):
        control(workbench).value = name
        start(workbench).click()
    first = workbench._history.children[-1]
    assert re.fullmatch(r"▸ pull owner/env:1 · \w+", first.description)
    first.click()
    assert workbench._stage.children == (workbench.jobs[0].panel,)
    workbench.jobs[0].cancel()
    eventually(lambda: first.description.startswith("■ pull owner/env:1 · cancelled after"))


def test_the_engine_line_shows_whether_the_engine_is_reachable(
    engine: ScriptedEngine, tmp_path: Path
) -> None:
    line = iw.ImageWidget(client=iw.connect(engine.url))._engine
    line.check().join(5)
    assert "Docker Engine 26.1.5 is reachable" in Page(line._text.value).text
    line = iw.ImageWidget(client=iw.connect(f"unix://{tmp_path}/none.sock"))._engine
    line.check().join(5)
    page = Page(line._text.value)
    assert "Not reachable." in page.text
    assert "→" in page.text


def test_the_engine_line_shows_which_socket_was_found(engine: ScriptedEngine) -> None:
    reason = 'there is no socket at /"quoted"<b>.sock'
    found = Endpoint(f"unix://{engine.path}", found="rootless Podman", reason=reason)
    line = iw.ImageWidget(client=iw.DockerClient(found))._engine
    line.check().join(5)
    page = Page(line._text.value)
    assert f"unix://{engine.path} (rootless Podman)" in page.text
    assert f'title="{html.escape(found.notice)}"' in line._text.value


def test_provision_without_a_name_provisions_the_embedded_environment(
    workbench: iw.ImageWidget,
) -> None:
    assert not start(workbench, 2).disabled
    start(workbench, 2).click()
    assert workbench.jobs[0].state.reference == environment.default_tag()


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    asked: dict[str, Any] = {}

    def build(context: Path | None, **options: Any) -> None:
        asked.update(options, context=context)

    monkeypatch.setattr(build_form, "build", build)
    return asked


def form() -> BuildForm:
    return BuildForm(lambda: None)


def test_an_untouched_form_builds_the_embedded_environment(built: dict[str, Any]) -> None:
    form().start(None)
    assert built["context"] is None
    assert built["dockerfile"] is None


def test_an_edited_embedded_dockerfile_still_finds_its_files(built: dict[str, Any]) -> None:
    edited = form()
    edited._editor.value += "RUN echo more"
    edited.start(None)
    assert built["dockerfile"].endswith("RUN echo more\n")
    assert (built["context"] / "requirements.txt").is_file()


def test_a_folders_dockerfile_is_loaded_unless_the_editor_was_changed(
    built: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS base\n")
    own = form()
    own._context.control.value = str(tmp_path)
    assert own._editor.value == "FROM scratch AS base\n"
    assert own._target.control.options == ("base",)
    own.start(None)
    assert (built["context"], built["dockerfile"]) == (tmp_path, None)
    written = form()
    written._editor.value = "FROM scratch"
    written._context.control.value = str(tmp_path)
    written.start(None)
    assert built["dockerfile"] == "FROM scratch\n"


def test_the_note_says_where_the_dockerfile_comes_from(tmp_path: Path) -> None:
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    (tmp_path / "with" / "Dockerfile").write_text("FROM scratch\n")
    shown = form()
    notes = []
    for folder in ("", tmp_path / "with", tmp_path / "without"):
        shown._context.control.value = str(folder)
        notes.append((shown._source.value, shown._editor.value == environment.dockerfile()))
    assert notes == [
        ("The Dockerfile of the embedded environment.", True),
        ("The directory's own Dockerfile.", False),
        ("The directory has no Dockerfile; this is the embedded environment's.", True),
    ]


def test_a_dockerfile_that_changed_on_disk_is_reloaded_before_the_build(
    built: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS old\n")
    own = form()
    own._context.control.value = str(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch AS new\n")
    own.start(None)
    assert (built["context"], built["dockerfile"]) == (tmp_path, None)
    assert own._editor.value == "FROM scratch AS new\n"
    assert own._target.control.options == ("new",)


def test_a_missing_folder_is_reported_before_anything_starts(tmp_path: Path) -> None:
    missing = form()
    missing._context.control.value = str(tmp_path / "none")
    assert "There is no directory" in missing._context.problem.widget.value
    assert not missing.is_ready


def test_the_home_of_an_unknown_user_is_reported_as_a_missing_folder() -> None:
    missing = form()
    missing._context.control.value = "~nobody-of-this-name/env"
    assert "There is no directory" in missing._context.problem.widget.value
    assert not missing.is_ready


def test_build_arguments_are_lines_of_name_and_value() -> None:
    assert pairs_in("A=1\n\n B =x=y\nc.d-e=\n") == {"A": "1", "B": "x=y", "c.d-e": ""}
    for line in ("nonsense", "=1", "a b=1"):
        with pytest.raises(ValueError, match="must have the form NAME=value"):
            pairs_in(line)


def test_a_secret_is_in_no_widget_state_and_is_cleared_after_use(built: dict[str, Any]) -> None:
    secret = form()
    secret._secrets.add()
    name, value, _row = secret._secrets._rows[0]
    name.value = "token"
    value._handle_custom_msg({"type": "text", "text": "hunter2"}, [])
    state = ipywidgets.Widget.get_manager_state(widgets=None)
    assert "token" in json.dumps(state)
    assert "hunter2" not in json.dumps(state)
    assert "hunter2" not in repr(value)
    secret.start(None)
    assert built["secrets"] == {"token": "hunter2"}
    assert value.text == ""


def test_a_secret_is_kept_if_the_build_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS base\n")
    secret = form()
    secret._context.control.value = str(tmp_path)
    secret._target.control.value = "bsae"
    secret._secrets.add()
    name, value, _row = secret._secrets._rows[0]
    name.value = "token"
    value._handle_custom_msg({"type": "text", "text": "hunter2"}, [])

    with pytest.raises(iw.InvalidContext, match="no stage called `bsae`"):
        secret.start(None)

    assert value.text == "hunter2"
    assert secret.is_ready


def test_no_build_starts_while_a_secret_has_no_value(built: dict[str, Any]) -> None:
    secret = form()
    secret._secrets.add()
    name, value, row = secret._secrets._rows[0]
    name.value = "token"
    assert not secret.is_ready
    value._handle_custom_msg({"type": "text", "text": "hunter2"}, [])
    assert secret.is_ready
    secret.start(None)
    assert built["secrets"] == {"token": "hunter2"}
    assert not secret.is_ready, "the value was cleared"
    assert "</code> has no value" in secret._secrets._problem.widget.value
    row.children[-1].click()
    assert secret.is_ready


def test_a_secret_without_an_id_is_reported_before_anything_starts() -> None:
    secret = form()
    secret._secrets.add()
    name, value, _row = secret._secrets._rows[0]
    assert secret.is_ready
    value._handle_custom_msg({"type": "text", "text": "hunter2"}, [])
    assert not secret.is_ready
    assert "no id" in secret._secrets._problem.widget.value
    name.value = "token"
    assert secret.is_ready
    assert not secret._secrets._problem


def test_a_reloaded_page_shows_that_a_secret_is_set() -> None:
    field = SecretField("Value")
    assert not field.get_state()["is_held"]
    field._handle_custom_msg({"type": "text", "text": "hunter2"}, [])
    assert field.get_state()["is_held"]
    field.forget()
    assert not field.get_state()["is_held"]


def test_no_trait_of_a_secret_field_holds_its_text() -> None:
    field = SecretField("Value")
    field._handle_custom_msg({"type": "text", "text": "hunter2"}, [])
    assert set(field.keys) - set(SecretField("Other").keys) == set()
    assert "hunter2" not in str(field.get_state())
