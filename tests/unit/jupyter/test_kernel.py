"""The kernel that the code runs in is recognised, and so is the application that runs it."""

import sys
from types import ModuleType, SimpleNamespace

import IPython
import pytest

from imagewidget.jupyter.kernel import cell, is_colab, is_headless, kernel


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A kernel whose user can be asked for input."""
    running = SimpleNamespace(_allow_stdin=True)
    shell = SimpleNamespace(kernel=running, execution_count=3)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return running


def test_outside_of_a_notebook_there_is_no_kernel() -> None:
    assert kernel() is None
    assert cell() is None
    assert not is_headless()
    assert not is_colab()


def test_in_a_notebook_the_running_cell_has_a_number(running: SimpleNamespace) -> None:
    assert kernel() is running
    assert cell() == 3


def test_a_kernel_that_allows_no_input_is_headless_except_in_voila(
    running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_headless()
    running._allow_stdin = False
    assert is_headless()
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert not is_headless()


def test_colab_is_recognised_by_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert is_colab()
