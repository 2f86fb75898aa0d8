"""`make test` runs a fixed sample of the large tables, and `make matrix` all of their rows."""

from __future__ import annotations

import pytest

from tests.conftest import pytest_plugins as plugins

TABLES = """
import pytest

@pytest.mark.sample(every=3)
@pytest.mark.parametrize("engine", ["one", "two"])
@pytest.mark.parametrize("row", range(4))
def test_every_third(row, engine): pass

@pytest.mark.sample(engine="two")
@pytest.mark.parametrize("engine", ["one", "two"])
def test_one_engine(engine): pass

@pytest.mark.matrix
def test_never(): pass

ENGINES = ["new", "newer", pytest.param("old", marks=pytest.mark.compatibility)]

@pytest.mark.sample(every=2)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", range(3))
def test_old_rows_have_a_sample_of_their_own(row, engine): pass

@pytest.mark.old_engines
@pytest.mark.parametrize("engine", ENGINES)
def test_an_old_engine(engine): pass

def test_always(): pass
"""
SAMPLE = [
    "test_every_third[0-one]",
    "test_every_third[1-two]",
    "test_every_third[3-one]",
    "test_one_engine[two]",
    "test_old_rows_have_a_sample_of_their_own[0-new]",
    "test_old_rows_have_a_sample_of_their_own[1-new]",
    "test_old_rows_have_a_sample_of_their_own[2-new]",
    "test_an_old_engine[new]",
    "test_an_old_engine[newer]",
    "test_an_old_engine[old]",
    "test_always",
]
OLD = [
    "test_old_rows_have_a_sample_of_their_own[0-old]",
    "test_old_rows_have_a_sample_of_their_own[2-old]",
    "test_an_old_engine[old]",
]


def collected(
    directory: pytest.Pytester, source: str, selection: str
) -> tuple[pytest.RunResult, list[str]]:
    """Collect the tests of a file, and return the names of those that would run."""
    directory.makepyfile(source)
    found = directory.runpytest("-p", "tests.sample", "--collect-only", "-q", "-m", selection)
    return found, [line.partition("::")[2] for line in found.outlines if "::" in line]


def usual(config: pytest.Config) -> str:
    """Return what `make test` selects."""
    options: list[str] = config.getini("addopts")
    return options[options.index("-m") + 1]


def test_the_rows_outside_the_sample_are_in_the_matrix(
    pytester: pytest.Pytester, pytestconfig: pytest.Config
) -> None:
    assert "tests.sample" in plugins
    assert collected(pytester, TABLES, usual(pytestconfig))[1] == SAMPLE
    everything = collected(pytester, TABLES, "")[1]
    assert len(everything) == 24
    whole = [name for name in everything if "always" not in name and "an_old" not in name]
    assert collected(pytester, TABLES, "matrix or sample")[1] == whole


def test_the_rows_of_old_engines_are_for_compatibility(pytester: pytest.Pytester) -> None:
    assert collected(pytester, TABLES, "compatibility and not matrix")[1] == OLD


def test_a_sample_of_an_unknown_parameter_is_an_error(pytester: pytest.Pytester) -> None:
    source = TABLES.replace('sample(engine="two")', 'sample(engin="two")')
    result, _ = collected(pytester, source, "not matrix")
    assert "has no parameter engin" in result.stderr.str() + result.stdout.str()
