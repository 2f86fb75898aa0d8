"""The magics parse their lines like the corresponding shell commands."""

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import imagewidget
from imagewidget.api import building, provisioning, pulling

Calls = list[tuple[str, dict[str, Any]]]
DEFAULT_REGISTRIES = inspect.signature(provisioning.provision).parameters["registries"].default


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "imagewidget")
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Record the calls of the public functions; other tests run those on real engines."""
    calls: Calls = []
    homes = {"pull": pulling, "build": building, "provision": provisioning}
    for name, home in homes.items():

        def verb(_name: str = name, **options: Any) -> str:
            calls.append((_name, options))
            return "the job"

        monkeypatch.setattr(home, name, verb)
    return calls


def test_pull_accepts_registries_and_returns_the_job(shell: InteractiveShell, calls: Calls) -> None:
    line = "owner/env:1 --registry ghcr.io --registry docker.io --platform linux/arm64"
    assert shell.run_line_magic("pull", line) == "the job"
    options = {"registries": ("ghcr.io", "docker.io"), "platform": "linux/arm64"}
    assert calls == [("pull", {"reference": "owner/env:1", **options})]


def test_a_line_builds_a_directory(shell: InteractiveShell, calls: Calls) -> None:
    line = ". -t env:1 --build-arg A=1 --build-arg B --secret pip=pip.conf --no-cache"
    shell.run_line_magic("build", line)
    [(_, options)] = calls
    assert options == {
        "context": ".",
        "tag": ("env:1",),
        "build_args": {"A": "1", "B": None},
        "secrets": {"pip": Path("pip.conf")},
        "no_cache": True,
    }


def test_a_cell_is_a_dockerfile(shell: InteractiveShell, calls: Calls) -> None:
    shell.run_cell_magic("build", "-t env:1", "FROM scratch\n")
    assert calls == [("build", {"tag": ("env:1",), "dockerfile": "FROM scratch\n"})]


def test_a_cell_and_a_file_cannot_be_combined(shell: InteractiveShell, calls: Calls) -> None:
    with pytest.raises(UsageError, match="leave out --file"):
        shell.run_cell_magic("build", "-t env:1 -f Dockerfile", "FROM scratch\n")
    assert not calls


def test_provision_tries_the_documented_registries(shell: InteractiveShell, calls: Calls) -> None:
    shell.run_line_magic("provision", "owner/env:1")
    shell.run_line_magic("provision", "")
    assert calls == [("provision", {"reference": "owner/env:1"}), ("provision", {})]
    assert DEFAULT_REGISTRIES == provisioning.PROVISION_REGISTRIES == ("ghcr.io", "docker.io")


def test_provision_passes_on_the_build_options(shell: InteractiveShell, calls: Calls) -> None:
    line = "owner/env:1 . -f env.Dockerfile --build-arg A=1 --platform linux/arm64"
    shell.run_line_magic("provision", line)
    [(_, options)] = calls
    assert options["reference"] == "owner/env:1"
    assert (options["context"], options["dockerfile"]) == (".", "env.Dockerfile")
    assert (options["build_args"], options["platform"]) == ({"A": "1"}, "linux/arm64")


def test_build_passes_on_its_options(shell: InteractiveShell, calls: Calls) -> None:
    line = ". --platform linux/arm64 --label a=1 --label b --network host --builder classic --pull"
    shell.run_line_magic("build", line)
    [(_, options)] = calls
    assert options == {
        "context": ".",
        "platform": "linux/arm64",
        "labels": {"a": "1", "b": ""},
        "network": "host",
        "builder": "classic",
        "pull": True,
    }


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell quoting")
def test_quotes_work_as_in_a_shell(shell: InteractiveShell, calls: Calls) -> None:
    line = """'my folder' -f "my dir/Dockerfile" --build-arg "A=1 2" --build-arg B='say "x"'"""
    shell.run_line_magic("build", line)
    [(_, options)] = calls
    assert options["context"] == "my folder"
    assert options["dockerfile"] == "my dir/Dockerfile"
    assert options["build_args"] == {"A": "1 2", "B": 'say "x"'}


@pytest.mark.parametrize("verb", ["pull", "build", "provision"])
def test_help_is_shown_and_nothing_started(
    shell: InteractiveShell, calls: Calls, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    assert shell.run_line_magic(verb, "--help") is None
    assert not calls
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: %{verb} [OPTIONS] ")
    assert "--platform PLATFORM" in shown
    assert "-h, --help " in shown
    magic = shell.find_line_magic(verb)
    assert shown.strip() in inspect.getdoc(magic)


@pytest.mark.parametrize(
    ("verb", "line", "words"),
    [
        ("pull", "", "Missing argument 'REFERENCE'"),
        ("pull", "a:1 b:1", "unexpected extra argument"),
        ("pull", "a:1 --registries ghcr.io", "No such option: --registries. Did you mean --regi"),
        ("build", ". --builder best", "'best' is not one of 'auto', 'buildkit', 'classic'"),
        ("build", ". --auth x", "docker login"),
        ("pull", "a:1 b:1 $'\x1b]0;pwn\x07'", "extra arguments (b:1 $)"),
        ("pull", "a:1 --plain", "No such option: --plain"),
        ("provision", "a:1 --attempts 0", "'--attempts'"),
    ],
)
def test_a_line_that_is_not_valid_is_a_usage_error(
    shell: InteractiveShell, calls: Calls, verb: str, line: str, words: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        shell.run_line_magic(verb, line)
    assert not calls


@pytest.mark.parametrize("verb", ["pull", "build", "provision"])
def test_an_engine_can_be_chosen(shell: InteractiveShell, calls: Calls, verb: str) -> None:
    shell.run_line_magic(verb, "a:1 --engine tcp://10.0.0.1:2375")
    [(_, options)] = calls
    assert options.pop("client").address == "tcp://10.0.0.1:2375"
    assert len(options) == 1
    with pytest.raises(imagewidget.EngineUnavailable, match="`--engine` is empty"):
        shell.run_line_magic(verb, "a:1 --engine ''")
    assert len(calls) == 1


def test_an_unclosed_quote_is_a_usage_error(shell: InteractiveShell, calls: Calls) -> None:
    with pytest.raises(UsageError, match="quot"):
        shell.run_line_magic("build", "'my folder")
    assert not calls


@pytest.mark.parametrize(
    ("option", "secret"),
    [
        ("pip=pip.conf", Path("pip.conf")),
        ("pip", None),
        ("id=pip,src=/x/pip.conf", Path("/x/pip.conf")),
        ("type=file,id=pip,source=pip.conf", Path("pip.conf")),
        ("id=pip,env=TOKEN", "hidden"),
        ("type=env,id=pip,src=TOKEN", "hidden"),
        ("id=pip", None),
    ],
)
def test_a_secret_is_parsed_as_docker_does(
    shell: InteractiveShell,
    calls: Calls,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    secret: object,
) -> None:
    monkeypatch.setenv("TOKEN", "hidden")
    shell.run_line_magic("build", f". --secret {option}")
    [(_, options)] = calls
    assert options["secrets"] == {"pip": secret}


@pytest.mark.parametrize("option", ["src=/x", "id=pip,env=NO_SUCH_VARIABLE"])
def test_an_invalid_secret_is_a_usage_error(
    shell: InteractiveShell, calls: Calls, option: str
) -> None:
    with pytest.raises(UsageError, match="--secret"):
        shell.run_line_magic("build", f". --secret {option}")
    assert not calls


def test_variables_in_the_cell_of_a_build_are_not_expanded(
    shell: InteractiveShell, calls: Calls
) -> None:
    shell.user_ns["base"] = "alpine"
    dockerfile = "FROM {base}\nRUN echo ${HOME} $base\n"
    shell.run_cell_magic("build", "-t {base}:1", dockerfile)
    [(_, options)] = calls
    assert options["tag"] == ("alpine:1",)
    assert options["dockerfile"] == dockerfile
