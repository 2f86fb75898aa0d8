"""The options that a form has no field of its own for come from the list of all options."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import ipywidgets
import pytest

from imagewidget.engine.request.options import BuildOptions, Option, described
from imagewidget.workbench import build_form, forms, more_options
from imagewidget.workbench.build_form import BuildForm
from imagewidget.workbench.forms import ProvisionForm
from imagewidget.workbench.more_options import MoreOptions
from tests.hostile import Page

# A form cannot have them: credentials would be in the state of a widget, and the Build tab
# has an editor for the Dockerfile.
NOWHERE = {"auth", "dockerfile"}


def nothing() -> None:
    pass


def controls(more: MoreOptions) -> dict[str, Any]:
    """Return the control of each option by its label."""
    found: dict[str, Any] = {}

    def look(widget: Any) -> None:
        if isinstance(widget, (ipywidgets.Box)):
            for child in widget.children:
                look(child)
        elif not isinstance(widget, (ipywidgets.HTML, ipywidgets.Button)):
            found[widget.description] = widget

    look(more._body)
    return found


def notes(more: MoreOptions) -> list[str]:
    return [
        Page(child.value).text
        for row in more._body.children
        if isinstance(row, ipywidgets.Box)
        for child in row.children
        if isinstance(child, ipywidgets.HTML)
    ]


def test_every_option_is_in_the_build_tab_except_those_that_cannot_be() -> None:
    more = BuildForm(nothing)._more
    assert {*more._rows, *build_form._HERE} == set(described()) - NOWHERE | {"dockerfile"}
    assert not {*more._rows} & {*build_form._HERE}


def test_every_option_is_in_the_provision_tab_except_those_that_cannot_be() -> None:
    assert set(ProvisionForm(nothing)._more._rows) == set(described()) - NOWHERE - {
        "secrets",
        "output",
    }


def test_what_was_set_is_passed_to_the_build_and_what_was_not_is_left_out() -> None:
    more = MoreOptions(nothing, without=("secrets",))
    assert more.chosen() == {}
    found = controls(more)
    found["SSH"].value = "default, other=/run/agent.sock"
    found["Platform"].value = "linux/arm64"
    found["Cache from"].value = "owner/env:1 owner/env:2"
    found["Check the registry for newer base images"].value = True
    found["Labels"].value = "org.example.title=an env\nempty="
    found["Build args"].value = "A=1"
    found["Network"].value = " host "
    found["Size of /dev/shm"].value = "67108864"
    found["Add hosts"].value = "db.example.org=192.0.2.1"
    found["Ulimits"].value = "nofile=1024:2048"
    found["Cache to"].value = "inline"
    found["Output"].value = "result.tar"
    found["Source date epoch"].value = "0"
    found["Builder"].value = "classic"
    assert more.chosen() == {
        "ssh": ("default", "other=/run/agent.sock"),
        "platform": "linux/arm64",
        "cache_from": ("owner/env:1", "owner/env:2"),
        "pull": True,
        "labels": {"org.example.title": "an env", "empty": ""},
        "build_args": {"A": "1"},
        "network": "host",
        "shm_size": 67_108_864,
        "add_hosts": {"db.example.org": "192.0.2.1"},
        "ulimits": {"nofile": "1024:2048"},
        "cache_to": "inline",
        "output": "result.tar",
        "source_date_epoch": 0,
        "builder": "classic",
    }


def test_both_tabs_pass_the_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(build_form, "build", lambda *_, **options: asked.append(options))
    monkeypatch.setattr(forms, "provision", lambda *_, **options: asked.append(options))
    for form in (BuildForm(nothing), ProvisionForm(nothing)):
        key = form.key
        controls(form._more)["Network"].value = "none"
        assert form.key != key, "another network is another build"
        form.start(None)
        assert asked.pop()["network"] == "none"


def test_an_invalid_line_is_explained_and_nothing_starts_even_if_it_is_folded() -> None:
    changes: list[bool] = []
    form = BuildForm(lambda: changes.append(form.is_ready))
    labels = controls(form._more)["Labels"]
    labels.value = "nonsense"
    assert changes == [False]
    assert form._more._fold.description == "More options · not valid"
    labels.value = "a=b"
    assert changes == [False, True]
    assert form._more._fold.description == "More options · 1 set"


def test_the_section_is_folded_until_its_button_is_pressed() -> None:
    more = MoreOptions(nothing, without=())
    seen = []
    for _ in range(3):
        seen.append((more._fold.icon, more._body.layout.display, more._fold.description))
        more._fold.click()
    folded = ("caret-right", "none", "More options")
    assert seen == [folded, ("caret-down", None, "More options"), folded]


def test_the_text_of_an_option_is_worded_for_a_form() -> None:
    more = MoreOptions(nothing, without=("secrets",))
    found = controls(more)
    assert found["Platform"].placeholder == "the engine's own"
    assert found["Target"].placeholder == "the last"
    assert "linux/amd64" in found["Platform"].options
    assert found["Builder"].options == get_args(Literal["auto", "buildkit", "classic"])
    said = notes(more)
    assert "The network for RUN: host, none or a network's name." in said
    assert "Values for ARG, by name." in said
    assert not [note for note in said if "None" in note or '"' in note]


def test_a_new_option_needs_no_change_here(monkeypatch: pytest.MonkeyPatch) -> None:
    added: dict[str, tuple[Any, Option]] = {
        "squash": (bool, Option("Join the layers <b>.", default=False)),
        "memory": (str | None, Option("The most memory; None for all of it.")),
        "order": (Literal["up", "down"], Option("Which way.", default="up")),
        "add_hosts": (Mapping[str, str] | None, Option("Hosts.", label="Extra hosts")),
        "outputs": (str | Iterable[str], Option("Where to.", default=())),
        "tries": (int | None, Option("How often; None for once.")),
        "share": (float | None, Option("How much.")),
        "hook": (Path | None, Option("No control is made for this.")),
        "logins": (Mapping[str, tuple[str, str]] | None, Option("Nor for this.")),
    }
    monkeypatch.setattr(more_options, "described", lambda: added)
    found = controls(MoreOptions(nothing, without=()))
    assert {label: type(control).__name__ for label, control in found.items()} == {
        "Join the layers <b>": "Checkbox",
        "Memory": "Text",
        "Order": "Dropdown",
        "Extra hosts": "Textarea",
        "Outputs": "Text",
        "Tries": "Text",
        "Share": "Text",
    }


def test_a_number_is_checked_as_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    added: dict[str, tuple[Any, Option]] = {
        "tries": (int | None, Option("How often; None for once.")),
        "share": (float | None, Option("How much.")),
    }
    monkeypatch.setattr(more_options, "described", lambda: added)
    more = MoreOptions(nothing, without=())
    tries, share = controls(more).values()
    assert tries.placeholder == "once"
    for control, text, number in (
        (tries, " 64 ", 64),
        (tries, "64.5", None),
        (tries, "64m", None),
        (tries, "<b>", None),
        (tries, "", "left out"),
        (share, "0.5", 0.5),
        (share, "nan", None),
        (share, "inf", None),
        (share, "", "left out"),
    ):
        control.value = text
        assert more.is_ready is (number is not None)
        if more.is_ready:
            expected = {} if number == "left out" else {control.description.lower(): number}
            assert more.chosen() == expected
        else:
            whole = "whole " if control is tries else ""
            problem = next(
                row for row in more._body.children if control in row.children[0].children
            )
            shown = problem.children[0].children[1].value
            assert Page(shown).text == f"{text} is not a {whole}number."


def test_the_list_of_options_has_one_entry_for_each_key() -> None:
    assert {*described()} == {*BuildOptions.__annotations__}
