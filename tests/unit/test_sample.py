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

def test_always(): pass
"""
SAMPLE = [
    "test_every_third[0-one]",
    "test_every_third[1-two]",
    "test_every_third[3-one]",
    "test_one_engine[two]",
    "test_always",
]


def collected(
    directory: pytest.Pytester, source: str, selection: str
) -> tuple[pytest.RunResult, list[str]]:
    """Collect the tests of a file, and return the names of those that would run."""
    directory.makepyfile(source)
    found = directory.runpytest("-p", "tests.sample", "--collect-only", "-q", "-m", selection)
    return found, [line.partition("::")[2] for line in found.outlines if "::" in line]


def test_the_rows_outside_the_sample_are_in_the_matrix(pytester: pytest.Pytester) -> None:
    assert "tests.sample" in plugins
    assert collected(pytester, TABLES, "not matrix")[1] == SAMPLE
    everything = collected(pytester, TABLES, "")[1]
    assert len(everything) == 12
    whole = [name for name in everything if name != "test_always"]
    assert collected(pytester, TABLES, "matrix or sample")[1] == whole


def test_a_sample_of_an_unknown_parameter_is_an_error(pytester: pytest.Pytester) -> None:
    source = TABLES.replace('sample(engine="two")', 'sample(engin="two")')
    result, _ = collected(pytester, source, "not matrix")
    assert "has no parameter engin" in result.stderr.str() + result.stdout.str()
