"""Which front ends are asked for a widget view, and which are given HTML."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import IPython
import pytest

from imagewidget.jupyter.host import needs_view

Run = Callable[..., None]

MARKS = (
    "JPY_SESSION_NAME",
    "VSCODE_PID",
    "PYCHARM_HOSTED",
    "DATABRICKS_RUNTIME_VERSION",
    "DEEPNOTE_PROJECT_ID",
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the test in a kernel with this environment, by a request with this metadata."""
    for name in MARKS:
        monkeypatch.delenv(name, raising=False)

    def run(metadata: Any = None, **environment: str) -> None:
        request = {"header": {}, "metadata": metadata or {}}
        kernel = SimpleNamespace(get_parent=lambda channel: {"shell": request}[channel])
        monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return run


def test_without_a_kernel_the_widget_is_displayed_itself() -> None:
    assert needs_view()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"JPY_SESSION_NAME": "/notebooks/book.ipynb"},
        {"JPY_SESSION_NAME": "/notebooks/book.ipynb", "VSCODE_PID": "7"},  # a terminal of VS Code
    ],
)
def test_jupyter_is_given_html(run: Run, environment: dict[str, str]) -> None:
    run({"cellId": "0f3b"}, **environment)
    assert not needs_view()


@pytest.mark.parametrize(
    ("metadata", "environment"),
    [
        ({}, {"VSCODE_PID": "7"}),
        ({}, {"JPY_SESSION_NAME": "/notebooks/book-jvsc-8c2d0a4e.ipynb"}),
        ({"cellId": "vscode-notebook-cell:/notebooks/book.ipynb#W0sZmlsZQ%3D%3D"}, {}),
        ({}, {"PYCHARM_HOSTED": "1"}),
    ],
)
def test_other_applications_are_asked_for_a_view(
    run: Run, metadata: dict[str, str], environment: dict[str, str]
) -> None:
    run(metadata, **environment)
    assert needs_view()


def test_colab_is_asked_for_a_view(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    assert not needs_view()
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert needs_view()


def test_a_kernel_that_keeps_no_requests_is_given_html(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    for kernel in (SimpleNamespace(), SimpleNamespace(get_parent=lambda _: {})):
        shell = SimpleNamespace(kernel=kernel)
        monkeypatch.setattr(IPython, "get_ipython", lambda shell=shell: shell)
        assert not needs_view()
