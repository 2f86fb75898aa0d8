"""The magics read as the shell commands they stand for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from imagewidget import api

Calls = list[tuple[str, tuple[Any, ...], dict[str, Any]]]


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "imagewidget")
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Watch the verbs, whose work other tests see on real engines."""
    calls: Calls = []
    for name in ("pull", "build", "provision"):

        def verb(*args: Any, _name: str = name, **options: Any) -> str:
            calls.append((_name, args, options))
            return "the job"

        monkeypatch.setattr(api, name, verb)
    return calls


def test_pull_takes_registries_and_gives_the_job(shell: InteractiveShell, calls: Calls) -> None:
    line = "owner/env:1 --registry ghcr.io --registry docker.io --platform linux/arm64"
    assert shell.run_line_magic("pull", line) == "the job"
    options = {"registries": ["ghcr.io", "docker.io"], "platform": "linux/arm64"}
    assert calls == [("pull", ("owner/env:1",), options)]


def test_a_line_builds_a_folder(shell: InteractiveShell, calls: Calls) -> None:
    line = ". -t env:1 --build-arg A=1 --build-arg B --secret pip=pip.conf --no-cache"
    shell.run_line_magic("build", line)
    [(_, args, options)] = calls
    assert args == (".",)
    assert options["tag"] == "env:1"
    assert options["build_args"] == {"A": "1", "B": None}
    assert options["secrets"] == {"pip": Path("pip.conf")}
    assert options["no_cache"] is True
    assert options["dockerfile"] is None


def test_a_cell_is_a_dockerfile(shell: InteractiveShell, calls: Calls) -> None:
    shell.run_cell_magic("build", "-t env:1", "FROM scratch\n")
    [(_, args, options)] = calls
    assert args == (None,)
    assert options["dockerfile"] == "FROM scratch\n"


def test_a_cell_and_a_file_contradict_each_other(shell: InteractiveShell, calls: Calls) -> None:
    with pytest.raises(UsageError, match="leave out --file"):
        shell.run_cell_magic("build", "-t env:1 -f Dockerfile", "FROM scratch\n")
    assert not calls


def test_provision_asks_the_documented_registries(shell: InteractiveShell, calls: Calls) -> None:
    shell.run_line_magic("provision", "owner/env:1")
    shell.run_line_magic("provision", "")
    registries = {"registries": ("ghcr.io", "docker.io")}
    assert calls == [
        ("provision", ("owner/env:1",), registries),
        ("provision", (None,), registries),
    ]
