"""The words of a command line and the arguments of the public function that it calls."""

import inspect
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

import imagewidget as iw
from imagewidget.cli.build_options import click_option
from imagewidget.cli.verbs import HELP, given, verb
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.engine.request.options import Option, described
from imagewidget.engine.request.request import BuildRequest

FUNCTIONS = {
    "pull": iw.pull,
    "build": iw.build,
    "provision": iw.provision,
    "replay": iw.replay,
    "exists": iw.image_exists,
}
OF_BUILD = [
    ("-f env.Dockerfile", {"dockerfile": "env.Dockerfile"}),
    ("--file env.Dockerfile", {"dockerfile": "env.Dockerfile"}),
    ("--build-arg A=1=2 --build-arg B", {"build_args": {"A": "1=2", "B": None}}),
    ("--secret pip=pip.conf --secret t", {"secrets": {"pip": Path("pip.conf"), "t": None}}),
    ("--secret id=pip,src=/x", {"secrets": {"pip": Path("/x")}}),
    ("--ssh default --ssh a=/s", {"ssh": ("default", "a=/s")}),
    ("--target base", {"target": "base"}),
    ("--platform linux/arm64", {"platform": "linux/arm64"}),
    ("--cache-from a --cache-from b", {"cache_from": ("a", "b")}),
    ("--cache-to inline", {"cache_to": "inline"}),
    ("--no-cache", {"no_cache": True}),
    ("--pull", {"pull": True}),
    ("--label a=1 --label b", {"labels": {"a": "1", "b": ""}}),
    ("--network host", {"network": "host"}),
    ("--shm-size 1048576", {"shm_size": 1_048_576}),
    (
        "--add-host db=192.0.2.1 --add-host x:host-gateway --add-host v=::1",
        {"add_hosts": {"db": "192.0.2.1", "x": "host-gateway", "v": "::1"}},
    ),
    ("--ulimit nofile=1:2 --ulimit core=0", {"ulimits": {"nofile": "1:2", "core": "0"}}),
    ("--source-date-epoch 0", {"source_date_epoch": 0}),
    ("-o dir", {"output": "dir"}),
    ("--output type=tar,dest=x", {"output": "type=tar,dest=x"}),
    ("--builder classic", {"builder": "classic"}),
]
OF_PULL = [
    ("--registry ghcr.io --registry docker.io", {"registries": ("ghcr.io", "docker.io")}),
    ("--attempts 5", {"retry": RetryPolicy(attempts=5)}),
    ("--stall-timeout 30", {"stall_timeout": 30.0}),
]
LINES = [
    ("pull a/b:1", {"reference": "a/b:1"}),
    ("pull a/b:1 --platform linux/arm64", {"reference": "a/b:1", "platform": "linux/arm64"}),
    *((f"pull a:1 {line}", {"reference": "a:1", **more}) for line, more in OF_PULL),
    ("build", {}),
    ("build 'my folder' -t env:1", {"context": "my folder", "tag": ("env:1",)}),
    ("build -t a:1 --tag b:2", {"tag": ("a:1", "b:2")}),
    *((f"build . {line}", {"context": ".", **more}) for line, more in OF_BUILD),
    ("provision", {}),
    ("provision a:1 .", {"reference": "a:1", "context": "."}),
    *((f"provision {line}", more) for line, more in [*OF_BUILD, *OF_PULL]),
    ("replay run.jsonl --speed inf", {"recording": "run.jsonl", "speed": float("inf")}),
    ("replay run.jsonl --until 0", {"recording": "run.jsonl", "until": 0.0}),
    ("exists a:1", {"reference": "a:1"}),
]


@pytest.mark.parametrize(("line", "arguments"), LINES, ids=[line for line, _ in LINES])
def test_a_line_is_a_call(line: str, arguments: dict[str, Any]) -> None:
    name, *words = shlex.split(line)
    assert given(verb(name).make_context(name, words)) == arguments
    inspect.signature(FUNCTIONS[name]).bind(**arguments)


def test_every_option_of_a_build_is_in_the_table() -> None:
    tried = {name for _, arguments in OF_BUILD for name in arguments}
    assert tried == {name for name, (_, option) in described().items() if option.on_command_line}


@pytest.mark.parametrize("name", HELP)
def test_every_argument_has_a_parameter(name: str) -> None:
    parameters = {parameter.name for parameter in verb(name).params}
    arguments = set(inspect.signature(FUNCTIONS[name]).parameters)
    assert arguments - parameters <= {"client", "display", "auth"}
    assert parameters <= arguments


def test_the_values_of_all_options_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a AS base\n")
    (tmp_path / "pip.conf").write_text("secret")
    line = f"{tmp_path} --build-arg A=1 --secret pip={tmp_path}/pip.conf --target base --no-cache "
    line += "--cache-from a --label a=1 --network host --platform linux/arm64 --pull -t env:1"
    request = BuildRequest.of(**given(verb("build").make_context("build", line.split())))
    assert request.build_args == {"A": "1"}
    assert request.labels == {"a": "1"}
    assert request.cache_from == ("a",)
    assert request.no_cache
    assert request.pull


def test_a_password_is_not_on_a_command_line() -> None:
    for name in ("build", "provision"):
        command = verb(name)
        assert "--auth" not in {flag for parameter in command.params for flag in parameter.opts}
        assert "docker login" in (command.help or "")


@pytest.mark.parametrize(
    ("annotation", "option", "words", "value"),
    [
        (bool, Option("x", default=False), ["--cpu-quota"], True),
        (int | None, Option("x"), ["--cpu-quota", "5"], 5),
        (float | None, Option("x"), ["--cpu-quota", "5"], 5.0),
        (str | int | None, Option("x"), ["--cpu-quota", "64m"], "64m"),
        (Literal["a", "b"], Option("x", default="a"), ["--cpu-quota", "b"], "b"),
        (Iterable[str], Option("x", flags=("--size",)), ["--size", "1", "--size", "2"], ("1", "2")),
        (Mapping[str, str], Option("x", flags=("--size",)), ["--size", "a=1"], {"a": "1"}),
    ],
)
def test_a_new_option_needs_no_change_here(
    annotation: Any, option: Option, words: list[str], value: object
) -> None:
    command = verb("exists")
    command.params.append(click_option("cpu_quota", annotation, option))
    arguments = given(command.make_context("exists", ["a:1", *words]))
    assert arguments == {"reference": "a:1", "cpu_quota": value}


@pytest.mark.parametrize("name", HELP)
def test_help_is_not_about_python(name: str) -> None:
    for parameter in verb(name).params:
        text = getattr(parameter, "help", None) or ""
        assert not {"None", "str", "bytes", "dict", "file-like"} & set(text.split())
        assert "`" not in text
        assert '"' not in text
